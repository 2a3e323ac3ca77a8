"""Tables of effects that people bring: a CSV file with the columns study, yi, vi and moderators.

A moderator whose values are all numbers is used as it is; one whose values are all text becomes one 0/1
column for each value but the first in alphabetical order, which is the reference.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from calor.core.errors import InputError, Place, Problem
from calor.core.repeats import refuse_repeated
from calor.core.tables import Table, is_missing, read_table
from calor.evidence.synthesis.method import LARGEST

REQUIRED = ("study", "yi", "vi")
LARGEST_TABLE_BYTES = 4_000_000
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


def read_effect_table(path: Path, moderators: Sequence[str] = ()) -> EffectTable:
    """Read a table of effects from a CSV file; see `core.tables` for what such a file may look like.

    Arguments: the file, and the names of the columns to use as moderators.
    Raises InputError, naming file, line and column, for everything in the table that is wrong.
    """
    return effect_table_of(read_table(path, LARGEST_TABLE_BYTES), moderators)


def effect_table_of(table: Table, moderators: Sequence[str] = ()) -> EffectTable:
    """Return the effects of a table that was read; raises as `read_effect_table` does."""
    _check_columns(table, moderators)
    if not len(table):
        raise InputError.of(
            "holds no study, only a header",
            file=table.file, line=table.header_line, allowed="at least two studies",
        )  # fmt: skip
    problems: list[Problem] = []
    estimates = _numbers(table, "yi", problems)
    variances = _numbers(table, "vi", problems)
    for row, (study, variance) in enumerate(zip(table.texts("study"), variances, strict=True)):
        if not math.isnan(variance) and not 1.0 / LARGEST <= variance <= LARGEST:
            allowed = f"a variance above 0 ({1 / LARGEST:g} to {LARGEST:g})"
            problems.append(table.problem(row, "vi", allowed=allowed))
        if not study:
            problems.append(table.problem(row, "study", allowed="a label"))
    problems += _repeated_rows(table)
    columns = _moderator_columns(table, moderators, problems)
    if problems:
        raise InputError(problems)
    if len(table) < 2:
        raise InputError.of(
            "holds one study", file=table.file, line=table.lines[0], allowed="at least two studies to pool"
        )
    return EffectTable(
        tuple(table.texts("study")),
        tuple(estimates),
        tuple(variances),
        columns,
        (*table.notes, *_warnings(table)),
    )


def _check_columns(table: Table, moderators: Sequence[str]) -> None:
    """Raise InputError unless the needed columns are there and the moderators can be some."""
    refuse_repeated(moderators, "--moderator")
    problems = table.absent((*REQUIRED, *moderators), COLUMN_HINTS)
    problems += [
        Problem("cannot be a moderator", Place(table.file, table.header_line, name), "any other column")
        for name in moderators
        if name in REQUIRED
    ]
    if problems:
        raise InputError(problems)


def _numbers(table: Table, column: str, problems: list[Problem]) -> list[float]:
    """Return a column's numbers; note each cell that is none, which counts as not-a-number."""
    values = [table.number(text) for text in table.texts(column)]
    for row, value in enumerate(values):
        if not abs(value) <= LARGEST:
            problems.append(
                _wrong_cell(
                    table, row, column, f"a number from -{LARGEST:.0e} to {LARGEST:.0e}, with a decimal point"
                )
            )
            values[row] = math.nan
    return values


def _wrong_cell(table: Table, row: int, column: str, allowed: str) -> Problem:
    """Return the problem of a cell; a missing value has a hint of its own."""
    missing = is_missing(table.texts(column)[row])
    hint = "fill the value in or take the row out: missing values are not guessed" if missing else None
    return table.problem(row, column, allowed=allowed, hint=hint)


def _repeated_rows(table: Table) -> list[Problem]:
    """Return a problem for every row that repeats a study with the same effect and variance."""
    first: dict[tuple[str, ...], int] = {}
    problems = []
    for row, key in enumerate(zip(*(table.texts(name) for name in REQUIRED), strict=True)):
        if key in first and all(key):
            problems.append(
                table.problem(
                    row,
                    "study",
                    what=f"{key[0]!r} stands with the same yi and vi on line {first[key]}",
                    allowed="each effect once",
                    hint="take the repeated row out: a study counted twice narrows the interval",
                )
            )
        first.setdefault(key, table.lines[row])
    return problems


def _moderator_columns(
    table: Table, moderators: Sequence[str], problems: list[Problem]
) -> dict[str, tuple[float, ...]]:
    """Return the columns of the moderators, text turned into 0/1 columns; note what is wrong."""
    columns: dict[str, tuple[float, ...]] = {}
    for name in moderators:
        texts = table.texts(name)
        present = [text for text in texts if not is_missing(text)]
        is_text = bool(present) and all(math.isnan(table.number(text)) for text in present)
        levels = {text if is_text else table.number(text) for text in texts}
        if len(levels) == 1 and len(present) == len(texts) > 1:
            hint = "take the moderator out: it explains no difference"
            place = Place(table.file, None, name)
            problems.append(Problem(f"is {texts[0]!r} in every row", place, "values that differ", hint))
        for row, text in enumerate(texts):
            if is_missing(text):
                problems.append(_wrong_cell(table, row, name, "a value for every study"))
            elif not is_text and not abs(table.number(text)) <= LARGEST:
                problems.append(
                    table.problem(row, name, allowed="a number, as other rows have, or text in every row")
                )
        if is_text:
            for level in sorted(set(texts))[1:]:
                columns[f"{name}={level}"] = tuple(float(text == level) for text in texts)
        else:
            columns[name] = tuple(table.number(text) for text in texts)
    return columns


def _warnings(table: Table) -> Iterator[str]:
    """Yield a warning for every study that stands on more than one line."""
    lines: dict[str, list[str]] = {}
    for study, line in zip(table.texts("study"), table.lines, strict=True):
        lines.setdefault(study, []).append(str(line))
    for study, places in lines.items():
        if len(places) > 1:
            yield (
                f"{study} stands on lines {', '.join(places)}: its effects are treated as independent, "
                "which they are only if no patient is counted twice"
            )
