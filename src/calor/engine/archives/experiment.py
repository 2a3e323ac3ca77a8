"""A simulation experiment as SED-ML describes it: models, simulations, tasks, generators of data, outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from calor.core.errors import Place
from calor.engine.archives.xml_tree import Element
from calor.engine.archives.xpath import Target
from calor.engine.symbolic.expression import Expression
from calor.engine.symbolic.traversal import symbols_of


@dataclass(frozen=True)
class Variable:
    """A value of a model or of a task's results: a target in the model, or time (without a target).

    The symbol says in which sense a species is meant, amount or concentration; None: in that of its name.
    """

    name: str
    task: str | None
    model: str | None
    target: Target | None
    symbol: str | None
    place: Place


@dataclass(frozen=True)
class Calculation:
    """A formula over variables and constants. `totals` are what it takes of a whole variable, by symbol."""

    formula: Expression
    variables: tuple[Variable, ...]
    constants: Mapping[str, float]
    totals: Mapping[str, tuple[str, str]]
    place: Place

    @property
    def names(self) -> set[str]:
        """The names that the formula uses."""
        return symbols_of([self.formula])


class Edit(StrEnum):
    """What is done to the model's text at a target."""

    ATTRIBUTE = "changeAttribute"
    ADD = "addXML"
    REPLACE = "changeXML"
    REMOVE = "removeXML"
    COMPUTE = "computeChange"


@dataclass(frozen=True)
class Change:
    """A change of a model before it is run: the kind, its target, and what it puts there."""

    edit: Edit
    target: Target
    value: str = ""
    content: tuple[Element, ...] = ()
    calculation: Calculation | None = None


@dataclass(frozen=True)
class Model:
    """A model: the file in the archive or another model (`#NAME`) that it comes from, and its changes."""

    name: str
    source: str
    changes: tuple[Change, ...]
    place: Place


@dataclass(frozen=True)
class Algorithm:
    """How the author solved: the KISAO term as `KISAO:0000019`, and parameters by their terms."""

    term: str
    parameters: Mapping[str, str]
    place: Place


@dataclass(frozen=True)
class UniformTimeCourse:
    """A course from `initial`, seen at `steps` + 1 equally spaced times from `first` to `last`."""

    name: str
    initial: float
    first: float
    last: float
    steps: int
    algorithm: Algorithm


@dataclass(frozen=True)
class OneStep:
    """One step of a length from where the model is."""

    name: str
    length: float
    algorithm: Algorithm


@dataclass(frozen=True)
class SteadyState:
    """The state in which nothing changes any more."""

    name: str
    algorithm: Algorithm


Simulation = UniformTimeCourse | OneStep | SteadyState


@dataclass(frozen=True)
class Task:
    """A model under a simulation."""

    name: str
    model: str
    simulation: str
    place: Place


@dataclass(frozen=True)
class ValueRange:
    """Values that a repeated task goes through."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class FunctionalRange:
    """Values computed in each iteration, from another range among other things."""

    name: str
    calculation: Calculation


@dataclass(frozen=True)
class SetValue:
    """A value that each iteration gives to a quantity of a model."""

    model: str
    target: Target
    calculation: Calculation


@dataclass(frozen=True)
class RepeatedTask:
    """Tasks done once for each value of a range, on models that are reset before each or go on."""

    name: str
    over: str
    reset: bool
    concatenate: bool
    ranges: Mapping[str, ValueRange | FunctionalRange]
    settings: tuple[SetValue, ...]
    parts: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class DataGenerator:
    """Data of an output, computed elementwise from results."""

    name: str
    label: str
    calculation: Calculation


@dataclass(frozen=True)
class DataSet:
    """A column of a report."""

    name: str
    label: str
    generator: str
    place: Place


@dataclass(frozen=True)
class Report:
    """A table of data."""

    name: str
    title: str
    data_sets: tuple[DataSet, ...]


@dataclass(frozen=True)
class Curve:
    """A line of a plot: the generators of its abscissae and ordinates."""

    name: str
    label: str
    x: str
    y: str


@dataclass(frozen=True)
class Plot:
    """A plot of curves, its axes logarithmic or not."""

    name: str
    title: str
    curves: tuple[Curve, ...]
    logarithmic_x: bool
    logarithmic_y: bool


@dataclass(frozen=True)
class Experiment:
    """A whole experiment, everything by name. `notes` say what the reader passed over."""

    location: str
    models: Mapping[str, Model]
    simulations: Mapping[str, Simulation]
    tasks: Mapping[str, Task | RepeatedTask]
    generators: Mapping[str, DataGenerator]
    reports: tuple[Report, ...]
    plots: tuple[Plot, ...]
    notes: tuple[str, ...] = ()
