"""The statistics of the fitted studies, each computed in every world of a simulated cohort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.population.diary import DiaryHabits, blinded_change, written_window
from calor.population.screening import Screened
from calor.population.shoulder_hand import NEEDED_OUTPUTS, shoulder_hand_score
from calor.study.fitted import TargetEntry

FEWEST = 8
"""A world with fewer enrolled people gives no statistic."""

RESPONSE = 0.7
"""A responder has at most this share of the baseline's pain."""


@dataclass(frozen=True)
class ArmOutputs:
    """An arm's true outputs (n, n_days) on some study days (n_days,)."""

    days: Numbers
    outputs: Mapping[str, Numbers]

    def window(self, name: str, days: tuple[int, int]) -> Numbers:
        """Return the mean of an output over study days, (n,)."""
        inside = (self.days >= days[0]) & (self.days <= days[1])
        return np.asarray(self.outputs[name][:, inside].mean(axis=1))


@dataclass(frozen=True)
class Diaries:
    """How the people of a study report.

    Arguments: the people; whether their reports hold the response to treatment as such; the random stream.
    """

    people: Screened
    placebo_response: bool
    stream: Stream

    def written(self, item: TargetEntry, arm: ArmOutputs) -> Numbers:
        """Return the mean of the diary over the item's days, as it would be written (n,).

        The diary is that of a trial: it goes on from the slow fluctuation of the last day of screening. Every
        arm of an item has the same fluctuation and noise: a contrast is within people.
        """
        people = self.people
        habits = DiaryHabits.of(people.patients.values)
        inside = (arm.days >= item.days[0]) & (arm.days <= item.days[1])
        days, level = arm.days[inside], arm.outputs["pain_nrs"][:, inside]
        if self.placebo_response:
            level = level + blinded_change(habits, days - 0.5)
        return written_window(
            habits,
            level,
            days.astype(np.int64),
            people.slow_before,
            self.stream.child("item", item.id),
            people.patients.identifiers,
        )


def item_values(
    item: TargetEntry, diaries: Diaries, courses: Mapping[str, ArmOutputs], n_worlds: int
) -> Numbers:
    """Return an item's statistic in every world (n_worlds,), NaN where too few people are enrolled."""
    per_person = _per_person(item, diaries, courses)
    spread = item.statistic == "change_sd"
    found = np.full(n_worlds, np.nan)
    for world in range(n_worlds):
        own = per_person[diaries.people.patients.draws == world]
        own = own[np.isfinite(own)]
        if len(own) >= FEWEST:
            found[world] = own.std(ddof=1) if spread else own.mean()
    return found


def _per_person(item: TargetEntry, diaries: Diaries, courses: Mapping[str, ArmOutputs]) -> Numbers:
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
        return _responds(item, diaries, arm) - _responds(item, diaries, courses[item.control])
    if item.statistic == "responder_share":
        return _responds(item, diaries, arm)
    return diaries.written(item, arm) - diaries.people.pain


def _responds(item: TargetEntry, diaries: Diaries, arm: ArmOutputs) -> Numbers:
    """Return 1 for each person with a response in an arm, else 0 (n,), NaN where unknown."""
    written = diaries.written(item, arm)
    responds = np.asarray(written <= RESPONSE * diaries.people.pain, dtype=np.float64)
    return np.where(np.isfinite(written), responds, np.nan)


def _pain(course: ArmOutputs, days: tuple[int, int]) -> Numbers:
    return course.window("pain_nrs", days)


def _score(course: ArmOutputs, days: tuple[int, int]) -> Numbers:
    return shoulder_hand_score(*(course.window(name, days) for name in NEEDED_OUTPUTS))
