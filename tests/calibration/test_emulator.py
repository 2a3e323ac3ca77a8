"""The emulator learns what can be learnt, says how far it is off, and ignores what cannot matter."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.emulator import train
from calor.core.arrays import Numbers
from calor.core.errors import CalorError
from calor.core.streams import Stream

STREAM = Stream(7)
POINTS = STREAM.child("train").normals(300, 20)
FRESH = STREAM.child("fresh").normals(500, 20)
EVERYTHING = np.ones((2, 20))
NOISE = 0.1


def linear(points: Numbers) -> Numbers:
    return np.asarray(2.0 + points[:, 0] - 0.5 * points[:, 3])


def curved(points: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-2 * points[:, 0])) + 0.3 * points[:, 1] * points[:, 0] + points[:, 1])


def noisy(points: Numbers) -> Numbers:
    noise = NOISE * STREAM.child("noise").normals(len(points), 2)
    return np.column_stack([linear(points), curved(points)]) + noise


def test_a_linear_summary_is_learnt_to_well_below_its_noise() -> None:
    found = train(POINTS, noisy(POINTS), EVERYTHING)
    error = found.predict(FRESH)[0][:, 0] - linear(FRESH)
    assert np.sqrt((error**2).mean()) < 0.5 * NOISE
    assert found.jacobian(np.zeros(20))[0, 0] == pytest.approx(1.0, abs=0.05)


def test_a_curved_summary_is_learnt_better_than_any_line_could() -> None:
    found = train(POINTS, noisy(POINTS), EVERYTHING)
    truth = curved(FRESH)
    design = np.column_stack([np.ones(len(FRESH)), FRESH])
    line = design @ np.linalg.lstsq(design, truth, rcond=None)[0]
    error = found.predict(FRESH)[0][:, 1] - truth
    assert (error**2).mean() < 0.5 * ((line - truth) ** 2).mean()


def test_the_error_it_states_is_the_error_on_fresh_points() -> None:
    values, stated = train(POINTS, noisy(POINTS), EVERYTHING).predict(FRESH)
    error = values - np.column_stack([linear(FRESH), curved(FRESH)])
    seen = (error**2).mean(axis=0) + NOISE**2
    assert stated.mean(axis=0) == pytest.approx(seen, rel=0.35)


def test_it_states_more_error_where_it_errs_more() -> None:
    """A summary that is noisy on one side of a score is stated to be, and not on the other."""
    noise = np.where(POINTS[:, 0] > 0, 0.8, 0.1) * STREAM.child("uneven").normals(len(POINTS), 1)[:, 0]
    values = np.column_stack([linear(POINTS) + noise] * 2)
    stated = np.sqrt(train(POINTS, values, EVERYTHING).predict(FRESH)[1][:, 0])
    assert np.median(stated[FRESH[:, 0] > 0.5]) > 2 * np.median(stated[FRESH[:, 0] < -0.5])


def test_a_score_that_cannot_move_a_summary_does_not() -> None:
    inputs = EVERYTHING.copy()
    inputs[0, 5:] = 0
    found = train(POINTS, noisy(POINTS), inputs)
    assert np.all(found.jacobian(FRESH[0])[0, 5:] == 0)


def test_points_without_a_summary_are_left_out_of_that_summary_alone() -> None:
    values = noisy(POINTS)
    values[::3, 1] = np.nan
    found = train(POINTS, values, EVERYTHING)
    whole = train(POINTS, noisy(POINTS), EVERYTHING)
    assert np.array_equal(found.predict(FRESH)[0][:, 0], whole.predict(FRESH)[0][:, 0])
    assert all(np.isfinite(part).all() for part in found.predict(FRESH))


def test_a_summary_that_never_varies_is_its_value() -> None:
    found = train(POINTS, np.full((300, 2), 4.0), EVERYTHING)
    values, errors = found.predict(FRESH)
    assert np.all(values == 4.0)
    assert np.all(errors == 0)


def test_a_summary_that_hardly_a_point_has_cannot_be_learnt() -> None:
    values = noisy(POINTS)
    values[4:, 1] = np.nan
    with pytest.raises(CalorError, match="only 4 of 300 points"):
        train(POINTS, values, EVERYTHING)
