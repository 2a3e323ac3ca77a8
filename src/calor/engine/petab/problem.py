"""What a PEtab problem says, whatever its version: parameters, observables, experiments, measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from calor.core.errors import Place
from calor.engine.symbolic.expression import Expression


class Scale(StrEnum):
    """How a number is transformed before it is compared or estimated."""

    LINEAR = "lin"
    NATURAL = "log"
    DECADIC = "log10"


class Noise(StrEnum):
    """The distribution of a measurement about what is observed, on the observable's scale."""

    NORMAL = "normal"
    LAPLACE = "laplace"


@dataclass(frozen=True)
class Prior:
    """The prior of one parameter.

    Arguments: the family (`normal`, `gamma`, ...); its numbers; the scale on which the parameter has that
    density; and the bounds between which it is cut off and made whole again, None for an uncut one.
    """

    family: str
    numbers: tuple[float, ...]
    scale: Scale = Scale.LINEAR
    within: tuple[float, float] | None = None


@dataclass(frozen=True)
class TableParameter:
    """A row of the parameter table; numbers are linear whatever the scale of estimation.

    Arguments: the name; the nominal value, None where the table gives none; whether it is estimated, on which
    scale, between which bounds (infinite where there are none); its prior; where it stands.
    """

    name: str
    value: float | None
    estimated: bool
    scale: Scale
    bounds: tuple[float, float]
    prior: Prior | None
    place: Place


@dataclass(frozen=True)
class Observable:
    """What is measured, how noisily.

    Arguments: the name; its formula; the formula of the noise (standard deviation or Laplace scale, on the
    observable's scale); the distribution; the scale; the names that a measurement replaces in both formulas
    and in the noise's; where it stands.
    """

    name: str
    formula: Expression
    noise: Expression
    distribution: Noise
    scale: Scale
    placeholders: tuple[str, ...]
    noise_placeholders: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Change:
    """A quantity set to a value when a period begins."""

    target: str
    formula: Expression
    place: Place


@dataclass(frozen=True)
class Period:
    """What begins at a time, minus infinity for a period that lasts until the system rests."""

    time: float
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Experiment:
    """Periods one after another; `name` is for messages."""

    name: str
    periods: tuple[Period, ...]


Override = float | str
"""What stands for a placeholder: a number, or the name of a parameter."""


@dataclass(frozen=True)
class Measurement:
    """A measured value: of which observable, in which experiment, when (infinity: at rest)."""

    observable: str
    experiment: str
    time: float
    value: float
    overrides: tuple[Override, ...]
    noise_overrides: tuple[Override, ...]
    place: Place
    cells: Mapping[str, str]
    """The row as it stands in the table, by column."""


@dataclass(frozen=True)
class ModelFile:
    """The file of the SBML model, and how the problem calls it."""

    path: str
    place: Place


@dataclass(frozen=True)
class PetabProblem:
    """A whole problem.

    Arguments: the YAML file; the version of the format (1 or 2); the model's file; parameters, observables
    and experiments by name; the measurements in order.
    """

    file: str
    version: int
    model: ModelFile
    parameters: Mapping[str, TableParameter]
    observables: Mapping[str, Observable]
    experiments: Mapping[str, Experiment]
    measurements: tuple[Measurement, ...]
