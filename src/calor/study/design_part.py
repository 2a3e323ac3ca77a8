"""What every design says of itself, and the subgroup that a design may choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from calor.core.arrays import Numbers
from calor.core.part import Part
from calor.study.comparisons import Comparison, with_control
from calor.study.misfit import Misfit
from calor.study.population import Covariate
from calor.study.sequences import Sequences, single_periods

if TYPE_CHECKING:
    from calor.study.protocol import Protocol


class Subgroup(Part):
    """Patients on one side of a cut of a covariate as measured at screening."""

    by: Covariate
    at_least: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Subgroup:
        if (self.at_least is None) == (self.below is None):
            raise ValueError("give either at_least or below")
        return self

    @property
    def words(self) -> str:
        """The subgroup in words: `duration below 12`."""
        if self.below is not None:
            return f"{self.by} below {self.below:g}"
        return f"{self.by} at least {self.at_least:g}"

    def holds(self, values: Numbers) -> NDArray[np.bool_]:
        """Return whose measured value lies in the subgroup, (n,). Argument: the covariate's values (n,)."""
        return np.asarray(values < self.below if self.below is not None else values >= (self.at_least or 0.0))


class RunIn(Part):
    """An open period before randomisation; who responds is randomised.

    Response: the mean of the endpoint's variable over the last `response_days` lies below the baseline by at
    least `reduction_percent` of it.
    """

    days: int = Field(ge=7, le=730)
    reduction_percent: float = Field(default=30.0, gt=0, le=100)
    response_days: int = Field(default=7, ge=1, le=60)

    @model_validator(mode="after")
    def _fits(self) -> RunIn:
        if self.response_days > self.days:
            raise ValueError(f"response_days ({self.response_days}) must not exceed days ({self.days})")
        return self


class DesignPart(Part):
    """What every design says of itself; a design overrides what is otherwise with it.

    `estimate` says which estimate the trial reports, and `alternatives` names the others that the design
    knows. `familywise` says how it keeps the familywise error by itself, None: as `analysis.multiplicity`
    does. `own_numbers` names what else it gives of a trial, each a number. `crossed`: every patient gets
    several arms in turn. `adaptive`: the trial may change on the way. `of_means`: how it changes is worked
    out for an analysis of means alone. `of_combinations`: it compares weighted sums of more than two arms.
    `against_margin`: its one difference of means, tested once, may be tested against a margin. `at_sites`:
    what the patients of a site have in common reaches its analysis. `any_size`: a search of its size tries
    every number of patients, not whole blocks alone. `supposes` names what of it is supposed about the world
    rather than chosen. `most_arms`: the most arms that it takes. `sizes_down`
    and `sizes_up` name its numbers of patients, rounded down or up in a trial of another size.
    """

    estimate: ClassVar[str] = "that of the analysis"
    alternatives: ClassVar[tuple[str, ...]] = ()
    familywise: ClassVar[str | None] = None
    own_numbers: ClassVar[tuple[str, ...]] = ()
    supposes: ClassVar[tuple[str, ...]] = ()
    crossed: ClassVar[bool] = False
    adaptive: ClassVar[bool] = False
    of_means: ClassVar[bool] = False
    against_margin: ClassVar[bool] = False
    at_sites: ClassVar[bool] = True
    most_arms: ClassVar[int] = 8
    any_size: ClassVar[bool] = False
    of_combinations: ClassVar[bool] = False
    sizes_down: ClassVar[tuple[str, ...]] = ()
    sizes_up: ClassVar[tuple[str, ...]] = ()
    type: str

    @property
    def interim(self) -> int | None:
        """The patients after whom the design decides how to go on, None where it does not count them."""
        return None

    @property
    def chosen(self) -> Subgroup | None:
        """The subgroup in which the trial may go on alone."""
        return None

    @property
    def days_from_period_to_period(self) -> int:
        """The days from the start of a treatment period to that of the next; 0 where there is one alone."""
        return 0

    @property
    def treated_days(self) -> int | None:
        """The days of a period that are under its arm, None: to its end."""
        return None

    @property
    def most_places(self) -> int | None:
        """The most patients that the trial may enrol, None: as many as were planned."""
        return None

    def sequences_of(self, arms: Sequence[str], control: str) -> Sequences:
        """Return the arm of each period, by position, for every sequence that can be allocated."""
        del control
        return single_periods(len(arms))

    @property
    def run_in(self) -> RunIn | None:
        """The period before randomisation in which all get one arm, and who goes on; None without one."""
        return None

    def misfits_of_arms(self, arms: Sequence[str]) -> Iterator[Misfit]:
        """Yield why no sequences can be made of some arms, by name; the rest is asked only where they can."""
        del arms
        yield from ()

    def comparisons_of(self, trial: Protocol) -> tuple[Comparison, ...]:
        """Return what a trial compares: each other arm with the control."""
        return with_control([arm.name for arm in trial.arms], trial.control_name)

    def treatments_in(self, trial: Protocol) -> tuple[int, ...]:
        """Return how often each arm has an assumed effect: once, and not at all in the control arm."""
        return tuple(int(arm.name != trial.control_name) for arm in trial.arms)

    def sized(self, patients: int, whole: int) -> Self:
        """Return the design of a trial of another size; the sizes that it names keep their share of it."""
        down = {name: getattr(self, name) * patients // whole for name in self.sizes_down}
        up = {name: -(-getattr(self, name) * patients // whole) for name in self.sizes_up}
        return self.model_copy(update=down | up)

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what the rest of a trial has that the design refuses."""
        if len(trial.arms) > self.most_arms:
            instead = "multi-arm-multi-stage looks at several"
            what = f"a {self.type} design has two arms, not {len(trial.arms)} ({instead})"
            yield Misfit(what, ("arms",), unsupported=True)
        if not self.adaptive:
            return
        if trial.analysis.prior is not None:
            what = f"a prior does not fit a {self.type} design, whose levels are frequentist"
            yield Misfit(what, ("analysis", "prior"), unsupported=True)
        if self.interim is not None and self.interim >= trial.patients:
            (named,) = self.sizes_down
            yield Misfit(f"{named} must be below patients ({trial.patients})", ("design", named))

    def idle(self, trial: Protocol) -> Iterator[str]:
        """Yield, as a warning each, what of the design can never act in a trial."""
        if self.interim is not None and self.interim + trial.overrun >= trial.places:
            yield (
                f"all {trial.places} patients are in when the data of the interim are ({trial.overrun} come "
                "meanwhile), so it can change nothing in practice"
            )
