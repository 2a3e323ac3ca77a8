"""Observations added to a table's records at times of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from calor.core.errors import InputError
from calor.engine.dosing.bounds import refuse_too_many_records
from calor.engine.dosing.covariates import Rule
from calor.engine.dosing.records import Event, Record, by_patient


def with_observations(records: Sequence[Record], times: Sequence[float], rule: Rule) -> list[Record]:
    """Return the records with an observation for every person at each time, after the rows of that time.

    Its covariates are those that hold then: of the row before it, or of the row after it (`nocb`); where
    there is none on that side, of the nearest row. Raises InputError where time starts anew, as a time then
    means two things.
    """
    every: list[Record] = []
    patients = by_patient(records)
    refuse_too_many_records(len(records) + len(patients) * len(times), records[0].file)
    for positions in patients:
        own = [records[position] for position in positions]
        restart = next((after for before, after in pairwise(own) if after.time < before.time), None)
        if restart is not None:
            raise InputError.of(
                f"TIME starts anew within ID {restart.patient}, so times to add would mean two things",
                file=restart.file, line=restart.line, hint="leave --end out, and write rows with EVID 0",
            )  # fmt: skip
        row = 0
        for time in times:
            while row < len(own) and own[row].time <= time:
                every.append(own[row])
                row += 1
            near = own[min(row, len(own) - 1)] if rule is Rule.NOCB else own[max(row - 1, 0)]
            every.append(
                Record(patient=own[0].patient, time=time, event=Event.OBSERVATION, covariates=near.covariates)
            )
        every += own[row:]
    return every
