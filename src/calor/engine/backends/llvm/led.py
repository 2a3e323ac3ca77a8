"""A kernel of two codes: where leading states get many doses they are solved ahead, by code of their own."""

from __future__ import annotations

import pickle
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from calor.core.errors import UnsupportedError
from calor.core.progress import SILENT, Progress
from calor.engine.backends.names import check_batch
from calor.engine.batch import DEFAULT_OPTIONS, Batch, BatchResult, Options, joined, rows_of, some_results
from calor.engine.calendar import Calendar, Calendars
from calor.engine.ir.program import Program

FEWEST_DOSES = 5
"""Entries of a calendar that act on leading states, from which on solving these ahead pays."""

KEPT_ON_ARRIVAL = 64
"""Kernels that a process keeps of those that it was sent: more than any task has."""


class Compiled(Protocol):
    """The code of one program."""

    def simulate(self, batch: Batch, options: Options, progress: Progress) -> BatchResult:
        """Simulate every patient of the batch."""


C = TypeVar("C", bound=Compiled)


class LedKernel(ABC, Generic[C]):
    """A program compiled by a backend.

    Patients with many doses into states that lead the rest are simulated by code of their own, which solves
    these states ahead and is compiled when it is first needed. Another process is sent the program and
    compiles it for its own target, once for all that it is sent.

    Arguments: the program. Raises UnsupportedError for a program without a state, or with what only the
    reference backend solves.
    """

    backend: str

    def __init__(self, program: Program) -> None:
        if not program.state_names:
            raise UnsupportedError.of(f"a model in which nothing changes, in the {self.backend} backend")
        if program.only_for_reference:
            raise UnsupportedError.of(
                f"a model with {program.only_for_reference}, in the {self.backend} backend",
                hint="the reference backend solves it",
            )
        self.program = program
        self._whole = self._compiled(program)

    @abstractmethod
    def _compiled(self, program: Program) -> C:
        """Return the code of a program."""

    def __reduce__(self) -> tuple[Callable[..., LedKernel[C]], tuple[type[LedKernel[C]], bytes]]:
        return _compiled_on_arrival, (type(self), pickle.dumps(self.program))

    @cached_property
    def _cascade(self) -> Program:
        from calor.engine.ir.cascade import leading_first  # takes long to load

        return leading_first(self.program)

    @cached_property
    def _led(self) -> C:
        return self._compiled(self._cascade)

    @property
    def state_names(self) -> tuple[str, ...]:
        """The states in order."""
        return self.program.state_names

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters that a batch may set."""
        return self.program.parameter_names

    @property
    def parameter_values(self) -> tuple[float, ...]:
        """The values of the parameters that a batch does not set."""
        return self.program.parameter_values

    @property
    def output_names(self) -> tuple[str, ...]:
        """Everything a batch may keep."""
        return self.program.output_names

    def simulate(
        self, batch: Batch, options: Options = DEFAULT_OPTIONS, progress: Progress = SILENT
    ) -> BatchResult:
        """Simulate every patient of the batch.

        Raises InputError for a name that the model lacks and for numbers that are not finite; Stopped
        where the watcher asked for it.
        """
        led = self._are_led(batch)
        if not led.any():
            return self._whole.simulate(batch, options, progress)
        if led.all():
            return self._in_order(self._led.simulate(batch, options, progress))
        check_batch(self.program, batch)
        rows = np.flatnonzero(led), np.flatnonzero(~led)
        first = self._in_order(self._led.simulate(rows_of(batch, rows[0]), options, progress))
        second = self._whole.simulate(rows_of(batch, rows[1]), options, progress)
        return some_results(joined((first, second)), np.argsort(np.concatenate(rows), kind="stable"))

    def _are_led(self, batch: Batch) -> NDArray[np.bool_]:
        """Return for which patients leading states are solved ahead (n_patients,), by their own doses."""
        calendars = batch.calendars
        each = [calendars.pattern] if isinstance(calendars, Calendars) else calendars
        enough = any(len(calendar) >= FEWEST_DOSES for calendar in each)
        leading = frozenset(self._cascade.state_names[: self._cascade.leading] if enough else ())
        if not leading:
            return np.zeros(batch.n_patients, dtype=np.bool_)
        known = {id(calendar): _entries_on(leading, calendar) for calendar in each}
        doses = np.array([known[id(calendar)] for calendar in each])
        return np.broadcast_to(doses >= FEWEST_DOSES, batch.n_patients)

    def _in_order(self, result: BatchResult) -> BatchResult:
        """Return a result with the final states in the program's order."""
        columns = [result.state_names.index(name) for name in self.state_names]
        return replace(result, final_states=result.final_states[:, columns], state_names=self.state_names)


@lru_cache(maxsize=KEPT_ON_ARRIVAL)
def _compiled_on_arrival(kind: type[LedKernel[C]], program: bytes) -> LedKernel[C]:
    return kind(pickle.loads(program))


def _entries_on(states: frozenset[str], calendar: Calendar) -> int:
    """Return how many entries of a calendar act on some states."""
    acts = np.array([name in states for name in calendar.states], dtype=np.int64)
    return int(acts[calendar.targets].sum()) if len(calendar) else 0
