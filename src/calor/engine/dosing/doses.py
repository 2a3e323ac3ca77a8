"""What one dose record gives: the amount that arrives, when, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from calor.engine.calendar import Action, infusion_length
from calor.engine.dosing.records import MODELLED_DURATION, MODELLED_RATE, Record

Entry = tuple[float, Action, str, float]
"""Time, action, state, value: what `Calendar.of` takes."""


@dataclass(frozen=True)
class Dose:
    """One dose as the state meets it.

    Arguments: the state; the amount that arrives; the rate at which it does (0: at once). The amount is
    F x AMT. An infusion at a given or modelled rate keeps the rate and lasts F x AMT / rate; one of a
    modelled duration keeps the duration and runs at F x AMT / duration.
    """

    state: str
    amount: float
    rate: float

    @property
    def duration(self) -> float:
        """How long the dose takes to arrive (0: at once)."""
        return self.amount / self.rate if self.rate > 0 else 0.0

    def entries(self, arrival: float) -> list[Entry]:
        """Return the calendar entries of the dose arriving at a time."""
        if self.amount == 0:
            return []
        length = infusion_length(arrival, self.duration)
        if length == 0:
            return [(arrival, Action.ADD, self.state, self.amount)]
        rate = self.amount / length
        return [
            (arrival, Action.RATE, self.state, rate),
            (arrival + length, Action.RATE, self.state, -rate),
        ]


def dose_of(record: Record) -> Dose:
    """Return the dose that a record gives each time."""
    amount = record.bioavailability * record.amount
    if record.rate == MODELLED_RATE:
        return Dose(record.state, amount, record.modelled_rate)
    if record.rate == MODELLED_DURATION:
        return Dose(record.state, amount, amount / record.modelled_duration)
    return Dose(record.state, amount, record.rate)


def constant_rate_of(record: Record) -> float:
    """Return the rate of a steady-state infusion without an end."""
    return record.modelled_rate if record.rate == MODELLED_RATE else record.rate
