"""A table of records under the values of a scan or a population: what is simulated one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from calor.cli.simulate_values import Points
from calor.core.errors import InputError
from calor.engine.dosing.bounds import refuse_too_many_records
from calor.engine.dosing.records import Record


@dataclass(frozen=True)
class Run:
    """The records of one set of values: its label, and the records with the values."""

    label: tuple[float | str, ...]
    records: Sequence[Record]


def runs_of(records: Sequence[Record], points: Points | None, file: Path) -> list[Run]:
    """Return the records with the values of a population (by ID), or once for every point of a scan.

    Raises InputError for an ID that only one of the two tables has.
    """
    if points is None:
        return [Run((), records)]
    values = [tuple(row) for row in points.values.tolist()]
    if points.label_names != ("ID",):
        refuse_too_many_records(len(points.labels) * len(records), str(file))
        return [
            Run(label, [replace(record, covariates=(*record.covariates, *own)) for record in records])
            for label, own in zip(points.labels, values, strict=True)
        ]
    people = {str(label[0]): own for label, own in zip(points.labels, values, strict=True)}
    strangers = [record for record in records if record.patient not in people]
    if strangers:
        raise InputError.of(
            f"ID {strangers[0].patient} is not in the population",
            file=strangers[0].file, line=strangers[0].line, allowed="the IDs of --population",
        )  # fmt: skip
    idle = people.keys() - {record.patient for record in records}
    if idle:
        raise InputError.of(
            f"ID {min(idle)} of the population has no record",
            file=file,
            hint="take the person out, or add rows",
        )
    return [Run((), [replace(one, covariates=(*one.covariates, *people[one.patient])) for one in records])]
