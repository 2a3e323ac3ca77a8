"""Rates that jump, at times and where the state says so: every backend finds the jump, however short."""

import numpy as np
import pytest

from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, BatchResult, Options, Status, Summary
from calor.engine.calendar import Action, Calendar
from tests.contracts import engine_models as models

USUAL = Options(rtol=1e-6, atol=1e-9)
TIGHT = Options(rtol=1e-9, atol=1e-12)
SPAN = 100.0


@pytest.fixture(params=["llvm", "reference"], scope="module")
def backend(request):
    return request.param


def run(system, backend, times, outputs, options=TIGHT, **fields) -> BatchResult:
    fields.setdefault("parameters", np.zeros((1, 0)))
    batch = Batch(save_at=np.asarray(times, dtype=float), outputs=tuple(outputs), **fields)
    return compile_kernel(system, backend).simulate(batch, options)


@pytest.mark.parametrize("width", [3.0, 1e-2, 1e-6])
def test_a_pulse_is_found_however_short(backend, width):
    ends = np.array([[1.0, 1.0 + width], [50.0, 50.0 + width], [97.3, 97.3 + width]])
    result = run(
        models.pulse(),
        backend,
        [0.5, SPAN],
        ["x"],
        USUAL,
        parameter_names=("from", "to"),
        parameters=ends,
    )
    exact = np.minimum(ends[:, 1], SPAN) - ends[:, 0]
    np.testing.assert_array_equal(result.outputs[:, 0, 0], 0.0)
    np.testing.assert_allclose(result.outputs[:, 1, 0], exact, rtol=1e-5, atol=2e-9)
    assert result.steps.max() < 1000


def test_no_pulse_of_hundreds_is_missed():
    random = np.random.default_rng(8)
    n = 400
    starts = random.uniform(0, SPAN, n)
    ends = np.minimum(starts + 10 ** random.uniform(-7, 1, n), SPAN)
    result = run(
        models.pulse(),
        "llvm",
        [SPAN],
        ["x"],
        USUAL,
        parameter_names=("from", "to"),
        parameters=np.stack([starts, ends], axis=1),
    )
    np.testing.assert_allclose(result.outputs[:, 0, 0], ends - starts, rtol=1e-5, atol=2e-9)


def test_pulses_that_come_again_are_all_found(backend):
    weekly = load_antimony("x' = piecewise(1, time - 7 * floor(time / 7) < 0.01, 0) - 0.1 * x; x = 0")
    result = run(weekly, backend, [SPAN], ["x"])
    starts = np.arange(0, SPAN, 7)
    each = 10 * (np.exp(-0.1 * (SPAN - starts - 0.01)) - np.exp(-0.1 * (SPAN - starts)))
    np.testing.assert_allclose(result.outputs[0, 0, 0], each.sum(), rtol=1e-7)


def test_a_narrow_band_of_a_state_is_not_stepped_over(backend):
    band = load_antimony("y' = -0.05 * y; y = 1; x' = piecewise(1000, y < 0.5 && y > 0.49999, 0); x = 0")
    result = run(band, backend, [SPAN], ["x"])
    np.testing.assert_allclose(result.outputs[0, 0, 0], 1000 * 20 * np.log(0.5 / 0.49999), rtol=1e-6)


def test_a_switch_that_the_state_throws_is_located(backend):
    # falls as 2 exp(-t/2) to 1, then slower: exp(-(t - t1)/10)
    model = load_antimony("x' = -piecewise(0.5, x > low, 0.1) * x; x = 2; low = 1")
    low = np.array([0.5, 1.0, 1.7])
    times = np.array([0.3, 1.4, 5.0, 20.0])
    result = run(model, backend, times, ["x"], parameter_names=("low",), parameters=low[:, None])
    thrown = 2 * np.log(2 / low)[:, None]
    exact = np.where(times < thrown, 2 * np.exp(-0.5 * times), low[:, None] * np.exp(-0.1 * (times - thrown)))
    np.testing.assert_allclose(result.outputs[:, :, 0], exact, rtol=1e-7)


def test_both_backends_agree_where_a_switch_is_thrown_again_and_again():
    model = load_antimony(
        "x' = v; x = 1; v' = -x - piecewise(0.3, x > 0.1 * y, -0.1) * v; v = 0; y = 1;"
        "y' = piecewise(-1, v > 0, 0.5, time < 20, 0.1 * sin(time))"
    )
    times = np.linspace(0, 40, 9)
    lanes, reference = (
        run(model, name, times, ["x", "y"], Options(rtol=1e-9, atol=1e-12)) for name in ("llvm", "reference")
    )
    np.testing.assert_allclose(lanes.outputs, reference.outputs, rtol=1e-6, atol=1e-7)


