"""Functions with an edge, on every backend: a solution may touch it, and ends where it would pass it."""

from __future__ import annotations

import numpy as np
import pytest

from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, BatchResult, Options, Status

TIGHT = Options(rtol=1e-9, atol=1e-12)


@pytest.fixture(params=["llvm", "reference"], scope="module")
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(backend: str, model: str, times: list[float], *outputs: str, **fields: object) -> BatchResult:
    batch = Batch(save_at=np.array(times), outputs=outputs, **fields)  # type: ignore[arg-type]
    return compile_kernel(load_antimony(model), backend).simulate(batch, TIGHT)


@pytest.mark.parametrize("root", ["sqrt(h)", "h^0.5", "h^(1/2)", "root(2, h)"])
@pytest.mark.parametrize("options", [TIGHT, Options(rtol=1e-3, atol=1e-6)])
def test_a_root_may_run_dry(backend: str, root: str, options: Options) -> None:
    model = load_antimony(f"h' = -{root}; h = 1")
    batch = Batch(np.array([1.0, 1.9, 2.0, 3.0, 9.0]), ("h",))
    result = compile_kernel(model, backend).simulate(batch, options)
    assert result.status[0] == Status.FINISHED
    exact = np.maximum(1 - batch.save_at / 2, 0) ** 2  # (1 - t / 2)^2, and nothing from 2 on
    np.testing.assert_allclose(result.outputs[0, :, 0], exact, atol=10 * options.rtol**0.8)


def test_other_roots_run_dry_too(backend: str) -> None:
    result = run(backend, "h' = -h^(1/3); h = 1; g' = -g^0.75; g = 1", [1.0, 4.5], "h", "g")
    # h^(2/3) = 1 - 2 t / 3, nothing from 1.5 on; g^(1/4) = 1 - t / 4, nothing from 4 on
    exact = [[(1 / 3) ** 1.5, 0.75**4], [0.0, 0.0]]
    np.testing.assert_allclose(result.outputs[0], exact, atol=1e-7)


def test_an_arc_function_may_touch_its_edge(backend: str) -> None:
    model = "c' = -s; c = 1; s' = c; s = 0; y' = arccos(c); y = 0; z' = arcsin(s); z = 0"
    result = run(backend, model, [10.0], "y", "z")
    # arccos(cos t) goes up to pi and down again; the integral of arcsin(sin t) over whole turns is nothing
    rest = 10 - 2 * np.pi
    late = np.pi**2 / 4 - (rest - np.pi) ** 2 / 2 if rest > np.pi / 2 else rest**2 / 2
    np.testing.assert_allclose(result.outputs[0, 0, 0], np.pi**2 + _triangle(rest), rtol=1e-6)
    np.testing.assert_allclose(result.outputs[0, 0, 1], late, rtol=1e-5)


def _triangle(rest: float) -> float:
    """Return the integral of arccos(cos t) from 0 to what is left of a turn."""
    return rest**2 / 2 if rest < np.pi else np.pi**2 / 2 + (rest - np.pi) * (3 * np.pi - rest) / 2


@pytest.mark.parametrize("function", ["sqrt(x)", "x^0.5", "arcsin(x - 1)", "arccosh(x + 1)"])
def test_what_passes_its_edge_ends_there(backend: str, function: str) -> None:
    result = run(backend, f"x' = -1; x = 1; y' = {function}; y = 0", [0.9, 4.0], "x")
    assert result.status[0] == Status.UNDEFINED
    assert 1.0 < result.reached[0] < 1.2
    np.testing.assert_allclose(result.outputs[0, :, 0], [0.1, np.nan], rtol=1e-9)


@pytest.mark.parametrize("function", ["sqrt(x)", "x^1.5", "arccos(x)"])
def test_what_begins_beyond_its_edge_never_begins(backend: str, function: str) -> None:
    result = run(backend, f"x' = 0 * {function}^2 + {function}; x = -2", [1.0], "x")
    assert result.status[0] == Status.UNDEFINED
    assert result.reached[0] == 0.0


@pytest.mark.parametrize("value", ["sqrt(k)", "k^0.5", "k^n", "arcsin(k)"])
def test_of_parameters_it_is_no_number(backend: str, value: str) -> None:
    result = run(backend, f"x' = {value} - x; x = 1; k = -2; n = 0.5", [1.0], "x")
    assert result.status[0] in (Status.NON_FINITE, Status.STEP_TOO_SMALL)


def test_whole_powers_of_what_is_negative_are_what_they_are(backend: str) -> None:
    result = run(backend, "x' = 0.1 * k^n * x^m; x = -1; k = -2; n = 3; m = 2", [1.0], "x")
    # x' = -0.8 x^2 from -1 on: 1 / x = -1 + 0.8 t
    np.testing.assert_allclose(result.outputs[0, 0, 0], 1 / (-1 + 0.8), rtol=1e-6)


@pytest.mark.parametrize("exponent", ["0.01", "n"])
def test_nothing_to_a_small_power_is_nothing(backend: str, exponent: str) -> None:
    model = f"""z = 0; z' = -z; k = 0; n = 0.01; of_state = 0; of_state' = z^{exponent}
    of_parameter = 0; of_parameter' = k^{exponent}; small = 1e-200; of_small = 0; of_small' = small^n"""
    result = run(backend, model, [1.0], "of_state", "of_parameter", "of_small")
    np.testing.assert_allclose(result.outputs[0, 0], [0.0, 0.0, 0.01], rtol=1e-12)  # (1e-200)^0.01


def test_nothing_to_a_negative_power_is_infinite(backend: str) -> None:
    result = run(backend, "x' = -x; x = 1; k = 0; n = -0.5; y := k^n", [1.0], "y")
    assert result.outputs[0, 0, 0] == np.inf


def test_a_power_of_no_number_is_none(backend: str) -> None:
    result = run(backend, "x' = -x; x = 1; n = -0.5; y := ln(x - 2)^n", [1.0], "y")
    assert np.isnan(result.outputs[0, 0, 0])


def test_a_lane_that_ends_disturbs_no_other() -> None:
    starts = np.array([[1.0], [5.0], [-1.0], [2.0], [9.0], [0.3], [7.0]])
    model = compile_kernel(load_antimony("x' = -1; x = 1; y' = -0.1 * y + sqrt(x); y = 0"))

    def simulate(order: np.ndarray, threads: int) -> BatchResult:
        batch = Batch(
            np.array([0.2, 4.0]),
            ("y",),
            parameters=np.zeros((len(order), 0)),
            state_names=("x",),
            states=starts[order],
        )
        return model.simulate(batch, Options(threads=threads))

    everyone = simulate(np.arange(7), 1)
    assert (everyone.status == Status.FINISHED).tolist() == [x > 4 for x in starts[:, 0]]
    order = np.array([6, 2, 0, 1, 5])
    again = simulate(order, 2)
    np.testing.assert_array_equal(again.outputs, everyone.outputs[order])
    np.testing.assert_array_equal(again.reached, everyone.reached[order])
