"""The parameter table of the disease: every number with its unit, spread, source, grade and reason."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError, Place, Problem
from calor.core.provenance import Grade, NumberStatus


class Scale(StrEnum):
    """On which scale a parameter is uncertain: its prior is normal there. `fixed` ones have no prior."""

    LOG = "log"
    LOGIT = "logit"
    LINEAR = "linear"
    FIXED = "fixed"


class Variation(StrEnum):
    """How a parameter differs between patients.

    `lognormal`: median times exp(SD z). `normal`: mean plus SD z. `bernoulli`: 1 with probability of the
    value, else 0. `none`: the same for everybody.
    """

    NONE = "none"
    LOGNORMAL = "lognormal"
    NORMAL = "normal"
    BERNOULLI = "bernoulli"


@dataclass(frozen=True)
class Parameter:
    """One number of the disease model.

    Arguments: identifier, name in words, module, value, unit; the scale and SD of its prior; its variation
    between patients with the SD; how it came about (status), the grade of the published number behind it
    (None where there is none), its source's identifier, and the reason in a sentence.
    """

    identifier: str
    name: str
    module: str
    value: float
    unit: str
    scale: Scale
    prior_sd: float
    variation: Variation
    patient_sd: float
    status: NumberStatus
    grade: Grade | None
    source: str
    rationale: str

    def at(self, score: Numbers) -> Numbers:
        """Return the population's value at normal scores z of the prior.

        On its own scale a parameter is normal around its value: log v = log m + s z, logit v = logit m + s z,
        or v = m + s z; a fixed one is m.
        """
        steps = self.prior_sd * np.asarray(score, dtype=np.float64)
        if self.scale is Scale.LOG:
            return np.asarray(self.value * np.exp(steps))
        if self.scale is Scale.LOGIT:
            return np.asarray(1.0 / (1.0 + (1.0 - self.value) / self.value * np.exp(-steps)))
        return np.asarray(self.value + steps)

    @property
    def prior_interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the prior, None for a fixed parameter."""
        if self.scale is Scale.FIXED:
            return None
        lower, upper = self.at(np.array([-1.96, 1.96]))
        return float(lower), float(upper)


@dataclass(frozen=True)
class ParameterTable:
    """The parameters of the disease, in the order of their file."""

    rows: tuple[Parameter, ...]

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, identifier: str) -> Parameter:
        return self._by_identifier[identifier]

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._by_identifier

    @cached_property
    def _by_identifier(self) -> Mapping[str, Parameter]:
        return {row.identifier: row for row in self.rows}

    @property
    def uncertain(self) -> tuple[Parameter, ...]:
        """The parameters with a prior."""
        return tuple(row for row in self.rows if row.scale is not Scale.FIXED)

    @property
    def varying(self) -> tuple[Parameter, ...]:
        """The parameters that differ between patients."""
        return tuple(row for row in self.rows if row.variation is not Variation.NONE)

    def share_of_status(self, narrowed: Collection[str] = ()) -> dict[str, float]:
        """Return the share of the parameters that have each status.

        Those of `narrowed` count as calibrated, whatever they were entered as: a fit has narrowed them.
        """
        now = [NumberStatus.CALIBRATED if row.identifier in narrowed else row.status for row in self.rows]
        return {str(status): sum(each is status for each in now) / len(self) for status in NumberStatus}


Choice = TypeVar("Choice", bound=StrEnum)

COLUMNS = (
    "parameterId",
    "parameterName",
    "module",
    "nominalValue",
    "unit",
    "parameterScale",
    "priorSd",
    "patientDistribution",
    "patientSd",
    "status",
    "grade",
    "source",
    "rationale",
)
NO_GRADE = "none"


def read_parameters(path: Path) -> ParameterTable:
    """Read the table from its TSV file.

    Raises InputError with a problem for every row that lacks a unit, source, grade or rationale, repeats an
    identifier, or holds a value outside its scale.
    """
    problems: list[Problem] = []
    rows: list[Parameter] = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t")
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InputError.of(
                "has other columns than a parameter table", file=path, line=1, allowed=", ".join(COLUMNS)
            )
        for fields in reader:
            row = _RowReader(path, reader.line_num, fields, problems).parameter()
            if row is not None and any(row.identifier == earlier.identifier for earlier in rows):
                problems.append(
                    Problem("stands twice in the table", Place(str(path), reader.line_num, row.identifier))
                )
            elif row is not None:
                rows.append(row)
    if problems:
        raise InputError(problems)
    return ParameterTable(tuple(rows))


@dataclass
class _RowReader:
    """Reads one row and notes every problem in it."""

    path: Path
    line: int
    fields: Mapping[str, str | None]
    problems: list[Problem]

    def parameter(self) -> Parameter | None:
        before = len(self.problems)
        values = {name: self._text(name) for name in COLUMNS}
        scale = self._choice("parameterScale", Scale)
        variation = self._choice("patientDistribution", Variation)
        status = self._choice("status", NumberStatus)
        grade = None if values["grade"] == NO_GRADE else self._choice("grade", Grade)
        value = self._number("nominalValue")
        prior_sd = self._spread("priorSd", wanted=scale is not Scale.FIXED)
        spread = variation in {Variation.LOGNORMAL, Variation.NORMAL}
        patient_sd = self._spread("patientSd", wanted=spread)
        if scale is Scale.LOG and value <= 0:
            self._note("nominalValue", f"is {value}", "more than 0 on the log scale")
        if scale is Scale.LOGIT and not 0 < value < 1:
            self._note("nominalValue", f"is {value}", "between 0 and 1 on the logit scale")
        if grade is None and status in {NumberStatus.MEASURED, NumberStatus.CALIBRATED}:
            self._note("grade", f"is none for a {status} parameter", "verified, secondary or recalled")
        if len(self.problems) > before or scale is None or variation is None or status is None:
            return None
        return Parameter(
            identifier=values["parameterId"],
            name=values["parameterName"],
            module=values["module"],
            value=value,
            unit=values["unit"],
            scale=scale,
            prior_sd=prior_sd,
            variation=variation,
            patient_sd=patient_sd,
            status=status,
            grade=grade,
            source=values["source"],
            rationale=values["rationale"],
        )

    def _note(self, column: str, what: str, allowed: str | None = None) -> None:
        name = self.fields.get("parameterId") or "?"
        self.problems.append(Problem(what, Place(str(self.path), self.line, f"{name}.{column}"), allowed))

    def _text(self, column: str) -> str:
        text = (self.fields.get(column) or "").strip()
        if not text and column not in {"priorSd", "patientSd"}:
            self._note(column, "is empty", "every parameter has one")
        return text

    def _choice(self, column: str, kind: type[Choice]) -> Choice | None:
        text = (self.fields.get(column) or "").strip()
        if text in list(kind):
            return kind(text)
        if text:
            self._note(column, f"is {text!r}", ", ".join(kind))
        return None

    def _number(self, column: str) -> float:
        text = (self.fields.get(column) or "").strip()
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self._note(column, f"is {text!r}", "a finite number")
        return number

    def _spread(self, column: str, *, wanted: bool) -> float:
        text = (self.fields.get(column) or "").strip()
        if not wanted:
            if text:
                self._note(column, f"is {text!r} where nothing varies", "empty")
            return 0.0
        spread = self._number(column)
        if not spread > 0:
            self._note(column, f"is {text!r}", "more than 0")
        return spread
