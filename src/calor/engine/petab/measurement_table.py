"""The measurement table of either version; `experiment_of` says how a version names the experiment."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from calor.core.errors import InputError
from calor.engine.petab.cells import IDENTIFIER, Row, is_empty, rows_of
from calor.engine.petab.problem import Measurement, Observable, Override, TableParameter


def read_measurements(
    paths: Sequence[Path],
    columns: Sequence[str],
    experiment_of: Callable[[Row], str],
    observables: Mapping[str, Observable],
    parameters: Mapping[str, TableParameter],
) -> tuple[Measurement, ...]:
    """Return the measurements in order.

    Arguments: the files; the columns by which a version names experiments; the experiment of a row; what the
    other tables hold. Raises InputError.
    """
    rows = rows_of(paths, ("observableId", "measurement", "time", *columns))
    if not rows:
        raise InputError.of("holds no measurement", file=paths[0], allowed="a row for each measurement")
    return tuple(_measurement(row, experiment_of, observables, parameters) for row in rows)


def _measurement(
    row: Row,
    experiment_of: Callable[[Row], str],
    observables: Mapping[str, Observable],
    parameters: Mapping[str, TableParameter],
) -> Measurement:
    observable = observables.get(row.text("observableId"))
    if observable is None:
        raise row.wrong("observableId", "an observable of the observable table")
    time = row.extended("time")
    if time == -math.inf:
        raise row.wrong("time", "a finite number, or inf for a measurement at rest")
    return Measurement(
        observable=observable.name,
        experiment=experiment_of(row),
        time=time,
        value=row.value("measurement"),
        overrides=_overrides(row, "observableParameters", observable.placeholders, parameters),
        noise_overrides=_overrides(row, "noiseParameters", observable.noise_placeholders, parameters),
        place=row.place(),
        cells=dict(zip(row.table.columns, row.table.cells[row.number], strict=True)),
    )


def _overrides(
    row: Row, column: str, placeholders: tuple[str, ...], parameters: Mapping[str, TableParameter]
) -> tuple[Override, ...]:
    """Return what stands for the placeholders of an observable in one measurement."""
    parts = row.parts(column)
    if not placeholders:
        # A noise parameter without a place in the formula would silently do nothing.
        if any(not is_empty(part) for part in parts):
            raise row.wrong(column, "nothing: the observable's formulas have no placeholder")
        return ()
    if len(parts) != len(placeholders):
        raise row.wrong(column, f"{len(placeholders)} values with ; between them: {', '.join(placeholders)}")
    return tuple(_override(row, column, part, parameters) for part in parts)


def _override(row: Row, column: str, part: str, parameters: Mapping[str, TableParameter]) -> Override:
    number = row.table.number(part)
    if not math.isnan(number):
        return number
    if not IDENTIFIER.fullmatch(part) or part not in parameters:
        raise row.wrong(
            column, "numbers and parameters of the parameter table", f"{part!r} is neither" if part else None
        )
    return part
