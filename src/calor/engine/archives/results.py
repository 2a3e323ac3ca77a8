"""An archive run: the data of every report and plot, in the order of the document."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.progress import SILENT, Progress
from calor.engine.archives.algorithms import note_of, options_of
from calor.engine.archives.archive import Archive, open_archive
from calor.engine.archives.changes import Models
from calor.engine.archives.execution import Runner
from calor.engine.archives.experiment import DataGenerator, Experiment, Plot, Task, Variable
from calor.engine.archives.mathematics import padded, value_of
from calor.engine.archives.reading import read_experiment


@dataclass(frozen=True)
class ReportData:
    """A report: the experiment that it stands in, its name and title, columns, and their arrays of one shape.

    The last axis are the points of a course, those before it iterations and parts of repeated tasks. What a
    shorter course does not reach is NaN.
    """

    experiment: str
    name: str
    title: str
    data_sets: tuple[str, ...]
    labels: tuple[str, ...]
    values: Numbers

    @property
    def header(self) -> tuple[str, ...]:
        """The columns: counts of iterations and parts (axis_1, ...) where there are some, then the labels."""
        return (*(f"axis_{axis + 1}" for axis in range(self.values.ndim - 2)), *self.labels)

    def rows(self) -> Iterator[tuple[float, ...]]:
        """Yield the rows, the points of a course running fastest, without those that no data set reaches."""
        shape = self.values.shape[1:]
        for place in itertools.product(*(range(count) for count in shape)):
            row = np.array([values[place] for values in self.values])
            if not np.all(np.isnan(row)):
                yield (*(float(count + 1) for count in place[:-1]), *row.tolist())


@dataclass(frozen=True)
class CurveData:
    """A curve of a plot: its label, and the abscissae and ordinates of each line, (n_lines, n_points)."""

    label: str
    x: Numbers
    y: Numbers


@dataclass(frozen=True)
class PlotData:
    """A plot: the experiment that it stands in, what is said of it there, and its curves."""

    experiment: str
    plot: Plot
    curves: tuple[CurveData, ...]


@dataclass(frozen=True)
class ArchiveResult:
    """What an archive gave: reports, plots, and what is to be said about how it was run."""

    reports: tuple[ReportData, ...]
    plots: tuple[PlotData, ...]
    notes: tuple[str, ...]


def run_archive(path: Path, progress: Progress = SILENT) -> ArchiveResult:
    """Run the experiments of an archive.

    Raises InputError for what is broken or cannot be solved, UnsupportedError, with its name, for what calor
    does not do.
    """
    archive = open_archive(path)
    reports: list[ReportData] = []
    plots: list[PlotData] = []
    notes: list[str] = []
    for location in archive.experiments:
        experiment = read_experiment(archive.read(location), location, archive.file(location))
        for simulation in experiment.simulations.values():
            options_of(simulation)
        data = _Data(experiment, Runner(experiment, Models(archive, experiment), progress), archive)
        reports += [data.report(position) for position in range(len(experiment.reports))]
        plots += [data.plot(plot) for plot in experiment.plots]
        notes += [f"{location}: {note}" for note in (*_notes_on_methods(experiment), *experiment.notes)]
    return ArchiveResult(tuple(reports), tuple(plots), tuple(dict.fromkeys(notes)))


def _notes_on_methods(experiment: Experiment) -> list[str]:
    used = {task.simulation for task in experiment.tasks.values() if isinstance(task, Task)}
    notes = [
        note_of(simulation.algorithm) for name, simulation in experiment.simulations.items() if name in used
    ]
    return [note for note in notes if note is not None]


class _Data:
    """The data of generators, each task run once for all that takes from it."""

    def __init__(self, experiment: Experiment, runner: Runner, archive: Archive) -> None:
        self._experiment, self._runner = experiment, runner
        self._file = archive.file(experiment.location)
        self._known: dict[str, Numbers] = {}
        self._of_task: dict[tuple[str, str], Numbers] = {}

    def report(self, position: int) -> ReportData:
        report = self._experiment.reports[position]
        arrays = [self._values(item.generator, item.place.line) for item in report.data_sets]
        return ReportData(
            self._experiment.location,
            report.name,
            report.title,
            tuple(item.name for item in report.data_sets),
            tuple(item.label for item in report.data_sets),
            np.stack(_with_points(arrays)),
        )

    def plot(self, plot: Plot) -> PlotData:
        curves = []
        for curve in plot.curves:
            x, y = _with_points([self._values(curve.x, None), self._values(curve.y, None)])
            curves.append(CurveData(curve.label, x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1])))
        return PlotData(self._experiment.location, plot, tuple(curves))

    def _values(self, generator: str, line: int | None) -> Numbers:
        if generator not in self._experiment.generators:
            raise InputError.of(
                f"there is no data generator {generator}", file=self._file, line=line,
                allowed=", ".join(list(self._experiment.generators)[:20]) or "the experiment has none",
            )  # fmt: skip
        if generator not in self._known:
            self._known[generator] = self._computed(self._experiment.generators[generator])
        return self._known[generator]

    def _computed(self, generator: DataGenerator) -> Numbers:
        calculation = generator.calculation
        for variable in calculation.variables:
            self._run(variable.task or "")
        values = {
            variable.name: self._of_task[(variable.task or "", _key(variable))]
            for variable in calculation.variables
        }
        result = value_of(calculation, values)
        _refuse_undefined(generator, result, list(values.values()))
        return result

    def _run(self, task: str) -> None:
        """Run a task for every variable that any generator takes from it."""
        variables = {
            _key(variable): variable
            for generator in self._experiment.generators.values()
            for variable in generator.calculation.variables
            if variable.task == task
        }
        if any((task, key) not in self._of_task for key in variables):
            found = self._runner.results(task, list(variables.values()))
            self._of_task |= {(task, key): values for key, values in zip(variables, found, strict=True)}


def _refuse_undefined(generator: DataGenerator, result: Numbers, values: list[Numbers]) -> None:
    """Raise InputError where a formula of finite numbers has none."""
    known = np.all([np.isfinite(array) for array in padded([*values, result])[:-1]], axis=0)
    wrong = np.argwhere(np.atleast_1d(known & ~np.isfinite(result)))
    if len(wrong):
        raise InputError.of(
            f"the data generator {generator.name} is no finite number at point {int(wrong[0][-1]) + 1}",
            file=generator.calculation.place.file, line=generator.calculation.place.line,
            hint="look for a division by zero, or a root or logarithm of what is negative",
        )  # fmt: skip


def _key(variable: Variable) -> str:
    return f"{variable.target.text if variable.target else ''} {variable.symbol or ''}"


def _with_points(arrays: Sequence[Numbers]) -> list[Numbers]:
    """Return arrays of one shape with at least one axis; a single number holds at every point."""
    full = padded(list(arrays))
    shape = next((array.shape for array in full if array.ndim), (1,))
    return [array if array.ndim else np.full(shape, float(array)) for array in full]
