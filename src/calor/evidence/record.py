"""The schema of an evidence record: one study, what it did, what it found, and how far that can be trusted.

A record is written as one YAML file. A number that stands in a block takes the block's grade unless it has
its own. What is only remembered stands under `recalled` and nowhere else.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from calor.core.provenance import Grade
from calor.evidence.bias import RiskOfBias
from calor.evidence.quantity import Count, Entry, Pair, PValue, Quantity, Text, Whole
from calor.evidence.vocabulary import Direction, DrugClass, Phase, Role, StudyKind

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$", strict=True)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", strict=True)]
Day = Annotated[str, Field(pattern=r"^20\d\d-\d\d-\d\d$", strict=True)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s<>]+$", strict=True)]
Doi = Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$", strict=True)]
Pmcid = Annotated[str, Field(pattern=r"^PMC\d+$", strict=True)]
Pmid = Annotated[int, Field(strict=True, ge=1, le=99_999_999)]
Year = Annotated[int, Field(strict=True, ge=1900, le=2100)]
_REGISTERS = r"NCT\d{8}|ISRCTN\d{8}|EudraCT \d{4}-\d{6}-\d{2}|NTR\d+|IRAS \d+|NRR \w+|ACTRN\d+"
Registration = Annotated[str, Field(pattern=rf"^({_REGISTERS})$", strict=True)]
Numbers = dict[Name, Quantity | Count | PValue]
Blinding = Literal["none", "single", "double-blind", "not-stated"]


class Source(Entry):
    """A page that was read: its address, what it is, and the day it was read."""

    url: Url
    kind: Text
    read: Day


class Block(Entry):
    """A part of a record whose numbers share a grade."""

    grade: Grade | None = None
    note: Text | None = None


class Citation(Block):
    """Where the study was published; `recalled` names the keys written from memory."""

    authors: Text | None = None
    title: Text | None = None
    journal: Text | None = None
    year: Year | None = None
    pages: Text | None = None
    doi: Doi | None = None
    pmid: Pmid | None = None
    pmcid: Pmcid | None = None
    registry: tuple[Registration, ...] = ()
    related: tuple[Text, ...] = ()
    recalled: tuple[
        Literal["authors", "title", "journal", "year", "pages", "doi", "pmid", "pmcid", "registry"], ...
    ] = ()


class Design(Block):
    """How the study was done and how many took part."""

    kind: Literal[
        "parallel", "crossover", "single-arm", "before-after", "comparison", "case-report", "cohort",
        "review", "table", "unknown",
    ]  # fmt: skip
    description: Text | None = None
    randomised: bool = False
    blinding: Blinding | None = None
    comparator: Text | None = None
    stopped_early: Text | None = None
    period: Text | None = None
    status: Text | None = None
    search: Text | None = None
    n_planned: Quantity | None = None
    n_screened: Quantity | None = None
    n_enrolled: Quantity | None = None
    n_randomised: Quantity | None = None
    n_included: Quantity | None = None
    n_analysed: Quantity | None = None
    n_completed: Quantity | None = None
    lost: Count | None = None
    centres: Quantity | None = None
    treatment: Quantity | None = None
    follow_up: tuple[Quantity, ...] = ()
    numbers: Numbers = Field(default_factory=dict)


class Population(Block):
    """Who took part. `phase_basis` says whether the phase was read or inferred from the setting."""

    condition: Text | None = None
    criteria: Text | None = None
    selection: Text | None = None
    exclusions: Text | None = None
    phase: Phase
    phase_basis: Literal["read", "inferred"] = "read"
    warm_cold: Literal["warm", "cold", "mixed"] | None = None
    duration: Quantity | None = None
    entry_pain: Quantity | None = None
    baseline_pain: Quantity | None = None
    age: Quantity | None = None
    female: Count | None = None
    numbers: Numbers = Field(default_factory=dict)


class Arm(Block):
    """One group of patients and what they were given."""

    name: Text
    role: Literal["active", "control", "single"]
    drug: Text | None = None
    route: Text | None = None
    regimen: Text | None = None
    n: Quantity | None = None
    dose: Quantity | None = None
    baseline_pain: Quantity | None = None
    numbers: Numbers = Field(default_factory=dict)


class Contrast(Quantity):
    """The printed difference between arms, active minus control; negative is less of what was measured.

    `interval_reliable` is false where the printed interval cannot be a patient-level one, with the reason
    in `note`.
    """

    measure: Literal["mean-difference", "odds-ratio", "hazard-ratio", "risk-ratio", "effect-size"]
    p: PValue | None = None
    interval_reliable: bool = True


class ArmResult(Entry):
    """What one arm showed; `responders` as counted by the outcome's definition."""

    baseline: Quantity | None = None
    end: Quantity | None = None
    change: Quantity | None = None
    responders: Count | None = None
    n: Quantity | None = None


