"""A whole protocol, and the rules by which its parts fit each other."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pydantic import Field, field_validator, model_validator

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.documents import MisfitError
from calor.study.analysis import Analysis, Assumption, Method, Wins
from calor.study.arms import Allocation, Arm, Shares, shares_of
from calor.study.conduct import Conduct
from calor.study.cost import Cost
from calor.study.design import (
    Crossover,
    Design,
    Enrichment,
    GroupSequential,
    SampleSizeReestimation,
)
from calor.study.endpoint import Endpoint
from calor.study.estimand import Estimand, Strategy
from calor.study.sequences import sequences_of
from calor.study.study import Study

MOST_WIN_PATIENTS = 2000
"""Every patient of one arm meets every one of the other; more pairs than this makes are not held at once."""


class Protocol(Study):
    """A study that is designed as a trial: allocated how, how many, which endpoint, analysed how."""

    design: Design
    arms: tuple[Arm, ...] = Field(min_length=2, max_length=8)
    control: str | None = None
    allocation: Allocation = Allocation()
    patients: int = Field(ge=4, le=100_000)
    visits: tuple[int, ...] = ()
    endpoint: Endpoint
    estimand: Estimand = Estimand()
    analysis: Analysis
    conduct: Conduct = Conduct()
    cost: Cost | None = None

    @field_validator("visits")
    @classmethod
    def _rising_visits(cls, visits: tuple[int, ...]) -> tuple[int, ...]:
        if any(day < 1 or day > 3650 for day in visits) or len(visits) > 12:
            raise ValueError("visits are at most 12 study days from 1 to 3650")
        if any(second <= first for first, second in pairwise(visits)):
            raise ValueError("visits must be rising study days")
        return visits

    @model_validator(mode="after")
    def _parts_fit(self) -> Protocol:
        self._check_control()
        self._check_design()
        self._check_analysis()
        self._check_conduct()
        try:
            shares_of(self.allocation, len(self.sequences))
        except ValueError as error:
            raise MisfitError(str(error), "allocation") from None
        return self

    def _check_control(self) -> None:
        names = [arm.name for arm in self.arms]
        if self.control is not None and self.control not in names:
            raise MisfitError(
                f"control is {self.control!r}, which is not an arm: {', '.join(names)}", "control"
            )
        if self.control is None and sum(not arm.treatments for arm in self.arms) != 1:
            raise MisfitError(
                "name the control arm (control: ...): not exactly one arm is without treatments", "arms"
            )

    def _check_design(self) -> None:
        design, method = self.design, self.analysis.method
        if isinstance(design, Crossover) != method.of_crossover:
            raise MisfitError(
                f"analysis method {str(method)!r} does not fit a {design.type} design", "analysis", "method"
            )
        if isinstance(design, Crossover) and self.endpoint.to_day > design.period_days:
            raise MisfitError(
                f"the endpoint runs to day {self.endpoint.to_day}, a period to {design.period_days}",
                "endpoint",
                "to_day",
            )
        if self.is_adaptive and len(self.arms) != 2:
            raise MisfitError(f"a {design.type} design has two arms, not {len(self.arms)}", "arms")
        if self.is_adaptive and self.analysis.prior is not None:
            raise MisfitError(
                f"a prior does not fit a {design.type} design, whose levels are frequentist",
                "analysis",
                "prior",
            )
        if isinstance(design, GroupSequential) and design.futility and self.analysis.sided == 2:
            raise MisfitError("futility needs a one-sided test (analysis: sided: 1)", "analysis", "sided")
        if isinstance(design, SampleSizeReestimation | Enrichment):
            if method not in {Method.ANCOVA, Method.T_TEST}:
                raise MisfitError(
                    f"a {design.type} design is analysed by ancova or t-test, not {str(method)!r}",
                    "analysis",
                    "method",
                )
            if design.interim_patients >= self.patients:
                raise MisfitError(
                    f"interim_patients must be below patients ({self.patients})", "design", "interim_patients"
                )
        if isinstance(design, SampleSizeReestimation) and design.most_patients < self.patients:
            raise MisfitError(
                f"most_patients must not be below patients ({self.patients})", "design", "most_patients"
            )
        if isinstance(design, Enrichment) and self.analysis.sided == 2:
            raise MisfitError(
                "an adaptive-enrichment design needs a one-sided test (analysis: sided: 1)",
                "analysis",
                "sided",
            )

    def _check_analysis(self) -> None:
        method, endpoint = self.analysis.method, self.endpoint
        if method.of_responders != (endpoint.responder is not None):
            needs = "needs a responder rule" if method.of_responders else "does not fit a responder rule"
            raise MisfitError(f"analysis method {str(method)!r} {needs}", "analysis", "method")
        if method is Method.CROSSOVER and len(self.arms) != 2:
            raise MisfitError(
                "analysis method 'crossover' is for two arms; use crossover-mixed", "analysis", "method"
            )
        if method.of_visits:
            if len(self.visits) < 2:
                raise MisfitError(f"analysis method {str(method)!r} needs two visits or more", "visits")
            if endpoint.scale == "change":
                raise MisfitError(
                    f"analysis method {str(method)!r} models the baseline: leave out scale: change",
                    "endpoint",
                    "scale",
                )
            if Strategy.WHILE_ON_TREATMENT in (self.estimand.stopping, self.estimand.rescue):
                raise MisfitError(
                    "while-on-treatment needs an analysis of one value a patient, not of visits", "estimand"
                )
        self._check_missing()
        self._check_wins()
        self._check_visits()

    def _check_missing(self) -> None:
        """Check what is imputed: it needs visits, parallel arms and the baseline as a covariate."""
        analysis, method = self.analysis, self.analysis.method
        asked = {
            "missing": (analysis.missing is not Assumption.MISSING_AT_RANDOM, {Method.ANCOVA}),
            "delta": (analysis.delta != 0, {Method.ANCOVA}),
            "tipping_point": (analysis.tipping_point is not None, {Method.ANCOVA, Method.MMRM, Method.CLDA}),
        }
        for key, (given, methods) in asked.items():
            if not given:
                continue
            words = f"missing: {analysis.missing}" if key == "missing" else key
            if method not in methods or len(self.visits) < 2 or self.is_adaptive:
                which = " or ".join(sorted(str(one) for one in methods))
                raise MisfitError(
                    f"{words} needs {which}, two visits or more, parallel arms", "analysis", key
                )
            if self.endpoint.scale == "change":
                raise MisfitError(
                    f"{words} models the baseline: leave out scale: change", "endpoint", "scale"
                )
        if analysis.tipping_point is not None and analysis.prior is not None:
            raise MisfitError("a tipping point is of a p value: leave out the prior", "analysis", "prior")

    def _check_wins(self) -> None:
        """Check the win ratio: parallel arms of a fixed size, few enough to compare every pair."""
        analysis = self.analysis
        if analysis.method is not Method.WIN_RATIO:
            if analysis.wins != Wins():
                raise MisfitError("wins are for analysis method 'win-ratio'", "analysis", "wins")
            return
        if self.is_adaptive:
            raise MisfitError(
                "the win ratio is for parallel arms of a fixed size, analysed once", "analysis", "method"
            )
        if self.patients > MOST_WIN_PATIENTS:
            raise MisfitError(f"the win ratio takes at most {MOST_WIN_PATIENTS} patients", "patients")
        if analysis.prior is not None:
            raise MisfitError("the win ratio takes no prior", "analysis", "prior")
        for event in analysis.wins.first:
            if getattr(self.estimand, event) is not Strategy.COMPOSITE:
                raise MisfitError(
                    f"{event} decides pairs, so its strategy is composite (estimand: {{{event}: composite}})",
                    "analysis",
                    "wins",
                    "first",
                )

    def _check_visits(self) -> None:
        endpoint = self.endpoint
        if self.visits and isinstance(self.design, Crossover):
            raise MisfitError("visits are for parallel arms; a crossover has one endpoint a period", "visits")
        if self.visits and self.visits[-1] != endpoint.to_day:
            raise MisfitError(f"the last visit must be the endpoint's last day, {endpoint.to_day}", "visits")
        if self.visits and self.visits[0] < endpoint.length:
            raise MisfitError(
                f"the first visit must leave room for its window of {endpoint.length} days", "visits"
            )

    def _check_conduct(self) -> None:
        names = {arm.name for arm in self.arms}
        named: dict[tuple[str, ...], set[str]] = {}
        if self.conduct.stopping:
            named["conduct", "stopping", "side_effects_per_month"] = set(
                self.conduct.stopping.side_effects_per_month
            )
        if self.conduct.unblinding:
            named["conduct", "unblinding", "believing_share"] = set(self.conduct.unblinding.believing_share)
        for key, used in named.items():
            if used - names:
                raise MisfitError(f"names {sorted(used - names)[0]!r}, which is not an arm", *key)
        rescue = self.conduct.rescue
        if rescue and rescue.drug and len(self.visits) < 2:
            raise MisfitError(
                "a rescue drug starts on a visit before the last: list visits, or give relief_nrs",
                "conduct",
                "rescue",
            )
        if self.cost and (self.cost.per_site or self.cost.per_month) and not self.conduct.accrual:
            raise MisfitError("a cost per site or month needs conduct.accrual", "cost")

    @property
    def less_is_better(self) -> bool:
        """Whether a negative contrast is benefit: a win ratio above 1, a positive log, always is."""
        return self.endpoint.less_is_better and self.analysis.method is not Method.WIN_RATIO

    @property
    def is_adaptive(self) -> bool:
        """Whether the trial may change on the way."""
        return isinstance(self.design, GroupSequential | SampleSizeReestimation | Enrichment)

    @property
    def control_name(self) -> str:
        """The name of the control arm: as given, or the arm without treatments."""
        return self.control or next(arm.name for arm in self.arms if not arm.treatments)

    @property
    def control_position(self) -> int:
        """The position of the control arm."""
        return [arm.name for arm in self.arms].index(self.control_name)

    @property
    def active_positions(self) -> tuple[int, ...]:
        """The positions of all arms but the control; the first one makes the primary contrast."""
        return tuple(place for place in range(len(self.arms)) if place != self.control_position)

    @property
    def overrun(self) -> int:
        """How many patients are enrolled while the data of a look mature: accrual over the follow-up."""
        accrual = self.conduct.accrual
        if accrual is None:
            return 0
        rate = accrual.sites * accrual.patients_per_site_per_month / DAYS_PER_MONTH
        return round(rate * self.endpoint.to_day)

    @property
    def period_starts(self) -> tuple[float, ...]:
        """The study time (days from study day 1) at which each treatment period begins."""
        if isinstance(self.design, Crossover):
            length = self.design.period_days + self.design.washout_days
            return tuple(float(period * length) for period in range(len(self.arms)))
        return (0.0,)

    @property
    def sequences(self) -> tuple[tuple[int, ...], ...]:
        """What can be allocated: for each sequence the arm of each period, by position."""
        return sequences_of(len(self.arms), crossover=isinstance(self.design, Crossover))

    @property
    def followed(self) -> tuple[tuple[int, ...], ...]:
        """What is simulated: the sequences, and after those of a crossover the control arm throughout."""
        if isinstance(self.design, Crossover):
            return (*self.sequences, (self.control_position,) * len(self.arms))
        return self.sequences

    def described(self) -> dict[str, Any]:
        """Return what every result says of its protocol first, as JSON-like data."""
        return {
            "id": self.id,
            "title": self.title,
            "role": self.role,
            "design": self.design.type,
            "patients": self.patients,
            "endpoint": self.endpoint.words,
        }

    @property
    def control_throughout(self) -> int:
        """The place, among what is simulated, of the control arm in every period."""
        return self.followed.index((self.control_position,) * len(self.period_starts))

    @property
    def sequence_names(self) -> tuple[str, ...]:
        """A name for each sequence: its arms' names in order."""
        return tuple(" > ".join(self.arms[arm].name for arm in sequence) for sequence in self.sequences)

    @property
    def shares(self) -> Shares:
        """The allocation's ratio and block size, with nothing left open."""
        return shares_of(self.allocation, len(self.sequences))

    @property
    def places(self) -> int:
        """The most patients that the trial may enrol."""
        if isinstance(self.design, SampleSizeReestimation):
            return self.design.most_patients
        return self.patients
