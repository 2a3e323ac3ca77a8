"""The parameter table of either version, with its priors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from calor.core.errors import InputError
from calor.engine.petab.cells import Row, refuse_repeated, rows_of
from calor.engine.petab.problem import Prior, Scale, TableParameter

_FIRST_PRIORS: dict[str, tuple[str, bool]] = {
    # name in version 1: the family, and whether its density is that of the transformed parameter
    "uniform": ("uniform", False),
    "normal": ("normal", False),
    "laplace": ("laplace", False),
    "logNormal": ("log-normal", False),
    "logLaplace": ("log-laplace", False),
    "parameterScaleUniform": ("uniform", True),
    "parameterScaleNormal": ("normal", True),
    "parameterScaleLaplace": ("laplace", True),
}
_SECOND_PRIORS = {
    "cauchy": 2,
    "chisquare": 1,
    "exponential": 1,
    "gamma": 2,
    "laplace": 2,
    "log-laplace": 2,
    "log-normal": 2,
    "log-uniform": 2,
    "normal": 2,
    "rayleigh": 1,
    "uniform": 2,
}
"""How many numbers each family of version 2 has."""


def read_parameters(paths: Sequence[Path], version: int) -> Mapping[str, TableParameter]:
    """Return the parameters by name. Raises InputError."""
    rows = rows_of(paths, ("parameterId", "estimate"))
    refuse_repeated(rows, "parameterId")
    read = _first if version == 1 else _second
    made = {row.identifier("parameterId"): read(row) for row in rows}
    if version == 2 and any(parameter.prior for parameter in made.values()):
        return {name: _with_flat_prior(parameter) for name, parameter in made.items()}
    return made


def read_values(path: Path, parameters: Mapping[str, TableParameter]) -> dict[str, float]:
    """Return values of parameters, linear, from a table with parameterId and nominalValue.

    A PEtab parameter table is one. Raises InputError for a name that the problem does not have.
    """
    rows = rows_of([path], ("parameterId", "nominalValue"))
    refuse_repeated(rows, "parameterId")
    for row in rows:
        if row.text("parameterId") not in parameters:
            raise row.wrong("parameterId", "a parameter of the problem")
    return {row.text("parameterId"): row.value("nominalValue") for row in rows}


def _first(row: Row) -> TableParameter:
    estimated = row.word("estimate", ("0", "1"), "") == "1"
    scale = Scale(row.word("parameterScale", tuple(Scale), ""))
    return _parameter(row, estimated, scale, _first_prior(row, scale))


def _second(row: Row) -> TableParameter:
    estimated = row.word("estimate", ("true", "false"), "") == "true"
    made = _parameter(row, estimated, Scale.LINEAR, None)
    if not row.has("priorDistribution"):
        return made
    family = row.word("priorDistribution", tuple(_SECOND_PRIORS), "")
    numbers = row.numbers("priorParameters", _SECOND_PRIORS[family])
    _check_numbers(row, "priorParameters", family, numbers)
    return replace(made, prior=Prior(family, numbers, within=made.bounds))


def _parameter(row: Row, estimated: bool, scale: Scale, prior: Prior | None) -> TableParameter:
    low, high = row.value_or("lowerBound", None), row.value_or("upperBound", None)
    if estimated:
        for column, bound in (("lowerBound", low), ("upperBound", high)):
            if bound is None:
                raise row.wrong(column, "a bound for a parameter that is estimated")
    bounds = (-math.inf if low is None else low, math.inf if high is None else high)
    if bounds[0] > bounds[1]:
        raise row.wrong("lowerBound", f"at most the upper bound, {bounds[1]:g}")
    value = None
    if row.has("nominalValue"):
        value = row.value("nominalValue")
    elif not estimated:
        raise row.wrong("nominalValue", "a number for a parameter that is not estimated")
    return TableParameter(
        name=row.identifier("parameterId"),
        value=value,
        estimated=estimated,
        scale=scale,
        bounds=bounds,
        prior=prior,
        place=row.place(),
    )


def _first_prior(row: Row, scale: Scale) -> Prior | None:
    if not row.has("objectivePriorType"):
        return None
    name = row.word("objectivePriorType", tuple(_FIRST_PRIORS), "")
    family, transformed = _FIRST_PRIORS[name]
    if name == "parameterScaleUniform" and not row.has("objectivePriorParameters"):
        return None
    numbers = row.numbers("objectivePriorParameters", 2)
    _check_numbers(row, "objectivePriorParameters", family, numbers)
    return Prior(family, numbers, scale if transformed else Scale.LINEAR)


def _check_numbers(row: Row, column: str, family: str, numbers: tuple[float, ...]) -> None:
    """Raise InputError for numbers of which the family has no distribution."""
    if family in {"uniform", "log-uniform"}:
        if not numbers[0] < numbers[1] or (family == "log-uniform" and numbers[0] <= 0.0):
            raise row.wrong(column, "a lower bound (above 0 for log-uniform) and a higher one")
    elif numbers[-1] <= 0.0 or (family == "gamma" and numbers[0] <= 0.0):
        raise row.wrong(column, f"numbers of the {family} distribution: its spread and shape are above 0")


def _with_flat_prior(parameter: TableParameter) -> TableParameter:
    """Return an estimated parameter with the prior that version 2 gives those without, between its bounds."""
    if parameter.prior is not None or not parameter.estimated:
        return parameter
    if not all(map(math.isfinite, parameter.bounds)):
        raise InputError.of(
            f"{parameter.name} has no prior, others have, and its bounds are infinite",
            file=parameter.place.file, line=parameter.place.line, key="priorDistribution",
            allowed="finite bounds, between which it is then uniform, or a prior",
        )  # fmt: skip
    return replace(parameter, prior=Prior("uniform", parameter.bounds))
