"""What only the reference backend does: events, and rates that jump."""

from __future__ import annotations

import numpy as np
import pytest

from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, BatchResult, Options, Status, Summary
from calor.engine.calendar import Action, Calendar


def simulate(model: str, times: list[float], *outputs: str, **fields: object) -> BatchResult:
    batch = Batch(save_at=np.array(times), outputs=outputs, **fields)  # type: ignore[arg-type]
    options = Options(rtol=1e-9, atol=1e-12, max_steps=2_000)
    return compile_kernel(load_antimony(model), "reference").simulate(batch, options)


def test_events_without_end_at_one_instant_are_a_status() -> None:
    toggle = "x = 0; at (x < 0.5 && time >= 1): x = 1; at (x > 0.5): x = 0;"
    result = simulate(toggle, [0.0, 2.0], "x")
    assert result.status[0] == Status.STEP_LIMIT
    assert result.outputs[0, 0, 0] == 0.0
    assert np.isnan(result.outputs[0, 1, 0])


@pytest.mark.parametrize(
    "model", ["x' = 1 / x; x = 0;", "x' = 1; x = 1 / 0;", "x' = 1e308 * x; x = 1;", "x' = sqrt(x); x = -1;"]
)
def test_what_is_not_finite_is_a_status(model: str) -> None:
    result = simulate(model, [0.0, 1.0], "x")
    assert result.status[0] in (Status.NON_FINITE, Status.STEP_TOO_SMALL)
    assert np.isnan(result.outputs[0, 1, 0])


def test_rates_that_hold_the_state_where_they_jump_are_a_status() -> None:
    result = simulate("x' = piecewise(1, x < 0.5, -1); x = 0;", [0.4, 1.0], "x")
    assert result.outputs[0, 0, 0] == pytest.approx(0.4)
    assert np.isnan(result.outputs[0, 1, 0])
    assert result.status[0] == Status.STEP_TOO_SMALL


def test_instants_that_pile_up_are_a_status() -> None:
    ball = "h = 1; v = 0; h' = v; v' = -10; at (h < 0), t0=false: v = -0.5 * v, h = 0;"
    result = simulate(ball, [0.4, 5.0], "h")
    assert result.outputs[0, 0, 0] == pytest.approx(1 - 5 * 0.4**2)
    assert result.status[0] in (Status.STEP_LIMIT, Status.STEP_TOO_SMALL)


def test_doses_and_events_act_together() -> None:
    model = "x' = -0.5 * x; x = 0; rescued = 0; at (x < 2 && time > 1): x = x + 4, rescued = rescued + 1;"
    calendar = Calendar.of((1.0, Action.ADD, "x", 8.0))
    result = simulate(model, [1.0, 3.0, 4.0], "x", "rescued", calendars=(calendar,))
    rescue = 1 + 2 * np.log(4)
    later = 6 * np.exp(-0.5 * (4 - rescue))
    np.testing.assert_allclose(result.outputs[0, :, 0], [8.0, 8 * np.exp(-1), later], rtol=1e-7)
    np.testing.assert_array_equal(result.outputs[0, :, 1], [0, 0, 1])


def test_an_event_at_a_dose_sees_the_state_after_it() -> None:
    model = "x' = 0; x = 0; seen = 0; at (x > 5): seen = x;"
    calendar = Calendar.of((1.0, Action.ADD, "x", 4.0), (1.0, Action.ADD, "x", 3.0))
    result = simulate(model, [0.5, 1.0], "seen", calendars=(calendar,))
    assert result.outputs[0, :, 0].tolist() == [0.0, 7.0]


def test_summaries_go_through_jumps() -> None:
    model = "x' = 1; x = 0; at (x >= 2): x = 0;"
    windows = [("mean", 1.0), ("auc", 8.0), ("maximum", 2.0), ("minimum", 0.0), ("time_above", 4.0)]
    summaries = tuple(Summary(kind, "x", 2.0, 10.0, threshold=1.0) for kind, _ in windows)  # type: ignore[arg-type]
    result = simulate(model, [0.0], summaries=summaries)
    np.testing.assert_allclose(result.summaries[0], [value for _, value in windows], atol=1e-8)


def test_patients_differ_in_when_their_events_happen() -> None:
    model = "x' = k; x = 0; k = 1; at (x >= 1): x = 0;"
    rates = np.array([[0.3], [0.7], [1.9]])
    result = simulate(model, [4.0], "x", parameter_names=("k",), parameters=rates)
    np.testing.assert_allclose(result.outputs[:, 0, 0], (rates[:, 0] * 4.0) % 1.0, atol=1e-8)


def test_ties_are_drawn_by_the_same_lot_in_every_run() -> None:
    model = """
    r' = 1; r = 0; a = 0; b = 0
    at (r >= 1), priority=1, persistent=false: r = 0, a = a + 1
    at (r >= 1), priority=1, persistent=false: r = 0, b = b + 1
    """
    first, second = (simulate(model, [100.5], "a", "b").outputs[0, 0] for _ in range(2))
    assert first.sum() == 100
    assert 30 < first[0] < 70
    np.testing.assert_array_equal(first, second)
