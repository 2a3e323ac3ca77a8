"""Triggers that ask whether something moving equals something, on every backend: found where it passes."""

from __future__ import annotations

import numpy as np
import pytest

from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, BatchResult, Options, Status
from calor.engine.calendar import Action, Calendar

GROWING, CIRCLE = "n = 0; x = 0; x' = 1; ", "n = 0; s = 0; s' = c; c = 1; c' = -s; "


@pytest.fixture(params=["llvm", "reference"], scope="module")
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(backend: str, model: str, times: list[float], *outputs: str, **fields: object) -> BatchResult:
    batch = Batch(save_at=np.array(times), outputs=outputs, **fields)  # type: ignore[arg-type]
    return compile_kernel(load_antimony(model), backend).simulate(batch, Options(rtol=1e-8, atol=1e-11))


@pytest.mark.parametrize(
    ("model", "end", "times"),
    [
        ("n = 0; x = 0; x' = 0; at (time - 24 * floor(time / 24) == 0.1): n = n + 1", 100.0, 5),
        (GROWING + "at (rem(time, 0.7) == 0.3): n = n + 1", 10.0, 14),
        (GROWING + "at (time == 3.3): n = n + 1", 5.0, 1),
        (GROWING + "at (x == 3.3): n = n + 1", 5.0, 1),
        ("n = 0; x = 5; x' = -1.3 * x; at (3.3 == x): n = n + 1", 5.0, 1),
        ("n = 0; x = 5; x' = -1.3 * x; at (2 * x - 6.6 == 0): n = n + 1", 5.0, 1),
        (CIRCLE + "at (s == 0.5): n = n + 1", 20.0, 7),  # sin t = 0.5 at 0.52, 2.62, and each 2 pi later
        (CIRCLE + "at (s == 0.5 && c > 0): n = n + 1", 20.0, 4),  # where it rises
        # the remainder jumps onto 0, and never reaches what it jumps from
        (GROWING + "at (time - 0.7 * floor(time / 0.7) == 0): n = n + 1", 100.0, 142),
        (GROWING + "at (time - 24 * floor(time / 24) == 0): n = n + 1", 100.0, 4),
        (GROWING + "at (time - 24 * floor(time / 24) == 24): n = n + 1", 100.0, 0),
        # what jumps over it is never equal
        (GROWING + "y := 10 * floor(x); at (y == 5): n = n + 1", 5.0, 0),
        (GROWING + "y := 10 * floor(x); at (y == 30): n = n + 1", 5.5, 1),
        # not equal: false in the one instant, true before and after
        (GROWING + "at (x != 3.3): n = n + 1", 5.0, 1),
        (GROWING + "at !(x == 3.3): n = n + 1", 5.0, 1),
        # an execution that waits and persists, and one that is cancelled since the trigger falls at once
        (GROWING + "at 1 after (x == 3.3): n = n + 1", 5.0, 1),
        (GROWING + "at 1 after (x == 3.3), persistent = false: n = n + 1", 5.0, 0),
        # sides that are functions of time may touch: sin is 1 at pi / 2 and each 2 pi later
        (GROWING + "at (sin(time) == 1): n = n + 1", 20.0, 3),
        (GROWING + "at (sin(time) != 1): n = n + 1", 20.0, 3),
        (GROWING + "at (sin(time) == 1.0000001): n = n + 1", 20.0, 0),
        (GROWING + "at (sin(time) == 0.9999999): n = n + 1", 20.0, 6),
        (GROWING + "at (sin(time)^2 == 0): n = n + 1", 10.0, 3),  # at each pi
        (GROWING + "at (abs(time - 3.3) == 0): n = n + 1", 5.0, 1),
        (GROWING + "at ((0.1 * time - 0.33)^2 == 0): n = n + 1", 5.0, 1),
        (
            "n = 0; k = 0; at (time > 1): k = 1; at (sin(time) == k): n = n + 1",
            6.0,
            1,
        ),  # before 1 at 0 as well
        # well apart from its top, s passes twice in each turn: sin t = 0.999 at 1.526, 1.616, and 2 pi later
        (CIRCLE + "at (s == 0.999): n = n + 1", 20.0, 6),
        # a rate may be made of the same parts as the sides
        ("n = 0; x = 0; x' = abs(x) + 3.3; at (x == 3.3): n = n + 1", 1.0, 1),
        # what events set is equal without moving
        (GROWING + "at (x == 3.3): n = 1; at (n == 1): n = 7", 5.0, 7),
        ("n = 0; x = 0; x' = 0; at (time > 2): x = 3; at (x == 3): n = n + 1", 5.0, 1),
    ],
)
def test_it_fires_as_often_as_they_are_equal(backend: str, model: str, end: float, times: int) -> None:
    assert run(backend, model, [end], "n").outputs[0, 0, 0] == times


