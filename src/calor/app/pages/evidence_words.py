"""The evidence in words for people: classes, phases, designs, results and grades."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from calor.core.provenance import Grade
from calor.evidence.library import load_records
from calor.evidence.table import TableRow
from calor.evidence.vocabulary import Direction, DrugClass, Phase
from calor.evidence.words import drugs_of_class

PHASE_WORDS = (
    (Phase.ACUTE.value, "early"),
    (Phase.PERSISTENT.value, "long-standing"),
    (Phase.MIXED.value, "early and long-standing"),
    (Phase.UNCLEAR.value, "not said"),
    (Phase.NOT_CRPS.value, "another disease"),
)
DESIGN_WORDS = (
    ("rct", "blinded randomised trial"),
    ("open-rct", "open randomised trial"),
    ("crossover", "crossover trial"),
    ("series", "case series"),
    ("case", "case report"),
    ("cohort", "cohort"),
    ("review", "review"),
    ("registered", "registered"),
    ("table", "table"),
)
GRADE_WORDS = (
    (Grade.VERIFIED.value, "read in the source"),
    (Grade.SECONDARY.value, "read in a page that quotes it"),
    ("none", "no result read"),
    (Grade.RECALLED.value, "something in it only recalled"),
)
DIRECTIONS = {
    Direction.FAVOURS_ACTIVE: ("favours the drug", "good"),
    Direction.FAVOURS_CONTROL: ("favours the control", "bad"),
    Direction.NONE: ("no difference", "warn"),
    Direction.IMPROVED: ("improved, no control", ""),
    Direction.NOT_IMPROVED: ("no improvement, no control", ""),
    Direction.MIXED: ("mixed", ""),
    Direction.NOT_READ: ("result not read", ""),
}
"""What a result is called, and its tone."""

CLASS_NAMES = {
    DrugClass.ANTI_TNF: "TNF inhibitors",
    DrugClass.ANTI_CGRP: "CGRP inhibitors",
    DrugClass.IL1_ANTAGONIST: "IL-1 inhibitors",
    DrugClass.NMDA_ANTAGONIST: "NMDA blockers",
    DrugClass.SEVERAL: "Several at once",
}
"""What a class is called where its id does not say it."""


@dataclass(frozen=True)
class ClassShown:
    """A drug class: its id, its name, the drugs of the library in it, and how many studies there are."""

    id: str
    name: str
    drugs: str
    count: int


@dataclass(frozen=True)
class RowShown:
    """A study in the list: id, size, phase, design, result with its tone, grade and the sentence."""

    id: str
    about: str
    result: str
    tone: str
    grade: str
    statement: str


def class_name(drug_class: DrugClass) -> str:
    """Return what a drug class is called."""
    return CLASS_NAMES.get(drug_class, drug_class.value.replace("-", " ").capitalize())


@cache
def classes_shown() -> tuple[ClassShown, ...]:
    """Return every drug class of which there is a study."""
    counts = {each: sum(record.drug_class is each for record in load_records()) for each in DrugClass}
    return tuple(
        ClassShown(each.value, class_name(each), ", ".join(drugs_of_class(each)), count)
        for each, count in counts.items()
        if count
    )


def shown_rows(rows: Iterable[TableRow]) -> list[tuple[str, list[RowShown]]]:
    """Return the rows of the table by the name of their class."""
    by_class = groupby(rows, key=lambda row: row.drug_class)
    return [(class_name(each), [_shown(row) for row in found]) for each, found in by_class]


def _shown(row: TableRow) -> RowShown:
    size = "size not read" if row.n is None else f"{row.n} patients"
    phase, design = dict(PHASE_WORDS)[row.phase.value], dict(DESIGN_WORDS)[row.design]
    result, tone = DIRECTIONS[row.direction]
    grade = dict(GRADE_WORDS)[row.grade.value if row.grade else "none"]
    return RowShown(row.id, f"{design} · {size} · {phase}", result, tone, grade, row.statement)
