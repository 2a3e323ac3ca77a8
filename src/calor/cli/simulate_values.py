"""`calor simulate --set, --scan, --population`: values of the model that the person gives."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import click
import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.tables import MOST_PROBLEMS, is_missing, read_table
from calor.engine.symbolic.setting import check_settable
from calor.engine.symbolic.system import System
from calor.engine.symbolic.varying import with_given_start

MOST_POINTS = 1_000_000
"""Simulations of one scan or population."""


class Scan(click.ParamType):  # type: ignore[type-arg]
    """NAME=FROM:TO:COUNT, NAME=FROM:TO:COUNT:log, or NAME=VALUE,VALUE,..."""

    name = "NAME=VALUES"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[float, ...]]:
        """Return the name and its values."""
        name, text = _name_and_text(self, value, param, ctx)
        parts = text.split(":")
        if len(parts) == 1:
            values = tuple(_number(self, part, value, param, ctx) for part in text.split(","))
            twice = next((number for number in values if values.count(number) > 1), None)
            if twice is not None:
                self.fail(f"{value!r} gives {twice:g} twice; allowed: each value once", param, ctx)
            return name, values
        if len(parts) not in (3, 4) or parts[3:] not in ([], ["log"]):
            self.fail(f"{value!r} is not NAME=FROM:TO:COUNT, with :log after it or not", param, ctx)
        first, last, count = (_number(self, part, value, param, ctx) for part in parts[:3])
        if count != int(count) or not 2 <= count <= MOST_POINTS:
            self.fail(f"{value!r}: COUNT is a whole number from 2 to {MOST_POINTS:,}", param, ctx)
        if first == last:
            self.fail(f"{value!r} begins and ends at {first:g}; --set NAME=VALUE gives one value", param, ctx)
        if len(parts) == 4 and not (first > 0 and last > 0):
            self.fail(f"{value!r}: a logarithmic scan has values above 0", param, ctx)
        space = np.geomspace if len(parts) == 4 else np.linspace
        return name, tuple(space(first, last, int(count)).tolist())


def _name_and_text(
    kind: click.ParamType,  # type: ignore[type-arg]
    value: str,
    param: click.Parameter | None,
    ctx: click.Context | None,
) -> tuple[str, str]:
    name, separator, text = (part.strip() for part in value.partition("="))
    if not (name and separator and text):
        kind.fail(f"{value!r} is not {kind.name}", param, ctx)
    return name, text


def _number(
    kind: click.ParamType,  # type: ignore[type-arg]
    text: str,
    value: str,
    param: click.Parameter | None,
    ctx: click.Context | None,
) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        kind.fail(f"{value!r}: {text!r} is not a finite number", param, ctx)
    return number


@dataclass(frozen=True)
class Points:
    """Many sets of values for one model.

    Arguments: what their labels are called (`ID`, or the scanned names) and the labels, a tuple a set; the
    names that are given; their values (n_sets, n_names).
    """

    label_names: tuple[str, ...]
    labels: tuple[tuple[float | str, ...], ...]
    names: tuple[str, ...]
    values: Numbers

    def system(self, plain: System) -> System:
        """Return the model in which the names are parameters; `parameters_of` says which."""
        return with_given_start(plain, [name for name in self.names if name not in plain.parameter_names])


def scanned(system: System, scans: Sequence[tuple[str, tuple[float, ...]]]) -> Points:
    """Return every combination of the scans' values, the last scan running fastest. Raises InputError."""
    names = tuple(name for name, _ in scans)
    check_settable(system, names, "--scan")
    count = math.prod(len(values) for _, values in scans)
    if count > MOST_POINTS:
        raise InputError.of(f"{count:,} combinations", key="--scan", allowed=f"at most {MOST_POINTS:,}")
    labels = tuple(product(*(values for _, values in scans)))
    return Points(names, labels, names, np.array(labels, dtype=np.float64))


def read_population(path: Path, system: System, ignored: Sequence[str]) -> Points:
    """Read a table of people: ID, and a column for each parameter or initial value that differs.

    Raises InputError for a column that is none, a person named twice and a cell that is no number.
    """
    table = read_table(path)
    id_columns = [name for name in table.columns if name.upper() == "ID"]
    problems = table.absent([*ignored, *([] if id_columns else ["ID"])])
    if problems:
        raise InputError(problems)
    column = id_columns[0]
    names = [name for name in table.columns if name != column and name not in ignored]
    try:
        check_settable(system, names, str(path))
    except InputError as error:
        (problem,) = error.problems
        hint = problem.hint or "--ignore NAME passes over a column"
        raise InputError.of(
            problem.what, file=path, line=table.header_line, allowed=problem.allowed, hint=hint
        ) from None
    people = table.texts(column)
    seen: set[str] = set()
    for row, person in enumerate(people):
        if is_missing(person) or person in seen:
            what = None if is_missing(person) else f"{person} stands twice"
            problems.append(table.problem(row, column, what=what, allowed="one row a person"))
            break
        seen.add(person)
    values = [[table.number(text) for text in table.texts(name)] for name in names]
    for name, numbers in zip(names, values, strict=True):
        wrong = [row for row, number in enumerate(numbers) if math.isnan(number)]
        problems += [table.problem(row, name, allowed="a number") for row in wrong[:MOST_PROBLEMS]]
    if problems:
        raise InputError(problems)
    if not 1 <= len(table) <= MOST_POINTS:
        raise InputError.of(f"holds {len(table):,} people", file=path, allowed=f"1 to {MOST_POINTS:,}")
    given = np.array(values, dtype=np.float64).reshape(len(names), len(table)).T
    return Points(("ID",), tuple((person,) for person in people), tuple(names), given)


def points_of(
    system: System,
    settings: Mapping[str, float],
    scans: tuple[tuple[str, tuple[float, ...]], ...],
    population: Path | None,
    ignored: tuple[str, ...],
) -> Points | None:
    """Return the sets of values of a scan or a population, None where one course was asked for.

    Raises InputError for what is wrong in them, and for a name that `--set` gives as well.
    """
    if population is not None:
        points = read_population(population, system, ignored)
    elif scans:
        points = scanned(system, scans)
    else:
        return None
    both = [name for name in points.names if name in settings]
    if both:
        raise InputError.of(
            f"{both[0]} is given by --set and by {'--population' if population else '--scan'}",
            allowed="one of them",
        )
    return points
