"""Intercurrent events: stopping the treatment, taking rescue, being lost; and what each does to the course.

A patient who stops goes on along the course without the later doses (solved anew for that day). Rescue
lowers pain from its day on. What is lost is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.streams import Stream
from calor.population.patients import Numbers
from calor.trial.bank import Bank
from calor.trial.conduct.roster import Positions
from calor.trial.protocol import REFERENCE_PAIN, Protocol


@dataclass(frozen=True)
class Events:
    """What happened to some patients (m,).

    `stop` is the column of the bank's courses that the patient follows (0: never stopped). `stopped`,
    `rescued` and `lost` are study times in days, infinite where it did not happen.
    """

    stop: Positions
    stopped: Numbers
    rescued: Numbers
    lost: Numbers


def events_of(
    protocol: Protocol, bank: Bank, sequence: int, people: Positions, keys: Positions, stream: Stream
) -> Events:
    """Return the events of people on a sequence.

    Each event comes when its cumulative hazard passes an exponential number of mean 1. Arguments: the bank
    positions of the people and the numbers that key them (m,), and the stream of their sequence.
    """
    conduct = protocol.conduct
    stop = np.zeros(len(people), dtype=np.int64)
    stopped = rescued = np.full(len(people), np.inf)
    if conduct.stopping and bank.stop_days:
        pain = bank.pain[bank.course_of[sequence, 0], people]
        rate = np.full(pain.shape, conduct.stopping.per_month / DAYS_PER_MONTH)
        rate *= _by_pain(conduct.stopping.log_hazard_per_point, pain)
        rate += _side_effects(protocol, sequence, pain.shape[1])
        felt = _first(rate, _exponential(stream, "stopping", keys))
        visits = np.array([*bank.stop_days, np.inf]) - 1.0
        next_visit = np.searchsorted(visits[:-1], felt, side="left")
        stopped = np.where(np.isfinite(felt), visits[next_visit], np.inf)
        stop = np.where(np.isfinite(stopped), next_visit + 1, 0)
    course = bank.course_of[sequence, stop]
    if conduct.rescue:
        pain = bank.pain[course, people]
        rate = conduct.rescue.per_month / DAYS_PER_MONTH * _by_pain(conduct.rescue.log_hazard_per_point, pain)
        rescued = _first(rate, _exponential(stream, "rescue", keys))
    waited = _exponential(stream, "loss", keys)
    slope = conduct.dropout_log_hazard_per_point
    if slope:
        rate = bank.loss_per_day[people][:, None] * _by_pain(slope, bank.pain[course, people])
        lost = _first(rate, waited)
    else:
        with np.errstate(divide="ignore"):
            lost = waited / bank.loss_per_day[people]
    return Events(stop, stopped, rescued, lost)


def _exponential(stream: Stream, name: str, keys: Positions) -> Numbers:
    return np.asarray(-np.log(stream.child(name).uniforms(keys, 1)[:, 0]))


def _by_pain(slope: float, pain: Numbers) -> Numbers:
    """Return the factor of a hazard by true pain, exp(slope (pain - 5)), (m, n_days)."""
    return np.asarray(np.exp(slope * (pain - REFERENCE_PAIN)))


def _side_effects(protocol: Protocol, sequence: int, n_days: int) -> Numbers:
    """Return the hazard a day of stopping for side effects, by study day (n_days,)."""
    stopping = protocol.conduct.stopping
    hazards = stopping.side_effects_per_month if stopping else {}
    rate = np.zeros(n_days)
    for start, arm in zip(protocol.period_starts, protocol.sequences[sequence], strict=True):
        rate[int(start) :] = hazards.get(protocol.arms[arm].name, 0.0) / DAYS_PER_MONTH
    return rate


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
