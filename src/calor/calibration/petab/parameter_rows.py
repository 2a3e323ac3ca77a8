"""Priors of the model as rows of a PEtab parameter table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from calor.core.errors import UnsupportedError
from calor.model.parameters import Parameter, Scale, Variation

WIDTHS = 6.0
"""Prior SDs between the value and each bound: beyond them lies 2e-9 of the prior."""


@dataclass(frozen=True)
class ParameterRow:
    """A row of the table; numbers stand as PEtab takes them, empty where a parameter is not estimated."""

    name: str
    words: str
    nominal: float
    bounds: tuple[float, float] | None
    family: str = ""
    numbers: tuple[float, ...] = ()

    @property
    def cells(self) -> tuple[str, ...]:
        """The row's cells, in the order of `COLUMNS`."""
        low, high = ("", "") if self.bounds is None else map(repr, self.bounds)
        estimate = "false" if self.bounds is None else "true"
        numbers = ";".join(map(repr, self.numbers))
        return (self.name, self.words, low, high, repr(self.nominal), estimate, self.family, numbers)


COLUMNS = (
    "parameterId",
    "parameterName",
    "lowerBound",
    "upperBound",
    "nominalValue",
    "estimate",
    "priorDistribution",
    "priorParameters",
)


def logit_name(name: str) -> str:
    """Return the name of the parameter that holds the logit of another."""
    return f"logit_{name}"


def is_decided(parameter: Parameter) -> bool:
    """Whether a person has the value 0 or 1, which of them being a matter of chance."""
    return parameter.variation is Variation.BERNOULLI


def on_logit(parameter: Parameter, held: Mapping[str, float]) -> bool:
    """Whether a parameter is estimated through its logit."""
    return parameter.scale is Scale.LOGIT and not is_decided(parameter) and parameter.identifier not in held


def parameter_rows(parameters: Iterable[Parameter], held: Mapping[str, float]) -> tuple[ParameterRow, ...]:
    """Return a row for every parameter with a prior, and for what is held at a value.

    Arguments: the parameters; the values at which some are held (those of a rival). A number that is 0 or 1
    in a person is held at the likelier of the two. Raises UnsupportedError for an unknown name that is held.
    """
    by_name = {parameter.identifier: parameter for parameter in parameters}
    unknown = sorted(set(held) - set(by_name))
    if unknown:
        raise UnsupportedError.of(f"{unknown[0]} is no parameter of the model with these drugs")
    rows = (_row(parameter, held) for parameter in by_name.values())
    return tuple(row for row in rows if row is not None)


def _row(parameter: Parameter, held: Mapping[str, float]) -> ParameterRow | None:
    name, words, value, sd = parameter.identifier, parameter.name, parameter.value, parameter.prior_sd
    if name in held:
        return ParameterRow(name, words, held[name], None)
    if is_decided(parameter):
        return ParameterRow(name, words, float(round(value)), None)
    match parameter.scale:
        case Scale.FIXED:
            return None
        case Scale.LOG:
            bounds = (value * math.exp(-WIDTHS * sd), value * math.exp(WIDTHS * sd))
            return ParameterRow(name, words, value, bounds, "log-normal", (math.log(value), sd))
        case Scale.LOGIT:
            center = math.log(value / (1.0 - value))
            bounds = (center - WIDTHS * sd, center + WIDTHS * sd)
            name, words = logit_name(name), f"logit of: {words}"
            return ParameterRow(name, words, center, bounds, "normal", (center, sd))
        case Scale.LINEAR:
            bounds = (value - WIDTHS * sd, value + WIDTHS * sd)
            return ParameterRow(name, words, value, bounds, "normal", (value, sd))
