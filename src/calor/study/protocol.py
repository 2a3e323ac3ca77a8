"""A whole protocol, and the rules by which its parts fit each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pydantic import Field, field_validator, model_validator

from calor.core.documents import Key, MisfitError
from calor.study.analysis import Analysis
from calor.study.arms import Allocation, Arm, shares_of
from calor.study.conduct import Conduct
from calor.study.cost import Cost
from calor.study.design import Design
from calor.study.endpoint import Endpoint
from calor.study.estimand import Estimand
from calor.study.misfit import Misfit
from calor.study.sequences import Sequences
from calor.study.sites import Sites
from calor.study.study import Study


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
    sites: Sites | None = None
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
    def _arms_fit(self) -> Protocol:
        names = [arm.name for arm in self.arms]
        if self.control is not None and self.control not in names:
            what = f"is {self.control!r}, which is not an arm"
            raise MisfitError(what, "control", allowed=", ".join(names))
        if self.control is None and sum(not arm.treatments for arm in self.arms) != 1:
            raise MisfitError(
                "name the control arm (control: ...): not exactly one arm is without treatments",
                "arms",
                allowed=f"control: one of {', '.join(names)}",
            )
        for misfit in self.design.misfits_of_arms(names):
            raise MisfitError(misfit.what, *misfit.key, allowed=misfit.allowed, hint=misfit.hint)
        try:
            shares_of(self.allocation, len(self.sequences))
        except MisfitError as error:
            error.key = ("allocation", *error.key)
            raise
        return self

    def misfits(self) -> Iterator[Misfit]:
        """Yield every rule that the parts of the trial break together, but for those of its analysis."""
        yield from self.design.misfits(self)
        if self.sites is not None:
            yield from self.sites.misfits(self)
        yield from self._misfits_of_visits()
        yield from self._misfits_of_conduct()

    def _misfits_of_visits(self) -> Iterator[Misfit]:
        if not self.visits:
            return
        endpoint = self.endpoint
        if self.visits[-1] != endpoint.to_day:
            yield Misfit(f"the last visit must be the endpoint's last day, {endpoint.to_day}", ("visits",))
        if self.visits[0] < endpoint.length:
            what = f"the first visit must leave room for its window of {endpoint.length} days"
            yield Misfit(what, ("visits",))

    def _misfits_of_conduct(self) -> Iterator[Misfit]:
        names, conduct = {arm.name for arm in self.arms}, self.conduct
        named: dict[Key, set[str]] = {}
        if conduct.stopping:
            key = ("conduct", "stopping", "side_effects_per_month")
            named[key] = set(conduct.stopping.side_effects_per_month)
        if conduct.unblinding:
            named["conduct", "unblinding", "believing_share"] = set(conduct.unblinding.believing_share)
        for place, used in named.items():
            if used - names:
                what = f"names {sorted(used - names)[0]!r}, which is not an arm"
                yield Misfit(what, place, allowed=", ".join(arm.name for arm in self.arms))
        if conduct.rescue and conduct.rescue.drug and len(self.visits) < 2:
            what = "a rescue drug starts on a visit before the last: list visits, or give relief_nrs"
            yield Misfit(what, ("conduct", "rescue"))
        if self.cost and (self.cost.per_site or self.cost.per_month) and not conduct.accrual:
            yield Misfit("a cost per site or month needs conduct.accrual", ("cost",))

    @property
    def supposes(self) -> tuple[str, ...]:
        """The dotted keys by which it supposes something about the world, where the others are choices."""
        of_design = (f"design.{name}" for name in self.design.supposes)
        return (
            *of_design,
            "analysis.prior",
            "sites.level_sd",
            *(f"conduct.{name}" for name in Conduct.model_fields),
        )

    @property
    def control_name(self) -> str:
        """The name of the control arm: as given, or the arm without treatments."""
        return self.control or next(arm.name for arm in self.arms if not arm.treatments)

    @property
    def sequences(self) -> Sequences:
        """The arm of each period, by position, for every sequence that patients can be allocated to."""
        return self.design.sequences_of([arm.name for arm in self.arms], self.control_name)

    @property
    def overrun(self) -> int:
        """How many patients are enrolled while the data of a look mature: accrual over the follow-up."""
        accrual = self.conduct.accrual
        if accrual is None:
            return 0
        return round(accrual.per_day * self.endpoint.to_day)

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
    def places(self) -> int:
        """The most patients that the trial may enrol."""
        return self.design.most_places or self.patients
