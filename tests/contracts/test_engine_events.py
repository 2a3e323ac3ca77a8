"""Events, on every backend: what they see, how often they happen, how they end, and the same bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, BatchResult, Options, Status, Summary
from calor.engine.calendar import Action, Calendar


@pytest.fixture(params=["llvm", "reference"], scope="module")
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(backend: str, model: str, times: Sequence[float], *outputs: str, **fields: object) -> BatchResult:
    options = fields.pop("options", Options(rtol=1e-9, atol=1e-12, max_steps=2_000))
    batch = Batch(save_at=np.asarray(times, dtype=float), outputs=outputs, **fields)  # type: ignore[arg-type]
    return compile_kernel(load_antimony(model), backend).simulate(batch, options)  # type: ignore[arg-type]


def test_events_without_end_at_one_instant_are_a_status(backend: str) -> None:
    toggle = "x = 0; at (x < 0.5 && time >= 1): x = 1; at (x > 0.5): x = 0;"
    result = run(backend, toggle, [0.0, 2.0], "x")
    assert result.status[0] == Status.STEP_LIMIT
    assert result.outputs[0, 0, 0] == 0.0
    assert np.isnan(result.outputs[0, 1, 0])


@pytest.mark.parametrize(
    "model",
    [
        "x' = 1 / x; x = 0;",
        "x' = 1; x = 1 / 0;",
        "x' = 1e308 * x; x = 1;",
        "x' = ln(x); x = -1;",
        "x = 1; at (time >= 1): x = 1 / (time - time)",
    ],
)
def test_what_is_not_finite_is_a_status(backend: str, model: str) -> None:
    result = run(backend, model, [0.0, 1.0], "x")
    assert result.status[0] in (Status.NON_FINITE, Status.STEP_TOO_SMALL)
    assert np.isnan(result.outputs[0, 1, 0])


def test_instants_that_pile_up_are_a_status(backend: str) -> None:
    ball = "h = 1; v = 0; h' = v; v' = -10; at (h < 0), t0=false: v = -0.5 * v, h = 0;"
    result = run(backend, ball, [0.4, 5.0], "h")
    assert result.outputs[0, 0, 0] == pytest.approx(1 - 5 * 0.4**2)
    assert result.status[0] in (Status.STEP_LIMIT, Status.STEP_TOO_SMALL)


def test_doses_and_events_act_together(backend: str) -> None:
    model = "x' = -0.5 * x; x = 0; rescued = 0; at (x < 2 && time > 1): x = x + 4, rescued = rescued + 1;"
    calendar = Calendar.of((1.0, Action.ADD, "x", 8.0))
    result = run(backend, model, [1.0, 3.0, 4.0], "x", "rescued", calendars=(calendar,))
    rescue = 1 + 2 * np.log(4)
    later = 6 * np.exp(-0.5 * (4 - rescue))
    np.testing.assert_allclose(result.outputs[0, :, 0], [8.0, 8 * np.exp(-1), later], rtol=1e-7)
    np.testing.assert_array_equal(result.outputs[0, :, 1], [0, 0, 1])


def test_an_event_at_a_dose_sees_the_state_after_it(backend: str) -> None:
    model = "x' = 0; x = 0; seen = 0; at (x > 5): seen = x;"
    calendar = Calendar.of((1.0, Action.ADD, "x", 4.0), (1.0, Action.ADD, "x", 3.0))
    result = run(backend, model, [0.5, 1.0], "seen", calendars=(calendar,))
    assert result.outputs[0, :, 0].tolist() == [0.0, 7.0]


def test_summaries_go_through_jumps(backend: str) -> None:
    model = "x' = 1; x = 0; at (x >= 2): x = 0;"
    windows = [("mean", 1.0), ("auc", 8.0), ("maximum", 2.0), ("minimum", 0.0), ("time_above", 4.0)]
    summaries = tuple(Summary(kind, "x", 2.0, 10.0, threshold=1.0) for kind, _ in windows)  # type: ignore[arg-type]
    result = run(backend, model, [0.0], summaries=summaries)
    np.testing.assert_allclose(result.summaries[0], [value for _, value in windows], atol=1e-8)


def test_patients_differ_in_when_their_events_happen(backend: str) -> None:
    model = "x' = k; x = 0; k = 1; at (x >= 1): x = 0;"
    rates = np.array([[0.3], [0.7], [1.9]])
    result = run(backend, model, [4.0], "x", parameter_names=("k",), parameters=rates)
    np.testing.assert_allclose(result.outputs[:, 0, 0], (rates[:, 0] * 4.0) % 1.0, atol=1e-8)


def test_ties_are_drawn_by_the_same_lot_in_every_run_and_on_every_backend() -> None:
    model = """
    r' = 1; r = 0; a = 0; b = 0
    at (r >= 1), priority=1, persistent=false: r = 0, a = a + 1
    at (r >= 1), priority=1, persistent=false: r = 0, b = b + 1
    """
    first, second, third = (
        run(backend, model, [100.5], "a", "b").outputs[0, 0] for backend in ("llvm", "llvm", "reference")
    )
    assert first.sum() == 100
    assert 30 < first[0] < 70
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, third)


def test_a_state_that_rises_and_falls_is_caught_both_ways(backend: str) -> None:
    # a pharmacodynamic rescue: 100 mg whenever pain passes 6, at most every 2 days, while it is above
    model = """
    pain' = 0.8 - 0.5 * drug; pain = 4; drug' = -1.2 * drug; drug = 0; given = 0; last = -10
    at (pain > 6 && time - last > 2): drug = drug + 4, given = given + 1, last = time
    """
    times = np.array([2.4, 3.0, 4.6, 10.0, 30.0])
    pain, drug, given, last = run(backend, model, times, "pain", "drug", "given", "last").outputs[0].T
    np.testing.assert_allclose(pain, 4 + 0.8 * times - 0.5 * (4 * given - drug) / 1.2, rtol=1e-7)
    # the first when 4 + 0.8 t passes 6; the second 2 days later, for the first did not bring pain below 6
    np.testing.assert_allclose(last[:3], [-10.0, 2.5, 4.5], rtol=1e-9)
    np.testing.assert_array_equal(given[:3], [0, 1, 2])
    assert 6 < given[-1] <= 1 + (30 - 2.5) / 2


def test_executions_wait_in_the_order_in_which_they_fired(backend: str) -> None:
    # every unit of time fires an event that acts 5.5 later with the number of its firing: 5 wait at once
    model = """
    n = 0; seen = 0; total = 0
    at (time - n >= 1): n = n + 1
    late: at 5.5 after (time - n >= 1), fromTrigger=true: seen = n, total = total + 1
    """
    result = run(backend, model, [6.0, 6.6, 9.6, 20.6], "seen", "total")
    exact = [[0, 0], [0, 1], [3, 1], [14, 3]]  # total as it was at the firing, and 1
    np.testing.assert_allclose(result.outputs[0], exact)


def test_a_delay_may_be_cancelled_and_its_length_depend_on_the_state(backend: str) -> None:
    model = """
    x' = -x; x = 4; y' = 1; y = 0; hit = 0; missed = 0
    at x after (y >= 1), fromTrigger=false: hit = time
    at 2 after (x < 1 && y < 2), persistent=false: missed = time
    """
    result = run(backend, model, [10.0], "hit", "missed")
    np.testing.assert_allclose(result.outputs[0, 0], [1 + 4 * np.exp(-1), 0.0], rtol=1e-8)


def test_thousands_of_events_are_counted_exactly(backend: str) -> None:
    model = "x' = 1; x = 0; n = 0; at (x >= 0.01): x = 0, n = n + 1"
    result = run(backend, model, [20.005], "n", options=Options(max_steps=100_000))
    assert result.outputs[0, 0, 0] == 2000


MIXED = """
x' = -k * x + piecewise(0.4, time > 3 && time < 3.02, 0); x = 2; k = 0.4; n = 0; late = 0
rise: at (x < 0.7), priority=2: x = x + 1, n = n + 1
lower: at (x < 0.7), priority=1: k = 0.9 * k
wait: at 0.7 after (x > 1.5), fromTrigger=false: late = late + x
"""


def mixed(backend: str, order: np.ndarray, threads: int = 1) -> BatchResult:
    values = np.random.default_rng(5).uniform(0.2, 3.0, (11, 1))
    return run(
        backend,
        MIXED,
        np.linspace(0, 15, 8),
        "x",
        "n",
        "late",
        options=Options(rtol=1e-8, atol=1e-11, threads=threads),
        state_names=("k",),
        states=values[order],
        parameters=np.zeros((len(order), 0)),
        summaries=(Summary("auc", "x", 2.0, 14.0), Summary("time_above", "x", 2.0, 14.0, threshold=1.0)),
        calendars=(Calendar.of((5.0, Action.ADD, "x", 1.0), (6.0, Action.RATE, "x", 0.1)),),
    )


def test_both_backends_agree_on_events_of_every_kind() -> None:
    everyone = np.arange(11)
    lanes, reference = mixed("llvm", everyone), mixed("reference", everyone)
    assert np.all(lanes.status == Status.FINISHED)
    np.testing.assert_allclose(lanes.outputs, reference.outputs, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(lanes.summaries, reference.summaries, rtol=1e-5)


def test_the_same_bits_whatever_order_threads_and_split() -> None:
    everyone, shuffled = np.arange(11), np.random.default_rng(6).permutation(11)
    first = mixed("llvm", everyone)
    for order, threads in ((shuffled, 2), (everyone[3:8], 1), (everyone[10:], 2)):
        again = mixed("llvm", order, threads)
        for got, whole in (
            (again.outputs, first.outputs),
            (again.summaries, first.summaries),
            (again.final_states, first.final_states),
            (again.steps, first.steps),
        ):
            np.testing.assert_array_equal(got, whole[order])


def test_more_waiting_than_there_is_room_for_is_a_status_and_the_reference_has_room() -> None:
    model = "x' = 1; x = 0; n = 0; at (x >= 1): x = 0;" + 40 * "at 500 after (x >= 1): n = n + 1;"
    crowded = run("llvm", model, [24.5, 40.5], "x")
    np.testing.assert_allclose(crowded.outputs[0, 0, 0], 0.5, atol=1e-9)
    assert crowded.status[0] == Status.NO_ROOM_FOR_EVENTS
    assert np.isnan(crowded.outputs[0, 1, 0])
    assert run("reference", model, [24.5, 40.5], "x").status[0] == Status.FINISHED


def test_a_patient_whose_events_never_end_disturbs_no_other(backend: str) -> None:
    model = "y' = -y; y = 1; x = 0; bad = 0; at (x < bad && time >= 1): x = 1; at (x > 0.5): x = 0;"
    result = run(
        backend, model, [2.0], "y", parameter_names=("bad",), parameters=np.array([[0.0], [0.5], [0.0]])
    )
    assert result.status.tolist() == [Status.FINISHED, Status.STEP_LIMIT, Status.FINISHED]
    np.testing.assert_allclose(result.outputs[[0, 2], 0, 0], np.exp(-2.0), rtol=1e-8)
