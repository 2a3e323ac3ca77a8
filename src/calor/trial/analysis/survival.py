"""Times to an event of two arms, some of them censored: the log-rank test and the Cox model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import ndtr
from calor.study import Misfit, Protocol
from calor.trial.analysis.data import Flags, Integers, TimesData
from calor.trial.analysis.estimate import Contrast, Direction, Estimate, estimability_of, t_estimate
from calor.trial.analysis.method import Effect, Method, Reads

MOST_STEPS = 50
LONGEST_STEP = 2.0
CONVERGED = 1e-10


@dataclass(frozen=True)
class _Events:
    """The events of two arms in the order of time; places without one have nobody at risk, (r, n) each.

    Arguments: whether it is one of the active arm; who is at risk in either arm; how many events there are at
    the time, in all and in the active arm; and the place of the event among them, from 0.
    """

    active: Numbers
    risk_active: Numbers
    risk_control: Numbers
    tied: Numbers
    tied_active: Numbers
    rank: Numbers

    @property
    def risk(self) -> Numbers:
        """Who is at risk in both arms."""
        return self.risk_active + self.risk_control


@dataclass(frozen=True)
class Cox:
    """The log hazard ratio of two arms by Cox's partial likelihood, ties as Efron; inference normal (Wald).

    Where one arm has no event while the other one is at risk, the likelihood has no maximum: the estimate is
    then Peto's (O - E) / V of the log-rank test with the error 1 / √V.
    Sources: Cox (1972), J R Stat Soc B 34:187-220; Efron (1977), J Am Stat Assoc 72:557-65; Yusuf et al.
    (1985), Prog Cardiovasc Dis 27:335-71.
    """

    missing_data: ClassVar[str] = "patients count until they were last seen (censored)"

    def estimate(self, data: TimesData, contrast: Contrast) -> Estimate:
        """Return the log hazard ratio for every replicate; below 0, events come later in the active arm."""
        events = _events(data, contrast)
        surplus, variance = _log_rank(events)
        effect, information, found = _partial_likelihood(events)
        known = variance > 0
        peto = np.divide(surplus, variance, out=np.zeros_like(surplus), where=known)
        error = 1 / np.sqrt(np.where(found, information, np.where(known, variance, 1.0)))
        return t_estimate(
            replace(contrast, direction=Direction.LESS),
            np.where(found, effect, peto),
            error,
            np.full(len(effect), np.inf),
            estimability_of(known, known),
        )


@dataclass(frozen=True)
class LogRank:
    """The log-rank test of two arms; the estimate beside it is Cox's log hazard ratio with its interval.

    z = (O - E) / √V, with O the events of the active arm and, over the times of events, E = Σ d n1 / n and
    V = Σ d (n1 n0 / n²) (n - d) / (n - 1).
    Source: Mantel (1966), Cancer Chemother Rep 50:163-70; Peto and Peto (1972), J R Stat Soc A 135:185-207.
    """

    missing_data: ClassVar[str] = Cox.missing_data

    def estimate(self, data: TimesData, contrast: Contrast) -> Estimate:
        """Return the test with the log hazard ratio for every replicate."""
        found = Cox().estimate(data, contrast)
        surplus, variance = _log_rank(_events(data, contrast))
        z = np.divide(surplus, np.sqrt(variance), out=np.zeros_like(surplus), where=variance > 0)
        return replace(
            found,
            p_value_one_sided=np.where(found.estimated, ndtr(z), 1.0),
            p_value_two_sided=np.where(found.estimated, 2 * ndtr(-np.abs(z)), 1.0),
        )


def _events(data: TimesData, contrast: Contrast) -> _Events:
    """Return the events of two arms; who is censored at the time of an event is at risk there."""
    active, control = data.arm == contrast.active, data.arm == contrast.control
    order = np.argsort(np.where(active | control, data.time, np.inf), axis=1, kind="stable")
    time, active, control, event = (
        np.take_along_axis(each, order, axis=1) for each in (data.time, active, control, data.event)
    )
    event = event & (active | control)
    place = np.broadcast_to(np.arange(time.shape[1]), time.shape)
    starts = np.ones(time.shape, dtype=bool)
    starts[:, 1:] = time[:, 1:] != time[:, :-1]
    ends = np.ones(time.shape, dtype=bool)
    ends[:, :-1] = starts[:, 1:]
    first = np.maximum.accumulate(np.where(starts, place, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, place, time.shape[1])[:, ::-1], axis=1)[:, ::-1]

    def before(flags: Flags, at: Integers) -> Numbers:
        """Return how many stand before some places, (r, n)."""
        counts = np.zeros((len(flags), flags.shape[1] + 1))
        np.cumsum(flags, axis=1, out=counts[:, 1:])
        return np.take_along_axis(counts, at, axis=1)

    def at_time(flags: Flags) -> Numbers:
        return before(flags, last + 1) - before(flags, first)

    def at_risk(flags: Flags) -> Numbers:
        return np.where(event, flags.sum(axis=1)[:, None] - before(flags, first), 0.0)

    return _Events(
        active=(event & active).astype(np.float64),
        risk_active=at_risk(active),
        risk_control=at_risk(control),
        tied=np.where(event, at_time(event), 1.0),
        tied_active=np.where(event, at_time(event & active), 0.0),
        rank=np.where(event, before(event, place) - before(event, first), 0.0),
    )


def _log_rank(events: _Events) -> tuple[Numbers, Numbers]:
    """Return events of the active arm beyond their expectation, and the variance of that, (r,) each."""
    risk = np.maximum(events.risk, 1.0)
    share = events.risk_active / risk
    left = np.divide(
        events.risk - events.tied, events.risk - 1, out=np.zeros_like(risk), where=events.risk > 1
    )
    return (events.active - share).sum(axis=1), (share * (events.risk_control / risk) * left).sum(axis=1)


def _partial_likelihood(events: _Events) -> tuple[Numbers, Numbers, Flags]:
    """Return the maximum of the partial likelihood, its information, and where there is one, (r,) each."""
    removed = events.rank / events.tied
    active = events.risk_active - removed * events.tied_active
    control = events.risk_control - removed * (events.tied - events.tied_active)
    telling = (active > 0) & (control > 0)
    observed = np.where(telling, events.active, 0.0).sum(axis=1)
    exists = (observed > 0) & (observed < telling.sum(axis=1))
    effect = np.zeros(len(observed))
    information = np.ones(len(observed))
    for _ in range(MOST_STEPS):
        odds = active * np.exp(effect)[:, None]
        chance = np.divide(odds, odds + control, out=np.zeros_like(odds), where=telling)
        information = np.where(exists, (chance * (1 - chance)).sum(axis=1), 1.0)
        step = np.where(exists, (observed - chance.sum(axis=1)) / information, 0.0)
        effect = effect + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        if np.all(np.abs(step) < CONVERGED):
            break
    return effect, information, exists & (np.abs(step) < CONVERGED)


def _of_responders(trial: Protocol) -> Iterator[Misfit]:
    """Yield that a response is lost only where there was one."""
    if trial.design.run_in is None:
        what = "a response is lost by those who responded in a run-in (design: randomised-withdrawal)"
        yield Misfit(what, ("endpoint", "loss_of_response"))


METHODS = tuple(
    Method(
        name=name,
        estimator=estimator,
        reads=Reads.TIMES,
        effect=Effect.LOG_HAZARD_RATIO,
        adaptive=False,
        rules=_of_responders,
    )
    for name, estimator in (("log-rank", LogRank()), ("cox", Cox()))
)
