"""What an analysis says of itself: what it reads, needs, allows and refuses, and what its effect is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from calor.core.arrays import Numbers
from calor.study import Misfit, Protocol
from calor.trial.analysis.data import ParallelData
from calor.trial.analysis.estimate import Contrast, Direction, Estimate, Estimator
from calor.trial.analysis.individuals import Individuals

METHOD = ("analysis", "method")


class Reads(StrEnum):
    """What of a trial an analysis reads: the kind of its data."""

    ENDPOINT = "the endpoint of each patient"
    VISITS = "every visit of each patient"
    PERIODS = "the endpoint of each patient and period"
    SITES = "the endpoint of each patient, and the site"
    PAIRS = "what decides pairs of patients"
    TIMES = "the time to an event of each patient"


class Effect(StrEnum):
    """What an analysis estimates, and so which true value it is compared with."""

    DIFFERENCE = "a difference of means"
    LOG_ODDS_RATIO = "marginal log odds ratio"
    LOG_WIN_RATIO = "log win ratio"
    LOG_HAZARD_RATIO = "log hazard ratio"


def no_rules(_trial: Protocol) -> Iterator[Misfit]:
    """Yield nothing: an analysis without rules of its own."""
    yield from ()


@dataclass(frozen=True)
class Method:
    """An analysis as a protocol names it.

    Arguments: its name; its estimator; what it reads and what it estimates; whether the endpoint must have a
    responder rule (else it must have none); whether it adjusts for the baseline, and for the arm of the
    period before; whether it may follow an imputation, and whether a tipping point may be looked for; whether
    a prior may be put on its effect; whether an adaptive trial may use it, and one whose changes are worked
    out for means; the most patients that it takes; what estimates the effect in each patient, None where it
    cannot; what estimates a weighted sum of several arms, None where it compares two alone; and its further
    rules.
    """

    name: str
    estimator: Estimator[Any]
    reads: Reads = Reads.ENDPOINT
    effect: Effect = Effect.DIFFERENCE
    responders: bool = False
    adjusts_for_baseline: bool = False
    adjusts_for_carry_over: bool = False
    imputes: bool = False
    tips: bool = False
    takes_prior: bool = True
    adaptive: bool = True
    of_means: bool = False
    most_patients: int | None = None
    individuals: Individuals | None = None
    combination: Callable[[ParallelData, Numbers, Contrast], Estimate] | None = None
    rules: Callable[[Protocol], Iterator[Misfit]] = no_rules

    def less_is_better(self, trial: Protocol) -> bool:
        """Whether a negative effect is benefit: of a win ratio never, whose log is positive above 1."""
        return trial.endpoint.less_is_better and self.effect is not Effect.LOG_WIN_RATIO

    def direction(self, trial: Protocol) -> Direction:
        """Return on which side of no effect benefit lies."""
        return Direction.LESS if self.less_is_better(trial) else Direction.GREATER

    def unit(self, trial: Protocol) -> str:
        """Return the unit of the effect."""
        return trial.endpoint.unit if self.effect is Effect.DIFFERENCE else str(self.effect)

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what a trial has that the analysis refuses, or lacks that it needs."""
        named = f"analysis method {self.name!r}"
        if (self.reads is Reads.PERIODS) != trial.design.crossed:
            yield Misfit(f"{named} does not fit a {trial.design.type} design", METHOD)
        elif trial.design.adaptive and not self.adaptive:
            what = f"{named} is for parallel arms of a fixed size, analysed once"
            yield Misfit(what, METHOD, unsupported=True)
        if trial.design.of_combinations and self.combination is None:
            what = f"{named} compares two arms alone, a {trial.design.type} design more"
            yield Misfit(what, METHOD, unsupported=True)
        if self.responders != (trial.endpoint.responder is not None):
            needs = "needs a responder rule" if self.responders else "does not fit a responder rule"
            yield Misfit(f"{named} {needs}", METHOD)
        if (self.reads is Reads.TIMES) != (trial.endpoint.loss_of_response is not None):
            needs = "needs" if self.reads is Reads.TIMES else "does not fit"
            yield Misfit(f"{named} {needs} an endpoint with loss_of_response", METHOD)
        if self.most_patients is not None and trial.patients > self.most_patients:
            yield Misfit(f"{named} takes at most {self.most_patients} patients", ("patients",))
        if trial.analysis.prior is not None and not self.takes_prior:
            yield Misfit(f"{named} takes no prior", ("analysis", "prior"), unsupported=True)
        if self.reads is Reads.SITES and trial.sites is None:
            yield Misfit(f"{named} needs sites", ("sites",))
        if trial.sites is not None and trial.sites.whole and self.reads is not Reads.SITES:
            yield Misfit(
                f"{named} takes patients to be allocated one by one; whole sites need site-mixed", METHOD
            )
        if self.reads is Reads.VISITS:
            yield from _misfits_of_visits(named, trial)
        yield from self.rules(trial)


def _misfits_of_visits(named: str, trial: Protocol) -> Iterator[Misfit]:
    if len(trial.visits) < 2:
        yield Misfit(f"{named} needs two visits or more", ("visits",))
    if trial.endpoint.scale == "change":
        yield Misfit(f"{named} models the baseline: leave out scale: change", ("endpoint", "scale"))
    if trial.estimand.while_on_treatment:
        what = "while-on-treatment needs an analysis of one value a patient, not of visits"
        yield Misfit(what, ("estimand",))
