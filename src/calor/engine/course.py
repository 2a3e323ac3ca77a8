"""One course of a system over time: which quantities under which names, simulated, and as a document."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.core.bounds import ANY_NUMBER, POSITIVE, Bounds
from calor.core.errors import InputError
from calor.core.progress import SILENT, Progress
from calor.core.repeats import refuse_repeated
from calor.engine import compile_persistent_kernel
from calor.engine.batch import Batch, Options, Status
from calor.engine.symbolic.system import System

STEPS = Bounds(1, 1_000_000)
RTOL_BOUNDS = Bounds(1e-13, 0.1)
"""A relative tolerance below the lowest is finer than the arithmetic of a step resolves."""
PATIENCE = 1_000_000
"""Solver steps allowed to one simulation."""


@dataclass(frozen=True)
class Simulated:
    """What was simulated: the columns' names and units, the times, and the values (n_times, n_columns)."""

    names: tuple[str, ...]
    units: tuple[str | None, ...]
    time_unit: str | None
    times: Numbers
    values: Numbers


def usual_outputs(system: System) -> tuple[str, ...]:
    """Return the species, and the states that hold no species."""
    amounts = {item.amount for item in system.species}
    species = [item.name for item in system.species if item.name in system.output_names]
    return (*species, *(name for name in system.state_names if name not in amounts))


def columns_of(
    system: System, outputs: Sequence[str], amounts: Sequence[str], concentrations: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns of a course and the name in the system of each one's quantity.

    Arguments: the system; the quantities that are asked for (none at all: the usual ones); species that are
    wanted as amounts, and as concentrations, whether they stand among the first or not.
    Raises InputError for what the system does not have, and for a name that one of them repeats.
    """
    for option, names in (
        ("--outputs", outputs), ("--amounts", amounts), ("--concentrations", concentrations)
    ):  # fmt: skip
        refuse_repeated(names, option)
    both = sorted(set(amounts) & set(concentrations))
    if both:
        raise InputError.of(f"{both[0]} is asked for both as amount and as concentration")
    columns = tuple(dict.fromkeys((*outputs, *amounts, *concentrations))) or usual_outputs(system)
    if not columns:
        raise InputError.of("the model has no states", hint="name --outputs, if it has any quantity")
    quantities = tuple(
        system.amount_of(name)
        if name in amounts
        else system.concentration_of(name)
        if name in concentrations
        else name
        for name in columns
    )
    absent = [name for name in quantities if name not in system.output_names]
    if absent:
        known = ", ".join(system.output_names[:20])
        raise InputError.of(f"the model has no quantity {absent[0]}", key="--outputs", allowed=known)
    return columns, quantities


def times_between(start: float, end: float, steps: int) -> Numbers:
    """Return times (steps + 1,) at equal intervals. Raises InputError for an empty or endless span."""
    start, end = ANY_NUMBER.number(start, "--start"), ANY_NUMBER.number(end, "--end")
    if not end > start:
        raise InputError.of(f"--start {start:g}, --end {end:g}", allowed="the end after the start")
    count = STEPS.whole(steps, "--steps")
    return np.asarray(start + (end - start) * np.arange(count + 1) / count)


def accuracy_of(rtol: float, atol: float) -> Options:
    """Return the solver's options for two tolerances. Raises InputError for impossible ones."""
    return Options(
        rtol=RTOL_BOUNDS.number(rtol, "--rtol"), atol=POSITIVE.number(atol, "--atol"), max_steps=PATIENCE
    )


def simulate_course(
    system: System,
    columns: tuple[str, ...],
    quantities: tuple[str, ...],
    times: Numbers,
    options: Options,
    progress: Progress = SILENT,
) -> Simulated:
    """Return the course of a system with the values it holds.

    Arguments: the system; the columns' names, and the quantity of the system behind each; the times at which
    they are wanted (n_times,), the first of which is the start; the solver's options.
    Raises InputError, with the time reached, where the system cannot be solved to the end, and
    where a quantity is no finite number; UnsupportedError where no solver can tell what happens.
    """
    batch = Batch(save_at=times, outputs=quantities, start=float(times[0]))
    kernel = compile_persistent_kernel(system)
    result = kernel.simulate(batch, options, progress)
    if result.status[0] != Status.FINISHED:
        from calor.engine.outcome import failure  # takes long to load

        raise failure(kernel, batch, result, 0, options)
    rows = np.column_stack([times, result.outputs[0]]).tolist()
    refuse_no_numbers(None, ("time", *columns), rows)
    units = tuple(system.units.get(name) for name in quantities)
    return Simulated(columns, units, system.time_unit, times, result.outputs[0])


def course_document(course: Simulated) -> dict[str, Any]:
    """Return the course for JSON."""
    return {
        "time": {"unit": course.time_unit, "values": course.times},
        "outputs": [
            {
                "name": name,
                "unit": unit,
                "values": course.values[:, column].tolist(),
            }
            for column, (name, unit) in enumerate(zip(course.names, course.units, strict=True))
        ],
    }


def refuse_no_numbers(file: str | None, header: Sequence[str], rows: Iterable[Sequence[float | str]]) -> None:
    """Raise InputError for the first quantity that is infinite or not a number, with its labels and time.

    Arguments: the model's file, if it has one; the columns' names: labels, the time, quantities; the rows
    under them.
    """
    time = [name.lower() for name in header].index("time")
    for row in rows:
        for name, value in zip(header[time + 1 :], row[time + 1 :], strict=True):
            if isinstance(value, float) and not math.isfinite(value):
                labels = [f"{label} {cell}" for label, cell in zip(header[:time], row[:time], strict=True)]
                raise InputError.of(
                    f"{', '.join((*labels, name))} is {value:g} at {header[time]} {row[time]:g}",
                    file=file,
                    allowed="quantities that are finite numbers at every time that is written",
                    hint="name other --outputs, or write times and values at which the quantity has one",
                )