class Outcome(Block):
    """One thing that was measured, when, and what came out.

    `certainty` is the GRADE rating that a review itself gives the outcome, not one of ours.
    """

    name: Text
    domain: Literal[
        "pain", "severity", "function", "swelling", "temperature", "motion", "cytokines", "biomarker",
        "quality-of-life", "course", "response", "sleep", "other",
    ]  # fmt: skip
    primary: bool = False
    population: Text | None = None
    instrument: Text | None = None
    scale: Pair | None = None
    better: Literal["lower", "higher"] | None = None
    definition: Text | None = None
    method: Text | None = None
    time: Quantity | None = None
    times: tuple[Quantity, ...] = ()
    direction: Direction = Direction.NOT_READ
    finding: Text | None = None
    certainty: Literal["very-low", "low", "moderate", "high"] | None = None
    contrast: Contrast | None = None
    p: PValue | None = None
    arms: dict[str, ArmResult] = Field(default_factory=dict)
    numbers: Numbers = Field(default_factory=dict)
    source: Url | None = None


class Row(Block):
    """One study of a context table, with its own source."""

    study: Text
    n: Quantity | None = None
    arms: Text | None = None
    finding: Text | None = None
    direction: Direction = Direction.NOT_READ
    p: PValue | None = None
    numbers: Numbers = Field(default_factory=dict)
    source: Url | None = None


class TimedChange(Entry):
    """A change in the control arm and when it was measured."""

    change: Quantity
    time: Quantity | None = None


class PlaceboChange(Block):
    """What happened to those who did not get the drug."""

    control: Text | None = None
    statement: Text | None = None
    changes: tuple[TimedChange, ...] = ()
    responders: Count | None = None
    numbers: Numbers = Field(default_factory=dict)


class SafetyEvent(Entry):
    """A harm and how often it was seen; `arm` is the name of an arm."""

    event: Text
    arm: Text | None = None
    seen: Count | None = None
    numbers: Numbers = Field(default_factory=dict)


class Safety(Block):
    """Harms as reported."""

    statement: Text | None = None
    events: tuple[SafetyEvent, ...] = ()


class Headline(Block):
    """The study's main statement on efficacy, in one sentence of our own."""

    direction: Direction
    statement: Text


class ModelPart(Entry):
    """A part of the record, by its key path, with another role than the record's."""

    path: Text
    role: Role
    reason: Text


class ModelUse(Entry):
    """What the model does with the record, and why. `soft`: as a limit, not as a full data point."""

    role: Role
    reason: Text
    soft: bool = False
    blind: bool = False
    parts: tuple[ModelPart, ...] = ()


class Recalled(Entry):
    """Something remembered and not read: shown as such, used for nothing."""

    what: Text
    value: Quantity | Count | PValue | None = None
    statement: Text | None = None
    confidence: Literal["low", "medium", "high"]
    grade: Literal[Grade.RECALLED] = Grade.RECALLED


class Missing(Entry):
    """Something worth reading that could not be read; `want` orders what to fetch first (1 is most)."""

    what: Text
    where: Text | None = None
    tried: Text | None = None
    want: Annotated[Whole, Field(ge=1, le=3)] = 2


class Record(Entry):
    """One study as evidence."""

    id: Identifier
    kind: StudyKind
    drug_class: DrugClass
    route: Text | None = None
    headline: Headline
    citation: Citation
    design: Design
    population: Population
    co_treatment: Text | None = None
    arms: tuple[Arm, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    rows: tuple[Row, ...] = ()
    placebo_change: PlaceboChange | None = None
    safety: Safety | None = None
    risk_of_bias: RiskOfBias
    model_use: ModelUse
    recalled: tuple[Recalled, ...] = ()
    missing: tuple[Missing, ...] = ()
    sources: tuple[Source, ...] = ()
