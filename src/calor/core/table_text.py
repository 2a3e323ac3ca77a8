"""The text of a table that somebody gives, cut into cells: separator, quotes, comments, lines.

The separator is the one among comma, semicolon and tab that cuts the header into most cells; a first line
`sep=;`, as spreadsheets write it, says so outright. A line that begins with `#` is a comment.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from calor.core.errors import InputError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
COMMENT = "#"


@dataclass(frozen=True)
class TableText:
    """A table as text.

    Arguments: the separator; the line (from 1) and the cells, stripped of blanks around them, of every line
    that is neither blank nor a comment; the comments' lines.
    """

    separator: str
    lines: tuple[int, ...]
    cells: tuple[list[str], ...]
    comments: tuple[int, ...]


@dataclass
class _Source(Iterator[str]):
    """Lines one after another; `position` is that of the next one, so that it can be looked at first."""

    lines: Sequence[str]
    position: int = 0

    def __next__(self) -> str:
        if self.position == len(self.lines):
            raise StopIteration
        self.position += 1
        return self.lines[self.position - 1]

    @property
    def stands_at_comment(self) -> bool:
        """Whether the next line is a comment."""
        return self.lines[self.position].lstrip().startswith(COMMENT)


def split_table(text: str, file: Path) -> TableText:
    """Cut a table's text into cells. Raises InputError for an unknown separator and for broken quotes."""
    source = _Source(list(io.StringIO(text, newline="")))
    comments = _comments_before_content(source)
    separator = _separator(source, file)
    reader = csv.reader(source, delimiter=separator, strict=True, skipinitialspace=True)
    lines: list[int] = []
    cells: list[list[str]] = []
    while source.position < len(source.lines):
        line = source.position + 1
        if source.stands_at_comment:
            comments.append(line)
            next(source)
            continue
        try:
            row = [cell.strip() for cell in next(reader)]
        except csv.Error as error:
            raise _not_csv(error, file, line) from None
        if any(row):
            lines.append(line)
            cells.append(row)
    return TableText(separator, tuple(lines), tuple(cells), tuple(comments))


def _comments_before_content(source: _Source) -> list[int]:
    """Pass over blank lines and comments; return the comments' lines."""
    comments = []
    while source.position < len(source.lines):
        if source.stands_at_comment:
            comments.append(source.position + 1)
        elif source.lines[source.position].strip():
            break
        source.position += 1
    return comments


def _separator(source: _Source, file: Path) -> str:
    """Return what separates the cells; pass over a line that says it (`sep=;`)."""
    if source.position == len(source.lines):
        return ","
    line = source.position + 1
    header = source.lines[source.position].strip("\r\n")
    if header.lower().startswith("sep=") and len(header) == len("sep=,"):
        source.position += 1
        if header[-1] not in SEPARATORS:
            raise _not_separated(file, line, f"{header[-1]!r}")
        return header[-1]
    try:
        counts = {mark: _cells_in(header, mark) for mark in SEPARATORS}
    except csv.Error as error:
        raise _not_csv(error, file, line) from None
    most = max(counts.values())
    best = [mark for mark, count in counts.items() if count == most]
    if most == 1:
        _refuse_other_separators(source, header, line, file)
        return ","
    if len(best) > 1:
        either = " and ".join(SEPARATORS[mark] for mark in best)
        raise InputError.of(
            f"{either} cut the header into equally many cells",
            file=file, line=line, allowed="one kind of separator",
            hint="put quotes around names that hold the other",
        )  # fmt: skip
    return best[0]


def _cells_in(header: str, separator: str) -> int:
    """Return how many cells a line has, quotes heeded."""
    return len(next(csv.reader([header], delimiter=separator, skipinitialspace=True), []))


def _refuse_other_separators(source: _Source, header: str, line: int, file: Path) -> None:
    """Raise InputError where a header of one cell looks like several under another separator."""
    if "|" in header:
        raise _not_separated(file, line, "bars (|)")
    following = source.lines[source.position + 1] if source.position + 1 < len(source.lines) else ""
    if len(header.split()) == len(following.split()) > 1 and '"' not in header:
        raise _not_separated(file, line, "blanks")


def _not_csv(error: csv.Error, file: Path, line: int) -> InputError:
    return InputError.of(f"is not CSV: {error}", file=file, line=line, hint="look for an unclosed quote")


def _not_separated(file: Path, line: int, by: str) -> InputError:
    return InputError.of(
        f"the columns are separated by {by}",
        file=file, line=line, allowed="commas, semicolons or tabs", hint="save the table as CSV",
    )  # fmt: skip
