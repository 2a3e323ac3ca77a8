"""Cells of PEtab tables: identifiers, numbers, lists, words; each fault with file, line and column."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from calor.core.errors import InputError, Place, Problem
from calor.core.tables import MOST_PROBLEMS, Table, read_table

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_EMPTY = frozenset({"", "nan"})
_INFINITE = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    table: Table
    number: int

    def place(self, column: str | None = None) -> Place:
        """Return where the row, or a cell of it, stands."""
        return Place(self.table.file, self.table.lines[self.number], column)

    def has(self, column: str) -> bool:
        """Whether the table has a column and the row something in it."""
        return not is_empty(self.text(column))

    def text(self, column: str) -> str:
        """Return a cell, empty where the table has no such column."""
        if column not in self.table.columns:
            return ""
        return self.table.cells[self.number][self.table.columns.index(column)]

    def wrong(self, column: str, allowed: str, hint: str | None = None) -> InputError:
        """Return the error that a cell holds what is not allowed."""
        text = self.text(column)
        what = f"is {text!r}" if text else "is empty"
        return InputError([Problem(what, self.place(column), allowed, hint)])

    def identifier(self, column: str) -> str:
        """Return a cell that is an identifier."""
        text = self.text(column)
        if not IDENTIFIER.fullmatch(text):
            raise self.wrong(column, "an identifier: letters, digits and _, no digit first")
        return text

    def value(self, column: str) -> float:
        """Return a cell that is a finite number."""
        number = self.table.number(self.text(column))
        if math.isnan(number):
            raise self.wrong(column, "a finite number")
        return number

    def value_or(self, column: str, otherwise: float | None) -> float | None:
        """Return a cell that is a finite or infinite number, something else where it is empty."""
        if not self.has(column):
            return otherwise
        return self.extended(column)

    def extended(self, column: str) -> float:
        """Return a cell that is a finite number, inf or -inf."""
        text = self.text(column).lower()
        if text in _INFINITE:
            return _INFINITE[text]
        number = self.table.number(self.text(column))
        if math.isnan(number):
            raise self.wrong(column, "a number, inf or -inf")
        return number

    def word(self, column: str, words: Iterable[str], otherwise: str) -> str:
        """Return a cell that is one of some words."""
        text = self.text(column) if self.has(column) else otherwise
        if text not in words:
            raise self.wrong(column, ", ".join(words))
        return text

    def parts(self, column: str) -> tuple[str, ...]:
        """Return the parts of a cell that stand between semicolons."""
        if not self.has(column):
            return ()
        return tuple(part.strip() for part in self.text(column).split(";"))

    def numbers(self, column: str, count: int) -> tuple[float, ...]:
        """Return a cell that is so many finite numbers with semicolons between them."""
        found = tuple(self.table.number(part) for part in self.parts(column))
        if len(found) != count or any(math.isnan(number) for number in found):
            raise self.wrong(column, f"{count} finite number{'s' if count > 1 else ''} (with ; between them)")
        return found


def is_empty(text: str) -> bool:
    """Whether a cell holds nothing; `none` and the like may be names."""
    return text.lower() in _EMPTY


def rows_of(paths: Sequence[Path], required: Sequence[str]) -> list[Row]:
    """Return the rows of the tables of one kind; raises InputError for a column that is not there."""
    rows: list[Row] = []
    for path in paths:
        table = read_table(path, rows_may_end_early=True)
        absent = table.absent(required)
        if absent:
            raise InputError(absent)
        rows += [Row(table, number) for number in range(len(table))]
    return rows


def refuse_repeated(rows: Iterable[Row], column: str) -> None:
    """Raise InputError for an identifier that two rows give."""
    seen: dict[str, Place] = {}
    problems: list[Problem] = []
    for row in rows:
        name = row.identifier(column)
        if name in seen:
            first = seen[name]
            where = f"line {first.line}" if first.file == row.table.file else str(first)
            problems.append(Problem(f"{name} stands here again", row.place(column), f"once (also {where})"))
        seen.setdefault(name, row.place(column))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