def test_what_lies_beyond_a_jump_may_be_no_number(backend):
    # Torricelli: the root of x falls along a parabola to nothing at t = 2, and there is no root beyond
    model = load_antimony("x' = -piecewise(sqrt(x), x > 0, 0); x = 1")
    result = run(model, backend, [1.0, 5.0], ["x"])
    assert result.status[0] == Status.FINISHED
    np.testing.assert_allclose(result.outputs[0, :, 0], [0.25, 0.0], atol=1e-7)


def test_rates_that_hold_the_state_where_they_jump_are_a_status(backend):
    result = run(load_antimony("x' = piecewise(1, x < 0.5, -1); x = 0"), backend, [0.4, 1.0], ["x"])
    np.testing.assert_allclose(result.outputs[0, 0, 0], 0.4)
    assert np.isnan(result.outputs[0, 1, 0])
    assert result.status[0] == Status.STEP_TOO_SMALL


def test_a_choice_between_parameters_is_no_jump_and_bounds_no_step():
    model = load_antimony("x' = -piecewise(k, k > limit, limit) * x; x = 1; k = 0.01; limit = 0.02")
    result = run(model, "llvm", [SPAN], ["x"], USUAL)
    np.testing.assert_allclose(result.outputs[0, 0, 0], np.exp(-2.0), rtol=1e-5)
    assert result.steps[0] < 30


def test_doses_and_jumps_meet(backend):
    model = load_antimony("x' = -piecewise(2, x > 5, 0.5, time > 3, 1); x = 9")
    calendar = Calendar.of((3.0, Action.ADD, "x", 4.0), (4.0, Action.RATE, "x", 0.25))
    result = run(model, backend, [1.0, 3.0, 4.0, 6.0], ["x"], calendars=(calendar,))
    # -2 to 5 at t = 2, -1 to 4 at t = 3, 4 more; -2 to 6 at t = 4, -1.75 to 5, -0.25 from there
    later = 5 - 0.25 * (2 - 1 / 1.75)
    np.testing.assert_allclose(result.outputs[0, :, 0], [7.0, 8.0, 6.0, later], rtol=1e-8)


def test_summaries_of_what_jumps_go_up_to_the_jump(backend):
    model = load_antimony("r := piecewise(3, x < 2, 1); x' = r; x = 0")
    kinds = {"mean": (2 / 3 * 3 + 4) / (14 / 3), "maximum": 3.0, "minimum": 1.0, "time_above": 2 / 3}
    summaries = tuple(Summary(kind, "r", 0.0, 14 / 3, threshold=2.0) for kind in kinds)
    result = run(model, backend, [0.0], [], summaries=summaries)
    np.testing.assert_allclose(result.summaries[0], list(kinds.values()), rtol=1e-6)


def test_summaries_of_an_output_that_alone_jumps_are_exact(backend):
    model = load_antimony("x' = -0.3 * x; x = 5; low := piecewise(1, x < 2.123, 0)")
    since = np.log(5 / 2.123) / 0.3
    kinds = {"auc": SPAN - since, "time_above": SPAN - since, "maximum": 1.0, "minimum": 0.0, "trough": 1.0}
    summaries = tuple(Summary(kind, "low", 0.0, SPAN, threshold=0.5) for kind in kinds)
    result = run(model, backend, [0.0], [], summaries=summaries)
    np.testing.assert_allclose(result.summaries[0], list(kinds.values()), rtol=1e-7)


def test_the_same_bits_whatever_order_threads_and_split():
    model = load_antimony(
        "x' = piecewise(0.3, x < low, 5, time > 2 && time < 2.01, 0) - k * x; x = 2; low = 1; k = 0.5"
    )
    n = 11
    values = np.random.default_rng(3).uniform([1.9, 0.1], [3, 0.9], (n, 2))

    def simulate(order, threads):
        return run(
            model,
            "llvm",
            np.linspace(0, 2.5, 6)
            * np.linspace(1, 2, n)[order, None],  # how long one lasts is its own affair
            ["x"],
            Options(rtol=1e-6, atol=1e-9, threads=threads),
            parameter_names=("low", "k"),
            parameters=values[order],
        )

    everyone, shuffled = np.arange(n), np.random.default_rng(4).permutation(n)
    first = simulate(everyone, 1)
    for order, threads in ((shuffled, 2), (everyone[2:7], 1), (everyone[10:], 2)):
        again = simulate(order, threads)
        assert np.array_equal(again.outputs, first.outputs[order], equal_nan=True)
        assert np.array_equal(again.steps, first.steps[order])
