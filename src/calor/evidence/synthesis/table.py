"""Tables of effects that people bring: a CSV file with the columns study, yi, vi and moderators.

A moderator whose values are all numbers is used as it is; one whose values are all text becomes one 0/1
column for each value but the first in alphabetical order, which is the reference.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from calor.core.errors import InputError, Place, Problem
from calor.core.text_files import read_text_file
from calor.evidence.synthesis.weighted import LARGEST

REQUIRED = ("study", "yi", "vi")
LARGEST_TABLE_BYTES = 4_000_000
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "."})
COLUMN_HINTS = {
    "vi": "vi is the sampling variance, the square of the standard error",
    "yi": "yi is the effect, on the logarithm's scale for ratios",
    "study": "study is a label for each study",
}


@dataclass(frozen=True)
class EffectTable:
    """The effects of a table, with the moderators asked for and what the reader should know.

    Arguments: k labels, effects and variances; moderator columns (k numbers each) by name; warnings.
    """

    studies: tuple[str, ...]
    estimates: tuple[float, ...]
    variances: tuple[float, ...]
    moderators: Mapping[str, tuple[float, ...]]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """One row of the file: its line (from 1) and its cells by column, stripped."""

    line: int
    cells: Mapping[str, str]


def read_effect_table(path: Path, moderators: Sequence[str] = ()) -> EffectTable:
    """Read a table of effects from a CSV file (UTF-8, comma-separated, header in the first line).

    Arguments: the file, and the names of the columns to use as moderators.
    Raises InputError, naming file, line and column, for everything in the table that is wrong.
    """
    rows = _rows(path, moderators)
    problems: list[Problem] = []
    estimates = [_number(path, row, "yi", problems) for row in rows]
    variances = [_number(path, row, "vi", problems) for row in rows]
    for row, variance in zip(rows, variances, strict=True):
        if not math.isnan(variance) and not 1.0 / LARGEST <= variance <= LARGEST:
            problems.append(
                _problem(path, row, "vi", allowed=f"a variance above 0 ({1 / LARGEST:g} to {LARGEST:g})")
            )
        if not row.cells["study"]:
            problems.append(_problem(path, row, "study", allowed="a label"))
    problems += _repeated_rows(path, rows)
    columns = _moderator_columns(path, rows, moderators, problems)
    if problems:
        raise InputError(problems)
    if len(rows) < 2:
        raise InputError.of(
            "holds one study", file=path, line=rows[0].line, allowed="at least two studies to pool"
        )
    return EffectTable(
        tuple(row.cells["study"] for row in rows),
        tuple(estimates),
        tuple(variances),
        columns,
        tuple(_warnings(rows)),
    )


def _rows(path: Path, moderators: Sequence[str]) -> list[_Row]:
    """Return the rows under the header; blank lines are skipped."""
    lines = _lines(path)
    header_line, header = next(lines, (1, []))
    if not header:
        raise InputError.of("is empty", file=path, allowed="a header line: study,yi,vi and moderators")
    _check_header(path, header_line, header, moderators)
    rows = []
    problems = []
    for line, cells in lines:
        if len(cells) != len(header):
            problems.append(
                Problem(
                    f"has {len(cells)} cells",
                    Place(str(path), line),
                    f"{len(header)}, as many as the header has columns",
                    "put quotes around text that holds a comma, and write decimals with a point",
                )
            )
        else:
            rows.append(_Row(line, dict(zip(header, cells, strict=True))))
    if problems:
        raise InputError(problems)
    if not rows:
        raise InputError.of(
            "holds no study, only a header", file=path, line=header_line, allowed="at least two studies"
        )
    return rows


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of every line that is not blank, cells stripped."""
    reader = csv.reader(io.StringIO(read_text_file(path, LARGEST_TABLE_BYTES), newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError.of(
                f"is not CSV: {error}", file=path, line=line, hint="look for an unclosed quote"
            ) from None
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield line, stripped
        line = reader.line_num + 1


def _check_header(path: Path, line: int, header: Sequence[str], moderators: Sequence[str]) -> None:
    """Raise InputError unless the needed columns are there, once each; nameless ones are ignored."""
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        raise InputError.of(
            "the columns are not separated by commas", file=path, line=line,
            allowed="study,yi,vi and moderators", hint="save the table as comma-separated values",
        )  # fmt: skip
    repeated = {name for name in header if name and header.count(name) > 1}
    problems = [
        Problem("names more than one column", Place(str(path), line, name), "each name once")
        for name in sorted(repeated)
    ]
    for name in dict.fromkeys((*REQUIRED, *moderators)):
        if name not in header:
            close = get_close_matches(name.lower(), [column.lower() for column in header if column], n=1)
            near = [column for column in header if close and column.lower() == close[0]]
            hint = f"did you mean {near[0]}?" if near else COLUMN_HINTS.get(name)
            problems.append(
                Problem(
                    "the table has no such column",
                    Place(str(path), line, name),
                    f"a column named {name} (found: {', '.join(column for column in header if column)})",
                    hint,
                )
            )
    problems += [
        Problem("cannot be a moderator", Place(str(path), line, name), "any other column")
        for name in moderators
        if name in REQUIRED
    ]
    if problems:
        raise InputError(problems)


def _parsed(text: str) -> float:
    """Return a cell as a number; not-a-number where it is none (or is not written with plain digits)."""
    try:
        return float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan


def _number(path: Path, row: _Row, column: str, problems: list[Problem]) -> float:
    """Return a cell's number; where it is none, note the problem and return not-a-number."""
    value = _parsed(row.cells[column])
    if not abs(value) <= LARGEST:
        problems.append(_problem(path, row, column, allowed="a number, with a decimal point"))
        return math.nan
    return value


def _problem(path: Path, row: _Row, column: str, *, allowed: str, hint: str | None = None) -> Problem:
    """Return the problem that a cell holds something else than what is allowed."""
    text = row.cells[column]
    what = f"is {text!r}" if text else "is empty"
    if hint is None and "," in text:
        hint = "write decimals with a point"
    if hint is None and text.lower() in MISSING:
        hint = "fill the value in or take the row out: missing values are not guessed"
    return Problem(what, Place(str(path), row.line, column), allowed, hint)


def _repeated_rows(path: Path, rows: Sequence[_Row]) -> list[Problem]:
    """Return a problem for every row that repeats a study with the same effect and variance."""
    first: dict[tuple[str, ...], int] = {}
    problems = []
    for row in rows:
        key = tuple(row.cells[name] for name in REQUIRED)
        if key in first and all(key):
            problems.append(
                Problem(
                    f"{key[0]!r} stands with the same yi and vi on line {first[key]}",
                    Place(str(path), row.line, "study"),
                    "each effect once",
                    "take the repeated row out: a study counted twice narrows the interval",
                )
            )
        first.setdefault(key, row.line)
    return problems


def _moderator_columns(
    path: Path, rows: Sequence[_Row], moderators: Sequence[str], problems: list[Problem]
) -> dict[str, tuple[float, ...]]:
    """Return the columns of the moderators, text turned into 0/1 columns; note what is wrong."""
    columns: dict[str, tuple[float, ...]] = {}
    for name in dict.fromkeys(moderators):
        texts = [row.cells[name] for row in rows]
        present = [text for text in texts if text.lower() not in MISSING]
        is_text = bool(present) and all(math.isnan(_parsed(text)) for text in present)
        levels = {text if is_text else _parsed(text) for text in texts}
        if len(levels) == 1 and len(present) == len(rows) > 1:
            hint = "take the moderator out: it explains no difference"
            place = Place(str(path), None, name)
            problems.append(Problem(f"is {texts[0]!r} in every row", place, "values that differ", hint))
        for row, text in zip(rows, texts, strict=True):
            if text.lower() in MISSING:
                problems.append(_problem(path, row, name, allowed="a value for every study"))
            elif not is_text and not abs(_parsed(text)) <= LARGEST:
                allowed = "a number, as other rows have, or text in every row"
                problems.append(_problem(path, row, name, allowed=allowed))
        if is_text:
            for level in sorted(set(texts))[1:]:
                columns[f"{name}={level}"] = tuple(float(text == level) for text in texts)
        else:
            columns[name] = tuple(_parsed(text) for text in texts)
    return columns


def _warnings(rows: Sequence[_Row]) -> Iterator[str]:
    """Yield a warning for every study that stands on more than one line."""
    lines: dict[str, list[str]] = {}
    for row in rows:
        lines.setdefault(row.cells["study"], []).append(str(row.line))
    for study, places in lines.items():
        if len(places) > 1:
            yield (
                f"{study} stands on lines {', '.join(places)}: its effects are treated as independent, "
                "which they are only if no patient is counted twice"
            )
