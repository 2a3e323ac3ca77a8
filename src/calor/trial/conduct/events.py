"""Intercurrent events: stopping the treatment, taking rescue, being lost; and what each does to the course.

A patient who stops goes on along the course without the later doses, and one who takes a rescue drug along
the course with its doses, both solved anew for that day. A rescue that is no drug lowers reported pain from
its day on. What is lost is not seen.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.streams import Stream
from calor.study import REFERENCE_PAIN
from calor.trial.bank.bank import Bank
from calor.trial.conduct.roster import Positions
from calor.trial.protocols.event_rules import EventRules


@dataclass(frozen=True)
class Events:
    """What happened to some patients (m,).

    `stop` and `rescue` are the columns of the bank's courses that the patient follows (0: never). `stopped`,
    `rescued` and `lost` are study times in days, infinite where it did not happen.
    """

    stop: Positions
    rescue: Positions
    stopped: Numbers
    rescued: Numbers
    lost: Numbers


def events_of(
    rules: EventRules,
    bank: Bank,
    sequence: int,
    people: Positions,
    keys: Positions,
    stream: Stream,
    without: Collection[str] = (),
) -> Events:
    """Return the events of people on a sequence.

    Each event comes when its cumulative hazard passes an exponential number of mean 1. Arguments: the rules;
    the bank; the sequence; the bank positions of the people and the numbers that key them (m,); the stream of
    their sequence; and which events are supposed not to happen.
    """
    course = bank.course_of[sequence]
    stop = rescue = np.zeros(len(people), dtype=np.int64)
    stopped = rescued = np.full(len(people), np.inf)
    if "stopping" not in without:
        stop, stopped = _stopping(rules, bank, sequence, people, course[stop, rescue], keys, stream)
    if "rescue" not in without:
        rescue, rescued = _rescue(rules, bank, people, course[stop, rescue], keys, stream)
    if bank.rescue_days and not without:
        # Nothing changes until the rescue drug starts; from then on the hazard of stopping is another.
        whole = np.zeros_like(stop)
        stop, stopped = _stopping(rules, bank, sequence, people, course[whole, rescue], keys, stream)
    lost = _loss(rules, bank, people, course[stop, rescue], keys, stream)
    return Events(stop, rescue, stopped, rescued, lost)


def _stopping(
    rules: EventRules,
    bank: Bank,
    sequence: int,
    people: Positions,
    course: Positions,
    keys: Positions,
    stream: Stream,
) -> tuple[Positions, Numbers]:
    """Return the column of the stop day and the time of stopping, along a course of each (m,)."""
    stopping = rules.stopping
    if stopping is None or not bank.stop_days:
        return np.zeros(len(people), dtype=np.int64), np.full(len(people), np.inf)
    pain = bank.pain[course, people]
    rate = np.full(pain.shape, stopping.per_month / DAYS_PER_MONTH)
    rate *= _by_pain(stopping.log_hazard_per_point, pain)
    rate += rules.side_effects[sequence]
    return _next_day(_first(rate, _exponential(stream, "stopping", keys)), bank.stop_days)


def _rescue(
    rules: EventRules, bank: Bank, people: Positions, course: Positions, keys: Positions, stream: Stream
) -> tuple[Positions, Numbers]:
    """Return the column of the rescue day (0 where rescue is no drug) and the time of rescue, (m,) each."""
    rescue = rules.rescue
    none = np.zeros(len(people), dtype=np.int64)
    if rescue is None:
        return none, np.full(len(people), np.inf)
    pain = bank.pain[course, people]
    rate = rescue.per_month / DAYS_PER_MONTH * _by_pain(rescue.log_hazard_per_point, pain)
    felt = _first(rate, _exponential(stream, "rescue", keys))
    return _next_day(felt, bank.rescue_days) if bank.rescue_days else (none, felt)


def _loss(
    rules: EventRules, bank: Bank, people: Positions, course: Positions, keys: Positions, stream: Stream
) -> Numbers:
    """Return the time of loss to follow-up, (m,)."""
    waited = _exponential(stream, "loss", keys)
    slope = rules.loss_per_point
    if slope:
        return _first(bank.loss_per_day[people][:, None] * _by_pain(slope, bank.pain[course, people]), waited)
    with np.errstate(divide="ignore"):
        return np.asarray(rules.loss_from + waited / bank.loss_per_day[people])


def _next_day(felt: Numbers, days: tuple[int, ...]) -> tuple[Positions, Numbers]:
    """Return the column (from 1; 0: none) and the time of the next of some study days after a time, (m,)."""
    times = np.array([*days, np.inf]) - 1.0
    place = np.searchsorted(times[:-1], felt, side="left")
    at = np.where(np.isfinite(felt), times[place], np.inf)
    return np.where(np.isfinite(at), place + 1, 0), at


def _exponential(stream: Stream, name: str, keys: Positions) -> Numbers:
    return np.asarray(-np.log(stream.child(name).uniforms(keys, 1)[:, 0]))


def _by_pain(slope: float, pain: Numbers) -> Numbers:
    """Return the factor of a hazard by true pain, exp(slope (pain - 5)), (m, n_days)."""
    return np.asarray(np.exp(slope * (pain - REFERENCE_PAIN)))


def _first(rate_per_day: Numbers, threshold: Numbers) -> Numbers:
    """Return when the cumulative hazard passes a threshold, infinite where it does not.

    Arguments: hazard on each study day (m, n_days), thresholds (m,). Within a day the hazard is constant.
    """
    cumulative = np.cumsum(rate_per_day, axis=1)
    day = (cumulative < threshold[:, None]).sum(axis=1)
    happened = day < rate_per_day.shape[1]
    at = np.minimum(day, rate_per_day.shape[1] - 1)[:, None]
    within = np.take_along_axis(rate_per_day, at, axis=1)[:, 0]
    left = threshold - (np.take_along_axis(cumulative, at, axis=1)[:, 0] - within)
    share = np.divide(left, within, out=np.zeros_like(left), where=within > 0)
    return np.where(happened, day + share, np.inf)
