"""The statistics of the fitted studies, each computed in every world of a simulated cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calor.calibration.enrolment import Enrolled
from calor.core.streams import Stream
from calor.population.diary import DiaryHabits, blinded_change
from calor.population.patients import Numbers
from calor.study.fitted import TargetEntry

FEWEST = 8
"""A world with fewer enrolled people gives no statistic."""

RESPONSE = 0.7
"""A responder has at most this share of the baseline's pain."""

SCORE_POINTS = 14.0


@dataclass(frozen=True)
class Course:
    """An arm's true outputs (n, n_days) on some study days (n_days,)."""

    days: Numbers
    outputs: Mapping[str, Numbers]

    def window(self, name: str, days: tuple[int, int]) -> Numbers:
        """Return the mean of an output over study days, (n,)."""
        inside = (self.days >= days[0]) & (self.days <= days[1])
        return np.asarray(self.outputs[name][:, inside].mean(axis=1))


def item_values(
    item: TargetEntry, people: Enrolled, courses: Mapping[str, Course], n_worlds: int, stream: Stream
) -> Numbers:
    """Return an item's statistic in every world (n_worlds,), NaN where too few people are enrolled."""
    per_person = _per_person(item, people, courses, stream)
    spread = item.statistic == "change_sd"
    found = np.full(n_worlds, np.nan)
    for world in range(n_worlds):
        own = per_person[people.patients.draws == world]
        own = own[np.isfinite(own)]
        if len(own) >= FEWEST:
            found[world] = own.std(ddof=1) if spread else own.mean()
    return found


def _per_person(
    item: TargetEntry, people: Enrolled, courses: Mapping[str, Course], stream: Stream
) -> Numbers:
    """Return what the statistic is the mean (or SD) of, for each person (n,)."""
    arm = courses[item.arm]
    if item.statistic == "share_above":
        assert item.variable is not None
        assert item.above is not None
        amount = arm.window(item.variable, item.days)
        return np.where(np.isfinite(amount), amount > item.above, np.nan)
    if item.statistic in {"contrast_mean", "score_contrast"}:
        assert item.control is not None
        level = _score if item.statistic == "score_contrast" else _pain
        return np.asarray(level(arm, item.days) - level(courses[item.control], item.days))
    if item.statistic == "responder_contrast":
        assert item.control is not None
        with_drug, without = (
            _responds(item, people, courses[name], stream) for name in (item.arm, item.control)
        )
        return with_drug - without
    if item.statistic == "responder_share":
        return _responds(item, people, arm, stream)
    return np.asarray(_measured(item, people, arm, stream) - people.baseline)


def _responds(item: TargetEntry, people: Enrolled, arm: Course, stream: Stream) -> Numbers:
    """Return 1 for each person with a response in an arm, else 0 (n,), NaN where unknown.

    Every arm of an item has the same fluctuation and noise: a contrast is within people.
    """
    measured = _measured(item, people, arm, stream)
    responds = np.asarray(measured <= RESPONSE * people.baseline, dtype=np.float64)
    return np.where(np.isfinite(measured), responds, np.nan)


def _pain(course: Course, days: tuple[int, int]) -> Numbers:
    return course.window("pain_nrs", days)


def _score(course: Course, days: tuple[int, int]) -> Numbers:
    """Return a 14-point score of pain, swelling and loss of grip in equal parts.

    A stand-in for the sensory, autonomic and motor score of kalita-2006, whose items were not read.
    """
    parts = (
        course.window("pain_nrs", days) / 10,
        np.minimum(course.window("oedema", days), 1.0),
        1.0 - course.window("grip_share", days),
    )
    return np.asarray(SCORE_POINTS * sum(parts) / len(parts))


def _measured(item: TargetEntry, people: Enrolled, arm: Course, stream: Stream) -> Numbers:
    """Return the mean of the diary over the item's days, as it would be measured (n,).

    The slow fluctuation is carried from screening to the window's middle; day noise is averaged.
    """
    habits = DiaryHabits.of(people.patients.values)
    numbers = people.patients.identifiers
    middle = sum(item.days) / 2
    keep = np.exp(-middle / habits.slow_time)
    scores = stream.child("item", item.id).normals(numbers, 2)
    slow = keep * people.slow + habits.slow_sd * np.sqrt(1 - keep**2) * scores[:, 0]
    n_days = item.days[1] - item.days[0] + 1
    noise = habits.day_noise * scores[:, 1] / np.sqrt(n_days)
    level = _pain(arm, item.days) + slow + noise
    if people.placebo_response:
        level = level + blinded_change(habits, np.array([middle]))[:, 0]
    return np.asarray(np.clip(level, 0, 10))
