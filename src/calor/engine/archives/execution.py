"""Runs the tasks of an experiment: courses, single steps, steady states, and tasks repeated over ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import SILENT, Progress
from calor.engine.archives.algorithms import options_of
from calor.engine.archives.changes import Models, written_value
from calor.engine.archives.experiment import (
    Calculation,
    Experiment,
    FunctionalRange,
    OneStep,
    RepeatedTask,
    Simulation,
    SteadyState,
    Task,
    UniformTimeCourse,
    Variable,
)
from calor.engine.archives.instance import Instance, LoadedModel
from calor.engine.archives.mathematics import padded, value_of
from calor.engine.archives.steady import settle
from calor.engine.dosing.bounds import refuse_too_many_values
from calor.engine.importers.sbml import system_of

DEEPEST_TASKS = 5
"""Tasks inside tasks."""
MOST_RUNS = 100_000
"""Simulations of one experiment."""

Wanted = Sequence[Variable]
Results = list[Numbers]
"""An array for each variable that is wanted, its last axis the points of a course."""


@dataclass
class Runner:
    """Runs tasks. Arguments: the experiment, its models, and progress."""

    experiment: Experiment
    models: Models
    progress: Progress = SILENT
    _loaded: dict[str, LoadedModel] = field(default_factory=dict)
    _runs: int = 0
    _kept: int = 0

    def results(self, task: str, wanted: Wanted) -> Results:
        """Return what a task gives for variables, the models at their beginning.

        Raises InputError for what is not defined or cannot be solved, UnsupportedError by name.
        """
        return self._run(task, wanted, {}, 0)

    def _run(self, name: str, wanted: Wanted, instances: dict[str, Instance], depth: int) -> Results:
        task = self._task(name)
        if depth > DEEPEST_TASKS:
            raise UnsupportedError.of(
                f"tasks inside tasks deeper than {DEEPEST_TASKS} are not supported",
                file=task.place.file, line=task.place.line,
            )  # fmt: skip
        if isinstance(task, RepeatedTask):
            return self._repeat(task, wanted, instances, depth)
        instance = self._instance(task.model, instances, task.place.file or "", task.place.line)
        return self._simulate(task, self._simulation(task), instance, wanted)

    def _task(self, name: str) -> Task | RepeatedTask:
        if name not in self.experiment.tasks:
            raise InputError.of(
                f"there is no task {name}", file=self.models.archive.file(self.experiment.location),
                allowed=", ".join(self.experiment.tasks) or "the experiment has no tasks",
            )  # fmt: skip
        return self.experiment.tasks[name]

    def _simulation(self, task: Task) -> Simulation:
        if task.simulation not in self.experiment.simulations:
            raise InputError.of(
                f"there is no simulation {task.simulation}", file=task.place.file, line=task.place.line,
                allowed=", ".join(self.experiment.simulations) or "the experiment has no simulations",
            )  # fmt: skip
        return self.experiment.simulations[task.simulation]

    def _instance(self, name: str, instances: dict[str, Instance], file: str, line: int | None) -> Instance:
        if name not in instances:
            if name not in self._loaded:
                self.models.model(name, file, line)
                system = system_of(self.models.text(name), self.models.file(name))
                self._loaded[name] = LoadedModel(name, self.models.root(name), system, self.models.file(name))
            instances[name] = Instance(self._loaded[name], self.progress)
        return instances[name]

    def _simulate(self, task: Task, simulation: Simulation, instance: Instance, wanted: Wanted) -> Results:
        self._runs += 1
        if self._runs > MOST_RUNS:
            raise UnsupportedError.of(
                f"more than {MOST_RUNS:,} simulations in one experiment are not supported",
                file=task.place.file, line=task.place.line,
            )  # fmt: skip
        options = options_of(simulation)
        quantities = [
            instance.model.quantity(item.target, item.symbol) if item.target else None for item in wanted
        ]
        outputs = tuple(dict.fromkeys(name for name in quantities if name is not None))
        match simulation:
            case UniformTimeCourse():
                count = simulation.steps + 1
                times = np.linspace(simulation.first, simulation.last, count)
                self._kept += count * len(wanted)
                refuse_too_many_values(1, self._kept, 1)
                values = instance.run(simulation.initial, times, outputs, options)
            case OneStep():
                times = np.array([instance.time + simulation.length])
                values = instance.run(instance.time, times, outputs, options)
            case SteadyState():
                settle(instance, options)
                times, values = np.array([np.nan]), instance.now(outputs)[None]
        by_name = dict(zip(outputs, values.T, strict=True))
        return [times if name is None else by_name[name] for name in quantities]

    def _repeat(
        self, task: RepeatedTask, wanted: Wanted, instances: dict[str, Instance], depth: int
    ) -> Results:
        main = task.ranges[task.over]
        if isinstance(main, FunctionalRange):
            raise UnsupportedError.of(
                f"the functional range {task.over} as the range of a repeated task is not supported",
                file=task.place.file, line=task.place.line,
            )  # fmt: skip
        for model in self._models_of(task, 0):
            self._instance(model, instances, task.place.file or "", task.place.line)
        rounds: list[Results] = []
        for index in range(len(main.values)):
            if task.reset:
                for instance in instances.values():
                    instance.reset()
            self._set_values(task, index, instances)
            parts = [self._run(part, wanted, instances, depth + 1) for part in task.parts]
            join = _laid_end_to_end if task.concatenate else _stacked
            rounds.append([join([part[item] for part in parts]) for item in range(len(wanted))])
        return [_stacked([each[item] for each in rounds]) for item in range(len(wanted))]

    def _models_of(self, task: Task | RepeatedTask, depth: int) -> list[str]:
        """Return the models that a task and its parts simulate."""
        if isinstance(task, Task):
            return [task.model]
        if depth > DEEPEST_TASKS:
            return []
        return [model for part in task.parts for model in self._models_of(self._task(part), depth + 1)]

    def _set_values(self, task: RepeatedTask, index: int, instances: dict[str, Instance]) -> None:
        values: dict[str, float] = {}
        for name in task.ranges:
            self._range_value(task, name, index, instances, values, ())
        given = [
            (
                item,
                float(value_of(item.calculation, {**values, **self._variables(item.calculation, instances)})),
            )
            for item in task.settings
        ]
        for item, value in given:
            file, line = item.calculation.place.file or "", item.calculation.place.line
            if not np.isfinite(value):
                raise InputError.of(f"the value for {item.target.text} is {value:g}", file=file, line=line)
            self._instance(item.model, instances, file, line).give(item.target, value)

    def _range_value(
        self, task: RepeatedTask, name: str, index: int, instances: dict[str, Instance],
        values: dict[str, float], asking: tuple[str, ...],
    ) -> float:  # fmt: skip
        """Return the value of a range in an iteration, and keep it with those known by now."""
        if name in values:
            return values[name]
        found = task.ranges[name]
        if isinstance(found, FunctionalRange):
            if name in asking:
                raise InputError.of(
                    f"the ranges are defined by each other in a loop ({' -> '.join((*asking, name))})",
                    file=task.place.file, line=task.place.line,
                )  # fmt: skip
            others = [other for other in task.ranges if other in found.calculation.names]
            known = {
                other: self._range_value(task, other, index, instances, values, (*asking, name))
                for other in others
            }
            own = self._variables(found.calculation, instances)
            values[name] = float(value_of(found.calculation, {**known, **own}))
        elif index >= len(found.values):
            raise InputError.of(
                f"the range {name} has {len(found.values)} values, fewer than {task.over}",
                file=task.place.file, line=task.place.line, allowed="as many values in every range",
            )  # fmt: skip
        else:
            values[name] = found.values[index]
        return values[name]

    def _variables(self, calculation: Calculation, instances: dict[str, Instance]) -> Mapping[str, float]:
        """Return the values of a calculation's variables in models, as they are by now."""
        values = {}
        for variable in calculation.variables:
            file, line = variable.place.file or "", variable.place.line
            if variable.model is None:
                raise UnsupportedError.of(
                    f"the variable {variable.name} of a task's results is not supported within a task",
                    file=file, line=line, hint='take it from a model: modelReference="..."',
                )  # fmt: skip
            if variable.target is not None and variable.target.attribute is not None:
                self.models.model(variable.model, file, line)
                values[variable.name] = written_value(variable, self.models.root(variable.model))
            else:
                instance = self._instance(variable.model, instances, file, line)
                values[variable.name] = instance.value(variable)
        return values


def _stacked(parts: Sequence[Numbers]) -> Numbers:
    """Return arrays as one along a new first axis, filled with NaN where some are shorter."""
    return np.stack(padded(list(parts)))


def _laid_end_to_end(parts: Sequence[Numbers]) -> Numbers:
    return np.concatenate(list(parts), axis=-1)
