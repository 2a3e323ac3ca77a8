"""What the variables of the simulated data sets mean, read from `variables.yaml` and held against a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from calor.core.documents import read_document
from calor.core.errors import InputError

PERIOD = "xx"
"""What stands in a name for the number of a period."""


@dataclass(frozen=True)
class Variable:
    """A variable of a data set.

    Arguments: its name; its label; its type (text, integer or float); where it comes from in the terms of
    Define-XML; how it is derived, in words; the code list of its values, if any; and whether it stands in the
    data as the trial's periods and sites ask for.
    """

    name: str
    label: str
    type: str
    origin: str
    derivation: str
    codelist: str | None = None
    of_design: bool = False

    def named(self, name: str) -> Variable | None:
        """Return the variable under a name, its period filled in, or None where it is another one."""
        found = re.fullmatch(re.escape(self.name).replace(PERIOD, r"(\d\d)"), name)
        if found is None:
            return None
        period = found[1] if found.groups() else PERIOD
        label, derivation = (text.replace(PERIOD, period) for text in (self.label, self.derivation))
        return replace(self, name=name, label=label, derivation=derivation)


@dataclass(frozen=True)
class DataSet:
    """A data set: its name, label, class and structure in the words of ADaM, its keys, and its table."""

    name: str
    label: str
    of_class: str
    structure: str
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]
    table: pd.DataFrame


@dataclass(frozen=True)
class LeftOut:
    """What an ADaM data set usually has and calor does not know: what, and why."""

    what: str
    because: str


def data_sets(tables: dict[str, pd.DataFrame]) -> tuple[DataSet, ...]:
    """Return the data sets of a run's tables, by name, with what each variable means.

    Raises InputError for a table or column that is not described: it was written by another calor.
    """
    return tuple(_data_set(name, table) for name, table in tables.items())


def left_out() -> tuple[LeftOut, ...]:
    """Return what the data sets lack because calor does not model it."""
    return tuple(LeftOut(**row) for row in _described()["left_out"])


def standard() -> tuple[str, str]:
    """Return the name and version of the standard that the data sets follow."""
    named = _described()["standard"]
    return named["name"], named["version"]


def names() -> tuple[str, ...]:
    """Return the names of the data sets that are described."""
    return tuple(_described()["datasets"])


def _data_set(name: str, table: pd.DataFrame) -> DataSet:
    described = _described()["datasets"][name]
    known = [Variable(**row) for row in (*described["variables"], *_described()["of_every_dataset"])]
    found = [next(_matching(known, column), None) for column in table.columns]
    strange = [column for column, variable in zip(table.columns, found, strict=True) if variable is None]
    there = {*table.columns}
    missing = [row.name for row in known if not row.of_design and row.name not in there]
    if strange or missing:
        raise InputError.of(
            f"{name} was written by another calor: "
            + ", ".join([*(f"{each} is not known" for each in strange), *(f"no {each}" for each in missing)]),
            hint="run the trial again with this calor",
        )
    return DataSet(
        name=name,
        label=described["label"],
        of_class=described["class"],
        structure=described["structure"],
        keys=tuple(described["keys"]),
        variables=tuple(variable for variable in found if variable is not None),
        table=table,
    )


def _matching(known: list[Variable], column: str) -> Iterator[Variable]:
    for variable in known:
        named = variable.named(column)
        if named is not None:
            yield named


@cache
def _described() -> dict[str, Any]:
    found: dict[str, Any] = read_document(Path(str(files("calor.report.adam"))) / "variables.yaml").data
    return found
