"""Regimens as the event tables of rxode2 and mrgsolve, for the composed model that `model export` writes.

Sources: the vignette "rxode2 Datasets and Event Types" (EVID 6 multiplies; `dur` keeps the duration of an
infusion) and the mrgsolve user guide, chapter "Input data sets" (all columns but ID in one case of letters,
`cmt` by name, no EVID that multiplies). Times are in days, `cmt` names a state, amounts are in its unit (mg;
IgG in g) and are what arrives there: lags, and a bioavailability that no depot of the model has, are in them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from calor.core.errors import UnsupportedError
from calor.engine.dosing.records import Event
from calor.regimen import DosingRecord, Regimen
from calor.therapy.dosing import arrival_of, refuse_other_kind, remaining_after
from calor.therapy.drug import Drug


class Flavour(StrEnum):
    """Whose event table is written."""

    RXODE2 = "rxode2"
    MRGSOLVE = "mrgsolve"


COLUMNS = {
    Flavour.RXODE2: ("id", "time", "evid", "cmt", "amt", "dur", "ii", "addl"),
    Flavour.MRGSOLVE: ("ID", "time", "evid", "cmt", "amt", "rate", "ii", "addl"),
}


@dataclass(frozen=True)
class EventRow:
    """A dose with its repeats, or a change of what is in a state.

    Arguments: the time in days; what it is; the state; the amount in the state's unit, or the factor; how
    long a dose takes to arrive (0: at once); the days between repeats, and how many there are.
    """

    time: float
    event: Event
    state: str
    amount: float
    duration: float = 0.0
    interval: float = 0.0
    additional: int = 0


def event_rows(
    given: Sequence[tuple[Drug, Regimen]], weight: float, first_day: float = 0.0
) -> tuple[EventRow, ...]:
    """Return the rows of regimens, by time.

    Arguments: the drugs with their regimens; the body weight in kg; the day of the model's time that is study
    day 1. Raises as `calendar_of` does.
    """
    rows: list[EventRow] = []
    for drug, regimen in given:
        refuse_other_kind(regimen, drug)
        for record in regimen.records:
            rows += _procedures(record, drug) if record.procedure else _doses(record, drug, weight)
    return tuple(replace(row, time=row.time + first_day) for row in sorted(rows, key=lambda row: row.time))


def event_table(rows: Sequence[EventRow], flavour: Flavour) -> str:
    """Return rows as a table of one person, CSV with a header.

    A row without effect stands at time 0, where the model begins: these tools begin a person's time at the
    first row. Raises UnsupportedError for what the flavour cannot hold.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS[flavour])
    if rows and rows[0].time > 0:
        writer.writerow([1, 0, int(Event.OBSERVATION), rows[0].state, 0, 0, 0, 0])
    for row in rows:
        if row.event is Event.MULTIPLY and flavour is Flavour.MRGSOLVE:
            raise UnsupportedError.of(
                f"an mrgsolve table cannot multiply a compartment ({row.state} at a plasma exchange)",
                key="--format", allowed="rxode2, or sbml with the exchange as an event",
            )  # fmt: skip
        lasting = row.duration
        if flavour is Flavour.MRGSOLVE and row.duration:
            lasting = row.amount / row.duration
        numbers = (row.amount, lasting, row.interval, row.additional)
        writer.writerow(
            [1, _shown(row.time), int(row.event), row.state, *(_shown(number) for number in numbers)]
        )
    return text.getvalue()


def _doses(record: DosingRecord, drug: Drug, weight: float) -> list[EventRow]:
    arrival = arrival_of(record, drug, weight)
    return [
        EventRow(
            time=record.time_days + arrival.lag,
            event=Event.DOSE,
            state=state,
            amount=float(amount),
            duration=arrival.length,
            interval=record.interval_days if record.additional else 0.0,
            additional=record.additional,
        )
        for state, amount in arrival.amounts.items()
    ]


def _procedures(record: DosingRecord, drug: Drug) -> list[EventRow]:
    """Return the changes of a procedure, one by one: repeats are of doses alone."""
    return [
        EventRow(time=time, event=Event.MULTIPLY, state=state, amount=share)
        for time in record.times_days
        for state, share in remaining_after(record, drug)
    ]


def _shown(number: float) -> str:
    """Return a number in the fewest digits that give it back."""
    return repr(int(number)) if number == int(number) else repr(float(number))
