"""The experiments of a problem, simulated together, period after period."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import ReportedError, UnsupportedError
from calor.core.progress import SILENT, Progress
from calor.engine import compile_persistent_kernel
from calor.engine.batch import Batch, BatchResult, Kernel, Options, Status
from calor.engine.outcome import failure
from calor.engine.petab.changes import Changes
from calor.engine.petab.looks import Look, Rows, beginning, looks_of, padded
from calor.engine.petab.model import PetabModel, Values
from calor.engine.petab.problem import PetabProblem
from calor.engine.petab.resting import rest


@dataclass(frozen=True)
class Seen:
    """What the measurements see of the model: quantities by name (n_measurements,), and the time."""

    values: dict[str, Numbers]
    time: Numbers


@dataclass(frozen=True)
class _Group:
    """Experiments at the same number of period: their rows among all, and their quantities and times."""

    rows: Rows
    values: Values
    time: Numbers

    def of(self, chosen: Rows) -> _Group:
        """Return some of the experiments."""
        values = {name: numbers[chosen] for name, numbers in self.values.items()}
        return _Group(self.rows[chosen], values, self.time[chosen])


@dataclass(frozen=True)
class Simulation:
    """Simulates a problem.

    Arguments: the problem; its model; the quantities that formulas need; the solver's options.
    """

    problem: PetabProblem
    model: PetabModel
    wanted: tuple[str, ...]
    options: Options

    def __call__(self, theta: Mapping[str, float], progress: Progress = SILENT) -> Seen:
        """Return what every measurement sees at given values of the parameters, by name."""
        _refuse_events_between_periods(self.problem, self.model)
        experiments = list(self.problem.experiments.values())
        changes = Changes(self.problem, self.model, theta)
        n = len(self.problem.measurements)
        seen = Seen({name: np.full(n, math.nan) for name in self.wanted}, np.full(n, math.nan))
        group = _Group(np.arange(len(experiments)), {}, np.zeros(0))
        most = max(len(experiment.periods) for experiment in experiments)
        progress.start("simulating", most)
        for number in range(most):
            kept = np.array([i for i, row in enumerate(group.rows) if len(experiments[row].periods) > number])
            rows = group.rows[kept]
            periods = [experiments[row].periods[number] for row in rows]
            time = np.array([beginning(period) for period in periods])
            if number == 0:
                values = changes.first(periods, time)
            else:
                values = changes.later(periods, group.of(kept).values, time)
            rests = np.array([not math.isfinite(period.time) for period in periods])
            group = self._followed(_Group(rows, values, time), rests, number, seen)
            progress.advance()
        return seen

    @cached_property
    def _kernel(self) -> Kernel:
        return compile_persistent_kernel(self.model.system)

    @cached_property
    def _looks(self) -> dict[str, list[Look]]:
        return looks_of(self.problem)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(self.problem.experiments)

    @cached_property
    def _outputs(self) -> tuple[str, ...]:
        return tuple(name for name in self.wanted if name in self.model.known)

    def _followed(self, group: _Group, rests: NDArray[np.bool_], number: int, seen: Seen) -> _Group:
        """Return the group at the end of a period; what measurements see in it is noted."""
        ends = {name: numbers.copy() for name, numbers in group.values.items()}
        for chosen, follow in ((np.flatnonzero(rests), self._rested), (np.flatnonzero(~rests), self._run)):
            if not len(chosen):
                continue
            states = follow(group.of(chosen), number, seen)
            for column, name in enumerate(self._kernel.state_names):
                ends[name][chosen] = states[:, column]
        return replace(group, values=ends)

    def _rested(self, group: _Group, _number: int, _seen: Seen) -> Numbers:
        """Return the states in which a group rests; experiments that start alike are simulated once."""
        whole = self._batch(group, group.time[:, None], self._kernel.state_names)
        start = whole.states if whole.states is not None else np.zeros((len(group.rows), 0))
        alike = np.column_stack([whole.parameters, start, whole.starts])
        _, firsts, of = np.unique(alike, axis=0, return_index=True, return_inverse=True)
        return self._at_rest(group.of(firsts), self._kernel.state_names)[of.ravel()]

    def _run(self, group: _Group, number: int, seen: Seen) -> Numbers:
        """Return the states of a group at the end of a period that has one."""
        looks = [self._looks[self._names[row]][number] for row in group.rows]
        batch = self._batch(group, padded([look.times for look in looks]), self._outputs)
        result = self._kernel.simulate(batch, self.options)
        for failed in np.flatnonzero(result.status != Status.FINISHED).tolist():
            raise self._failure(batch, result, failed, self._names[group.rows[failed]])
        for row, look in enumerate(looks):
            found = result.outputs[row, look.columns]
            self._note(group, row, look.measurements, look.times[look.columns], found, seen)
        resting = [row for row, look in enumerate(looks) if len(look.at_rest)]
        if resting:
            at_rest = self._at_rest(group.of(np.array(resting)), self._outputs)
            for row, found in zip(resting, at_rest, strict=True):
                self._note(group, row, looks[row].at_rest, np.array(math.inf), found, seen)
        return result.final_states

    def _note(
        self, group: _Group, row: int, measurements: Rows, time: Numbers, found: Numbers, seen: Seen
    ) -> None:
        """Note what measurements see: the kernel's outputs, and what only conditions know."""
        seen.time[measurements] = time
        for name in self.wanted:
            if name in self.model.known:
                seen.values[name][measurements] = found[..., self._outputs.index(name)]
            elif name in group.values:
                seen.values[name][measurements] = group.values[name][row]

    def _at_rest(self, group: _Group, outputs: tuple[str, ...]) -> Numbers:
        batch = self._batch(group, group.time[:, None], outputs)
        return rest(self._kernel, batch, self.options, tuple(self._names[row] for row in group.rows))

    def _batch(self, group: _Group, save_at: Numbers, outputs: tuple[str, ...]) -> Batch:
        def table(names: Sequence[str]) -> Numbers:
            columns = [group.values[name] for name in names]
            return np.stack(columns, axis=1) if columns else np.zeros((len(group.rows), 0))

        system = self.model.system
        return Batch(
            save_at=save_at,
            outputs=outputs,
            parameter_names=system.parameter_names,
            parameters=table(system.parameter_names),
            state_names=system.state_names,
            states=table(system.state_names) if system.states else None,
            start=group.time,
        )

    def _failure(self, batch: Batch, result: BatchResult, row: int, name: str) -> ReportedError:
        error = failure(self._kernel, batch, result, row, self.options)
        return error.at(self.problem.file, None, f"experiment {name}")


def _refuse_events_between_periods(problem: PetabProblem, model: PetabModel) -> None:
    """Raise UnsupportedError where a period would begin in the midst of a model's events.

    An event remembers whether its trigger held before; that memory would be lost.
    """
    if not model.system.events:
        return
    for experiment in problem.experiments.values():
        finite = [period for period in experiment.periods if math.isfinite(period.time)]
        if len(finite) > 1:
            raise UnsupportedError.of(
                f"{experiment.name} has several periods, and the model has events "
                f"({model.system.events[0].name})",
                file=problem.file,
                hint="write the changes as events of the model, or the events as changes",
            )