@pytest.mark.parametrize("trigger", ["s == 1", "1 == s", "s != 1", "s + 0.00000001 == 1", "s * c == 0.5"])
def test_whether_a_solution_touches_cannot_be_told_and_is_not_guessed(backend: str, trigger: str) -> None:
    # s = sin t and s c = sin(2 t) / 2 are known to some 1e-8: they may be passed twice or never
    result = run(backend, CIRCLE + f"at ({trigger}): n = n + 1", [0.7, 10.0], "n")
    assert result.status[0] == Status.TOUCHING
    top = np.pi / 4 if "c" in trigger else np.pi / 2
    np.testing.assert_allclose(result.reached[0], top, rtol=1e-6)
    assert result.outputs[0, 0, 0] == 0


def test_it_touches_where_it_does(backend: str) -> None:
    result = run(backend, GROWING + "last = 0; at (sin(time) == 1): last = time", [2.0, 9.0], "last")
    np.testing.assert_allclose(result.outputs[0, :, 0], np.pi / 2 * np.array([1, 5]), atol=2e-8)


def test_it_fires_where_they_are_equal(backend: str) -> None:
    model = CIRCLE + "last = 0; at (s == 0.5): n = n + 1, last = time"
    result = run(backend, model, [2.0, 4.0, 8.0], "last")
    np.testing.assert_allclose(result.outputs[0, :, 0], np.pi / 6 * np.array([1, 5, 13]), rtol=1e-7)


def test_a_dose_over_it_is_no_passage_and_a_dose_onto_it_is_equal(backend: str) -> None:
    model = "n = 0; x = 0; x' = 0; at (x == 3): n = n + 1"
    for dose, times in ((5.0, 0), (3.0, 1)):
        calendar = Calendar.of((1.0, Action.ADD, "x", dose))
        assert run(backend, model, [2.0], "n", calendars=(calendar,)).outputs[0, 0, 0] == times


def test_a_dose_at_the_same_time_changes_nothing(backend: str) -> None:
    model = "n = 0; y = 0; y' = 0; at (rem(time, 0.7) == 0.3): n = n + 1"
    calendar = Calendar.of(*((0.3 + 0.7 * i, Action.ADD, "y", 1.0) for i in range(14)))
    assert run(backend, model, [10.0], "n", "y", calendars=(calendar,)).outputs[0, 0].tolist() == [14, 14]


def test_the_same_bits_whatever_order_threads_and_split() -> None:
    kernel = compile_kernel(load_antimony(CIRCLE + "k = 1; at (s == 0.3 * k): n = n + k, c = c + 0.1"))
    values = np.linspace(0.5, 1.7, 9)[:, None]

    def simulate(order: np.ndarray, threads: int) -> np.ndarray:
        batch = Batch(np.array([3.0, 30.0]), ("n", "s"), ("k",), values[order], start=order / 10.0)
        return kernel.simulate(batch, Options(threads=threads)).outputs

    everyone = simulate(np.arange(9), 1)
    for order, threads in ((np.random.default_rng(2).permutation(9), 2), (np.arange(3, 8), 1)):
        np.testing.assert_array_equal(simulate(order, threads), everyone[order])
