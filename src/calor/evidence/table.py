"""The evidence as a table: one row a record, by drug class, with filters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.quantity import Quantity
from calor.evidence.record import Record
from calor.evidence.vocabulary import Direction, DrugClass, Phase, StudyKind
from calor.evidence.words import class_named, phase_named

DESIGNS = ("rct", "open-rct", "crossover", "series", "case", "cohort", "review", "registered", "table")

DIRECTION_IN_WORDS = {
    Direction.FAVOURS_ACTIVE: "for active",
    Direction.FAVOURS_CONTROL: "for control",
    Direction.NONE: "no diff.",
    Direction.IMPROVED: "improved",
    Direction.NOT_IMPROVED: "no change",
    Direction.MIXED: "mixed",
    Direction.NOT_READ: "not read",
}


@dataclass(frozen=True)
class TableRow:
    """One record in the table; `n_path` is the key path of the number of patients in the record."""

    id: str
    drug_class: DrugClass
    route: str | None
    n: int | None
    n_grade: Grade | None
    n_path: str | None
    phase: Phase
    design: str
    direction: Direction
    bias: str
    grade: Grade | None
    statement: str


@dataclass(frozen=True)
class Filter:
    """What to show; None shows everything."""

    drug_class: str | None = None
    phase: str | None = None
    design: str | None = None
    grade: str | None = None
    text: str | None = None

    def checked(self) -> Filter:
        """Return the filter with class and phase by their own names.

        Raises InputError where a word is not one of the allowed ones.
        """
        for option, given, allowed in (
            ("--design", self.design, list(DESIGNS)),
            ("--grade", self.grade, [*(member.value for member in Grade), "none"]),
        ):
            if given is not None and given not in allowed:
                raise InputError.of(f"is {given!r}", key=option, allowed=", ".join(allowed))
        return replace(
            self,
            drug_class=None if self.drug_class is None else class_named(self.drug_class, "--class").value,
            phase=None if self.phase is None else phase_named(self.phase, "--phase").value,
        )


def table_rows(records: Iterable[Record], wanted: Filter) -> tuple[TableRow, ...]:
    """Return the rows that a filter lets through, by drug class in the vocabulary's order, then by id."""
    wanted = wanted.checked()
    order = list(DrugClass)
    rows = [(row_of(record), record) for record in records]
    kept = [row for row, record in rows if _passes(row, record, wanted)]
    return tuple(sorted(kept, key=lambda row: (order.index(row.drug_class), row.id.lower())))


def row_of(record: Record) -> TableRow:
    """Return a record's row."""
    n, n_path = patients(record)
    return TableRow(
        id=record.id,
        drug_class=record.drug_class,
        route=record.route,
        n=None if n is None or n.value is None else round(n.value),
        n_grade=None if n is None else n.grade,
        n_path=n_path,
        phase=record.population.phase,
        design=design_word(record),
        direction=record.headline.direction,
        bias=record.risk_of_bias.impression,
        grade=record.headline.grade,
        statement=record.headline.statement,
    )


def patients(record: Record) -> tuple[Quantity | None, str | None]:
    """Return how many patients a study had, and the key path where that stands."""
    for name in ("n_randomised", "n_enrolled", "n_included", "n_analysed", "n_planned"):
        size: Quantity | None = getattr(record.design, name)
        if size is not None and size.value is not None:
            return size, f"design.{name}"
    return None, None


def design_word(record: Record) -> str:
    """Return a study's design in one of the words of DESIGNS."""
    by_kind = {
        StudyKind.CASE_SERIES: "series",
        StudyKind.CASE_REPORT: "case",
        StudyKind.COHORT: "cohort",
        StudyKind.SYSTEMATIC_REVIEW: "review",
        StudyKind.REGISTERED_TRIAL: "registered",
        StudyKind.REGISTERED_STUDY: "registered",
        StudyKind.CONTEXT_TABLE: "table",
    }
    if record.kind in by_kind:
        return by_kind[record.kind]
    if not record.design.randomised:
        return "series"
    if record.design.kind == "crossover":
        return "crossover"
    return "open-rct" if record.design.blinding == "none" else "rct"


def grade_word(grade: Grade | None) -> str:
    """Return a grade as the filters name it."""
    return grade.value if grade is not None else "none"


def _passes(row: TableRow, record: Record, wanted: Filter) -> bool:
    if wanted.drug_class is not None and row.drug_class.value != wanted.drug_class:
        return False
    if wanted.phase is not None and row.phase.value != wanted.phase:
        return False
    if wanted.design is not None and row.design != wanted.design:
        return False
    if wanted.grade is not None and not _has_grade(row, record, wanted.grade):
        return False
    return wanted.text is None or wanted.text.lower() in _text_of(record)


def _has_grade(row: TableRow, record: Record, grade: str) -> bool:
    """Recalled means: something in the record is only recalled; the others grade the main statement."""
    if grade == Grade.RECALLED.value:
        return bool(record.recalled)
    return grade_word(row.grade) == grade


def _text_of(record: Record) -> str:
    return record.model_dump_json().lower()


def counts_by_design(rows: Sequence[TableRow]) -> dict[str, int]:
    """Return how many rows there are of each design, in the order of DESIGNS."""
    return {word: count for word in DESIGNS if (count := sum(row.design == word for row in rows))}
