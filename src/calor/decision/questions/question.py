"""A question file: what is to be learnt, from which candidates, with what money.

Exactly one of three kinds: the size of an effect, which of several rival explanations holds, or a decision.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from calor.core.part import Part
from calor.decision.bank.screening_looks import Measure
from calor.study import Subgroup
from calor.study.arms import Treatment
from calor.study.endpoint import Endpoint
from calor.study.population import PopulationPart

Audience = Literal["trial designer", "funder", "pharmacometrician", "clinician", "patient organisation"]
Patients = int


class Effect(Part):
    """The true effect of one arm over control, as a trial's question defines it.

    Arguments: the trial, published (its id) or a protocol file beside the question; the arm, needed where
    several are active (in a factorial that of a treatment, or `interaction`); and keys of the trial that are
    other here, by their place in it.
    """

    like: str = Field(min_length=1)
    arm: str | None = None
    change: dict[str, Any] = Field(default_factory=dict)


class QuantityQuestion(Effect):
    """How large an effect is. `benefit_over`: the benefit above which it would matter, in its unit.

    `more_in`: how much larger the benefit is in that subgroup than in everybody else is asked for instead.
    Every trial is then read in both.
    """

    benefit_over: float = Field(default=0.0, ge=-100, le=100)
    more_in: Subgroup | None = None


class DecisionQuestion(Effect):
    """Whether to give a treatment.

    With `value`, a person gains that much money for each unit of benefit above `benefit_over`; without it,
    the worth is that of quality-adjusted life years by a map from pain (`utilities`), less the price.
    """

    benefit_over: float = Field(default=0.0, ge=-100, le=100)
    value: float | None = Field(default=None, gt=0, le=1e7)
    utilities: str = "util-nrs-dixon-2011"

    @model_validator(mode="after")
    def _one_worth(self) -> DecisionQuestion:
        if self.benefit_over and self.value is None:
            raise ValueError("benefit_over needs value: money for each unit of benefit above it")
        return self


class Asked(Part):
    """One question of one kind."""

    quantity: QuantityQuestion | None = None
    rivals: Literal["antibody", "persistence", "cytokines"] | None = None
    decision: DecisionQuestion | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Asked:
        given = [self.quantity, self.rivals, self.decision]
        if sum(each is not None for each in given) != 1:
            raise ValueError("ask one thing: quantity, rivals or decision")
        return self

    @property
    def effect(self) -> QuantityQuestion | DecisionQuestion | None:
        """The effect that is asked for, None where it is the rivals."""
        return self.quantity or self.decision


class GridEntry(Part):
    """Every combination of treatments against placebo, populations, enrichments, outcomes and sizes."""

    treatments: tuple[Treatment, ...] = Field(min_length=1, max_length=40)
    populations: tuple[PopulationPart, ...] = Field(min_length=1, max_length=20)
    enrichments: tuple[dict[str, Any], ...] = ({},)
    endpoints: tuple[Endpoint, ...] = Field(min_length=1, max_length=10)
    patients: tuple[int, ...] = Field(min_length=1, max_length=20)


class CohortEntry(Part):
    """A study that treats nobody: what is measured, in how many people, of which population.

    `population`: without it, that of the question's trial. `days`: how long a natural history is followed.
    """

    measure: Measure
    n: int | tuple[int, ...]
    population: PopulationPart | None = None
    days: int | None = Field(default=None, ge=7, le=3650)

    @model_validator(mode="after")
    def _sizes_and_days(self) -> CohortEntry:
        if not self.sizes or any(size < 4 or size > 100_000 for size in self.sizes):
            raise ValueError("n is from 4 to 100000")
        if (self.days is not None) != (self.measure is Measure.NATURAL_HISTORY):
            raise ValueError("days are for natural-history, which needs them")
        return self

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes asked for."""
        return (self.n,) if isinstance(self.n, int) else self.n


class CandidateEntry(Part):
    """Candidates: like a trial with what varies, a grid of trials, or a cohort.

    `name`: what a trial that is like another is called, instead of the other's name.
    """

    name: str | None = Field(default=None, min_length=1, max_length=40)
    like: str | None = Field(default=None, min_length=1)
    vary: dict[str, list[Any]] = Field(default_factory=dict)
    grid: GridEntry | None = None
    cohort: CohortEntry | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> CandidateEntry:
        given = [self.like, self.grid, self.cohort]
        if sum(each is not None for each in given) != 1:
            raise ValueError("a candidate is one of like, grid or cohort")
        if self.vary and self.like is None:
            raise ValueError("vary goes with like")
        if self.name and self.like is None:
            raise ValueError("name goes with like")
        for key, values in self.vary.items():
            if not values:
                raise ValueError(f"vary.{key} has no value")
        return self


class CandidateList(Part):
    """A file of candidates."""

    candidates: tuple[CandidateEntry, ...] = Field(min_length=1, max_length=200)


class QuestionFile(Part):
    """A question with its candidates.

    `asked_by`: for whom it is; `candidates`: without them, the general grid; `budget`: no study may cost
    more; `money`: any of the defaults by key at another value (calor next --money lists them).
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    title: str = Field(min_length=1)
    asked_by: Audience | None = None
    question: Asked
    candidates: tuple[CandidateEntry, ...] = Field(default=(), max_length=200)
    budget: float | None = Field(default=None, gt=0)
    money: dict[str, float] = Field(default_factory=dict)
