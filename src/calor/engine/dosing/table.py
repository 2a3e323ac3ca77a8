"""A dosing table -> records, with a message that names the line and the column of what is wrong.

The table is read by `core.tables`, its columns get their meaning in `columns`, each row becomes a record in
`rows`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload

from calor.core.errors import InputError
from calor.core.tables import Table, is_missing
from calor.core.tables import read_table as read_plain_table
from calor.engine.dosing.columns import Columns, Meaning, meaning_of
from calor.engine.dosing.records import Record
from calor.engine.dosing.rows import Rows


@dataclass(frozen=True)
class EventTable(Sequence[Record]):
    """The records of a table in its order, and what a reader should hear about how it was read."""

    records: tuple[Record, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Record, ...]: ...

    def __getitem__(self, index: int | slice) -> Record | tuple[Record, ...]:
        return self.records[index]


def read_table(path: Path, columns: Columns) -> EventTable:
    """Return the records of a CSV file in its order.

    Raises InputError for a file that cannot be read, a missing column and a value that is not allowed;
    UnsupportedError for columns and values of NONMEM's that are not supported.
    """
    table = read_plain_table(path)
    meaning = meaning_of(table, columns)
    table, notes = _without_comments(table, meaning)
    if not len(table):
        raise InputError.of("has no rows", file=path, line=table.header_line, allowed="at least one record")
    rows = Rows(table, meaning, columns)
    records = tuple(rows.record(row) for row in range(len(table)))
    _refuse_commented_ids(records)
    _refuse_numbers_written_twice(records)
    if meaning.without_effect:
        names = ", ".join(meaning.without_effect)
        notes = (*notes, f"{path}: {names} {'has' if ',' not in names else 'have'} no effect on a simulation")
    return EventTable(records, (*table.notes, *notes))


def _without_comments(table: Table, meaning: Meaning) -> tuple[Table, tuple[str, ...]]:
    """Return the table without the rows that its column C makes comments, and a note that says so."""
    if "C" not in meaning.column:
        return table, ()
    name = meaning.column["C"]
    marks = table.texts(name)
    wrong = [row for row, mark in enumerate(marks) if mark.upper() != "C" and not is_missing(mark)]
    if wrong:
        hint = f"--ignore {name} passes over the column, --covariates PARAMETER={name} uses it"
        raise InputError([table.problem(wrong[0], name, allowed="C (a comment), or nothing", hint=hint)])
    out = [row for row, mark in enumerate(marks) if mark.upper() == "C"]
    if not out:
        return table, ()
    kept = [row for row in range(len(table)) if marks[row].upper() != "C"]
    shown = ", ".join(str(table.lines[row]) for row in out[:10]) + (", ..." if len(out) > 10 else "")
    rest = replace(
        table, lines=tuple(table.lines[row] for row in kept), cells=tuple(table.cells[row] for row in kept)
    )
    return rest, (f"{table.file}: comments by the column {name} are left out: lines {shown}",)


def _refuse_commented_ids(records: Sequence[Record]) -> None:
    """Raise InputError where C before an ID seems to make a comment of the row, as NONMEM's IGNORE=C does."""
    ids = {record.patient for record in records}
    for record in records:
        rest = record.patient[1:]
        if record.patient[:1] in {"C", "c", "@"} and rest in ids and not math.isnan(_float(rest)):
            raise InputError.of(
                f"ID {record.patient} stands beside ID {rest}",
                file=record.file, line=record.line,
                hint="a row that is a comment begins with #; another person needs another ID",
            )  # fmt: skip


def _refuse_numbers_written_twice(records: Sequence[Record]) -> None:
    """Raise InputError where one number stands as two IDs (1 and 1.0), which would be two people here."""
    written: dict[float, str] = {}
    for record in records:
        number = _float(record.patient)
        if not math.isnan(number) and written.setdefault(number, record.patient) != record.patient:
            raise InputError.of(
                f"ID {record.patient} and ID {written[number]} are one number",
                file=record.file, line=record.line,
                hint="write a person's ID alike in all of the rows; another person needs another ID",
            )  # fmt: skip


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
