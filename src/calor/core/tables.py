"""Tables that people give, as columns and rows that know their lines; nothing here knows what they mean.

One reader for every table: cells separated by commas, semicolons or tabs, quotes, comments, blank lines.
Nothing is guessed: a row with too few or too many cells, a column named twice and a cell that is no number
are errors with file, line and column.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from calor.core.errors import InputError, Place, Problem
from calor.core.table_text import COMMENT, SEPARATORS, TableText, split_table
from calor.core.text_files import read_text_file

LARGEST_TABLE_BYTES = 64_000_000
"""About two million rows of eight columns; more does not fit into memory as text."""

MISSING = frozenset({"", ".", "na", "n/a", "nan", "null", "none"})
"""How a cell says, in any case of letters, that it holds no value."""

MOST_PROBLEMS = 20
"""More problems than this are not told at once."""

_WITH_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_WITH_POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def is_missing(text: str) -> bool:
    """Return whether a cell says that it holds no value."""
    return text.lower() in MISSING


@dataclass(frozen=True)
class Table:
    """A table: its file, the header's line and names, a line and cells for each row, the comments' lines.

    `decimal_commas` says whether a comma in a number marks decimals; None: it cannot be told.
    """

    file: str
    header_line: int
    columns: tuple[str, ...]
    lines: tuple[int, ...]
    cells: tuple[Sequence[str], ...]
    comments: tuple[int, ...] = ()
    decimal_commas: bool | None = False

    @cached_property
    def _position(self) -> Mapping[str, int]:
        return {name: position for position, name in enumerate(self.columns)}

    def __len__(self) -> int:
        return len(self.cells)

    def texts(self, column: str) -> list[str]:
        """Return the cells of a column, one a row."""
        position = self._position[column]
        return [row[position] for row in self.cells]

    def number(self, text: str) -> float:
        """Return a cell's text as a finite number, not-a-number where it is none."""
        if self.decimal_commas and _WITH_COMMA.fullmatch(text):
            text = text.replace(",", ".")
        return _plain_number(text)

    def problem(
        self, row: int, column: str, *, allowed: str | None = None, what: str | None = None,
        hint: str | None = None,
    ) -> Problem:  # fmt: skip
        """Return the problem that a cell holds what is not allowed, placed at its line and column."""
        text = self.cells[row][self._position[column]]
        what = what or (f"is {text!r}" if text else "is empty")
        if hint is None and _WITH_COMMA.fullmatch(text):
            hint = self._hint_on_commas
        return Problem(what, Place(self.file, self.lines[row], column), allowed, hint)

    @property
    def _hint_on_commas(self) -> str:
        if self.decimal_commas is None:
            return (
                "a comma may mark decimals or thousands here: write decimals with a point, thousands plainly"
            )
        return "write decimals with a point"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should hear about how the table was read."""
        if not self.comments:
            return ()
        shown = ", ".join(map(str, self.comments[:10])) + (", ..." if len(self.comments) > 10 else "")
        one = len(self.comments) == 1
        which = f"line {shown} begins" if one else f"lines {shown} begin"
        return (f"{self.file}: {which} with {COMMENT} and {'is' if one else 'are'} left out",)

    def absent(self, names: Iterable[str], hints: Mapping[str, str] | None = None) -> list[Problem]:
        """Return a problem for each name that is no column, with the nearest one or a hint of its own."""
        found = ", ".join(self.columns)
        return [
            Problem(
                "the table has no such column",
                Place(self.file, self.header_line, name),
                f"a column named {name} (found: {found})",
                self._near(name) or (hints or {}).get(name) or self._hint_on_header,
            )
            for name in dict.fromkeys(names)
            if name not in self._position
        ]

    def _near(self, name: str) -> str | None:
        by_lower_case = {column.lower(): column for column in self.columns}
        close = get_close_matches(name.lower(), list(by_lower_case), n=1)
        return f"did you mean {by_lower_case[close[0]]}?" if close else None

    @property
    def _hint_on_header(self) -> str | None:
        above = [line for line in self.comments if line < self.header_line]
        if not above:
            return None
        return f"line {above[-1]} begins with {COMMENT}, so it is a comment; take the {COMMENT} off a header"


def read_table(
    path: Path, largest_bytes: int = LARGEST_TABLE_BYTES, *, rows_may_end_early: bool = False
) -> Table:
    """Read a table: UTF-8 text, the header in the first line that is neither blank nor a comment.

    `rows_may_end_early`: whether the format lets a row leave out empty cells at its end.

    Raises InputError, with file and line, for what is not a table: no text, no header, rows of other lengths
    than the header's, a column named twice, a column without a name that holds something (the first may:
    row names).
    """
    text = read_text_file(path, largest_bytes)
    split = split_table(text, path)
    if not split.cells:
        raise InputError.of("is empty", file=path, allowed="a header line and rows under it")
    header = split.cells[0]
    _refuse_repeated(path, split.lines[0], header)
    if rows_may_end_early:
        for cells in split.cells:
            cells += [""] * (len(header) - len(cells))
    _refuse_other_lengths(path, split)
    table = Table(
        file=str(path),
        header_line=split.lines[0],
        columns=tuple(header),
        lines=split.lines[1:],
        cells=split.cells[1:],
        comments=split.comments,
        decimal_commas=split.separator != "," and "," in text and _decimal_commas(split.cells[1:]),
    )
    return _without_nameless(table) if "" in header else table


def _plain_number(text: str) -> float:
    """Return text in plain digits as a finite number, not-a-number where it is none."""
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _decimal_commas(rows: Iterable[Sequence[str]]) -> bool | None:
    """Return whether commas mark decimals: some can mark no thousands, and no number has a point."""
    with_comma = with_point = surely = False
    for row in rows:
        for cell in row:
            if "," in cell and _WITH_COMMA.fullmatch(cell):
                with_comma = True
                surely = surely or not _THOUSANDS.fullmatch(cell)
            elif "." in cell and _WITH_POINT.fullmatch(cell):
                with_point = True
    if not with_comma:
        return False
    return True if surely and not with_point else None


def _refuse_repeated(path: Path, line: int, header: Sequence[str]) -> None:
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        raise InputError(
            [
                Problem("names more than one column", Place(str(path), line, name), "each name once")
                for name in repeated
            ]
        )


def _refuse_other_lengths(path: Path, split: TableText) -> None:
    """Raise InputError for rows that have not as many cells as the header."""
    wanted = len(split.cells[0])
    wrong = [row for row, cells in enumerate(split.cells) if len(cells) != wanted]
    if not wrong:
        return
    hint = f"look for a missing cell, or for one too many among the {SEPARATORS[split.separator]}"
    if split.separator == ",":
        hint = "put quotes around text that holds a comma, and write decimals with a point"
    problems = [
        Problem(
            f"has {len(split.cells[row])} cell{'' if len(split.cells[row]) == 1 else 's'}",
            Place(str(path), split.lines[row]),
            f"{wanted}, as many as the header on line {split.lines[0]} has columns",
            hint,
        )
        for row in wrong[:MOST_PROBLEMS]
    ]
    if len(wrong) > MOST_PROBLEMS:
        problems.append(Problem(f"{len(wrong) - MOST_PROBLEMS} more rows are like that", Place(str(path))))
    raise InputError(problems)


def _without_nameless(table: Table) -> Table:
    """Return the table without its nameless columns: the first, which holds row names, and empty ones."""
    kept = [position for position, name in enumerate(table.columns) if name]
    for position in set(range(1, len(table.columns))) - set(kept):
        for line, row in zip(table.lines, table.cells, strict=True):
            if row[position]:
                raise InputError.of(
                    f"column {position + 1} has no name, and holds {row[position]!r}",
                    file=table.file, line=line, allowed="a name for every column that holds something",
                )  # fmt: skip
    return Table(
        file=table.file,
        header_line=table.header_line,
        columns=tuple(table.columns[position] for position in kept),
        lines=table.lines,
        cells=tuple([row[position] for position in kept] for row in table.cells),
        comments=table.comments,
        decimal_commas=table.decimal_commas,
    )
