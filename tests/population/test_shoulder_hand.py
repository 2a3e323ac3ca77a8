"""The shoulder-hand score: its points, its scale, its scatter, and who enters by it."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.population.screening import within_limits
from calor.population.shoulder_hand import measured_shoulder_hand_score, shoulder_hand_score
from calor.study import Covariate
from calor.study.population import Limits

MANY = 20_000


@pytest.mark.parametrize(
    ("pain", "oedema", "guarding", "points"),
    [(0, 0, 0, 0), (10, 0, 0, 5), (0, 1, 0, 3), (0, 0, 1, 6), (10, 1.7, 1, 14), (6, 0.5, 0.5, 7.5)],
)
def test_pain_has_five_points_swelling_three_and_motion_six(
    pain: float, oedema: float, guarding: float, points: float
) -> None:
    found = shoulder_hand_score(np.array([pain]), np.array([oedema]), np.array([guarding]))
    assert found == pytest.approx([points])


def measured(pain: float, oedema: float, guarding: float, scatter: float) -> np.ndarray:
    level = {"pain_nrs": pain, "oedema": oedema, "guarding": guarding}
    return measured_shoulder_hand_score(
        {name: np.full(MANY, value) for name, value in level.items()},
        {"shoulder_hand_visit_sd": np.full(MANY, scatter)},
        np.arange(MANY),
        Stream(3).child("visit"),
    )


def test_a_reading_scatters_around_the_score() -> None:
    found = measured(6, 0.5, 0.5, 0.8)
    assert found.mean() == pytest.approx(7.5, abs=4 * 0.8 / np.sqrt(MANY))
    assert found.std() == pytest.approx(0.8, rel=4 / np.sqrt(2 * MANY))


def test_a_reading_stays_on_the_scale() -> None:
    assert measured(10, 1, 1, 2.0).max() == 14
    assert measured(0, 0, 0, 2.0).min() == 0


def test_limits_hold_at_both_ends() -> None:
    covariates = {Covariate.PAIN: np.zeros(4), Covariate.SHOULDER_HAND: np.array([7.9, 8.0, 12.0, 12.1])}
    limits = {Covariate.SHOULDER_HAND: Limits(at_least=8, at_most=12)}
    assert within_limits(limits, covariates).tolist() == [False, True, True, False]
