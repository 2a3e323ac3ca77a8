"""The statistics of arms, on made-up people whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.enrolment import first_of_each_world
from calor.calibration.items import FEWEST, ArmOutputs, Diaries, item_values
from calor.core.streams import Stream
from calor.population.history import History
from calor.population.patients import Patients
from calor.population.screening import Screened
from calor.population.simulation import Standing
from calor.study import Covariate
from calor.study.fitted import TargetEntry

N, WORLDS = 600, 2
DAYS = np.arange(1.0, 41.0)
HABITS = {
    "diary_day_noise": 1.2,
    "diary_missing_share": 0.0,
    "slow_fluctuation_sd": 1.0,
    "slow_fluctuation_time": 30.0,
    "placebo_shift": -0.5,
    "placebo_onset_time": 3.0,
}
LEVEL = 5.0


def people() -> Screened:
    draws = np.repeat(np.arange(WORLDS), N // WORLDS)
    values = {name: np.full(N, value) for name, value in HABITS.items()}
    patients = Patients(np.arange(N), draws, values)
    standing = Standing(np.zeros((N, 0)), ())
    history = History(np.zeros((N, 1)), standing, np.zeros(N, dtype=np.int64), {})
    slow = Stream(1).normals(N, 1)[:, 0]
    return Screened(patients, history, slow, {Covariate.PAIN: LEVEL + slow}, np.ones(N, dtype=bool))


def diaries(*, placebo_response: bool = True) -> Diaries:
    return Diaries(people(), placebo_response, Stream(4))


def course(pain: float, variable: float = 0.0) -> ArmOutputs:
    flat = np.ones((N, len(DAYS)))
    return ArmOutputs(
        DAYS,
        {
            "pain_nrs": pain * flat,
            "oedema": 0.2 * flat,
            "guarding": 0.7 * flat,
            "autoantibody_igm": variable * flat,
        },
    )


def item(statistic: str, **more: object) -> TargetEntry:
    given = {
        "id": "x", "statistic": statistic, "arm": "drug", "days": (10, 19),
        "published": {"printed": 0.0, "grade": "verified", "from": "x"},
        "standard_error": 1.0, "bias_sd": 0.0, "error_from": "x", "says": "x",
    }  # fmt: skip
    return TargetEntry.model_validate(given | more)


def values(
    which: TargetEntry,
    pain: float = LEVEL,
    control: float = LEVEL,
    variable: float = 0.0,
    *,
    placebo_response: bool = True,
) -> np.ndarray:
    courses = {"drug": course(pain, variable), "placebo": course(control)}
    return item_values(which, diaries(placebo_response=placebo_response), courses, WORLDS)


def test_a_contrast_is_the_difference_of_the_levels() -> None:
    found = values(item("contrast_mean", control="placebo"), pain=3.0)
    assert found == pytest.approx([-2.0, -2.0])


def test_pain_has_five_of_the_fourteen_points_of_the_score() -> None:
    found = values(item("score_contrast", control="placebo"), pain=3.5)
    assert found == pytest.approx([5 * (0.35 - 0.5)] * WORLDS)


WINDOW = np.arange(10, 20)
KEPT = np.exp(-WINDOW / 30.0).mean()
"""The part of the slow fluctuation at screening that the mean over the window still holds."""


def test_a_change_holds_blinded_treatment_and_regression_to_the_mean() -> None:
    blinded = (-0.5 * (1 - np.exp(-(WINDOW - 0.5) / 3.0))).mean()
    error = 4 * np.sqrt(2.0 / (N / WORLDS))
    found = values(item("change_mean"))
    slow = people().slow_before.reshape(WORLDS, -1).mean(axis=1)
    assert found == pytest.approx(blinded + (KEPT - 1) * slow, abs=error)
    unblinded = values(item("change_mean"), placebo_response=False)
    assert unblinded - found == pytest.approx([-blinded] * WORLDS, abs=0.02)


def test_the_spread_of_changes_is_that_of_its_parts() -> None:
    """Slow fluctuation within the window, what it keeps of the baseline's, day noise and whole numbers."""
    within = np.exp(-np.abs(WINDOW[:, None] - WINDOW[None, :]) / 30.0).mean()
    expected = np.sqrt(within + 1 - 2 * KEPT + (1.2**2 + 1 / 12) / 10)
    assert values(item("change_sd")) == pytest.approx([expected] * WORLDS, rel=0.1)


def test_responders_are_those_with_thirty_percent_less() -> None:
    everybody = values(item("responder_share"), pain=0.2)
    nobody = values(item("responder_share"), pain=9.0, placebo_response=False)
    assert everybody == pytest.approx([1.0, 1.0], abs=0.03)
    assert nobody == pytest.approx([0.0, 0.0], abs=0.03)


def test_a_contrast_of_responders_is_the_difference_of_the_shares() -> None:
    which = item("responder_contrast", control="placebo")
    assert values(which, pain=0.2) == pytest.approx(
        values(item("responder_share"), pain=0.2) - values(item("responder_share")), abs=1e-12
    )
    assert values(which) == pytest.approx([0.0, 0.0])


def test_people_who_could_not_be_simulated_are_left_out() -> None:
    unknown = course(LEVEL, 0.2)
    unknown.outputs["pain_nrs"][::2] = np.nan
    unknown.outputs["autoantibody_igm"][::2] = np.nan
    courses = {"drug": unknown, "placebo": course(LEVEL)}
    share = item("share_above", variable="autoantibody_igm", above=0.1)
    assert item_values(share, diaries(), courses, WORLDS) == pytest.approx([1.0, 1.0])
    for statistic in ("responder_contrast", "contrast_mean"):
        which = item(statistic, control="placebo")
        assert item_values(which, diaries(), courses, WORLDS) == pytest.approx([0.0, 0.0])


def test_a_share_counts_who_lies_above() -> None:
    which = item("share_above", variable="autoantibody_igm", above=0.1)
    assert values(which, variable=0.2) == pytest.approx([1.0, 1.0])
    assert values(which, variable=0.05) == pytest.approx([0.0, 0.0])


def test_a_world_with_too_few_people_has_no_statistic() -> None:
    found = item_values(
        item("contrast_mean", control="placebo"),
        diaries(),
        {"drug": course(3.0), "placebo": course(5.0)},
        WORLDS + 1,
    )
    assert np.isnan(found[WORLDS])
    assert FEWEST <= N / WORLDS


def test_the_first_people_of_each_world_are_kept() -> None:
    everybody = people()
    kept = first_of_each_world(everybody, 3)
    assert kept.patients.draws.tolist() == [0, 0, 0, 1, 1, 1]
    assert kept.patients.identifiers.tolist() == [0, 1, 2, N // 2, N // 2 + 1, N // 2 + 2]
    assert kept.pain == pytest.approx(everybody.pain[[0, 1, 2, 300, 301, 302]])
    assert len(first_of_each_world(everybody, 10_000).patients) == N
