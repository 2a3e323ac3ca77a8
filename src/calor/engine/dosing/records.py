"""Dosing records as NONMEM writes them: one row an observation, a dose or a reset.

Source: NONMEM Users Guide, part VI (PREDPP), chapters on event records and additional dosing data items.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby, pairwise

from calor.core.errors import InputError, UnsupportedError


class Event(IntEnum):
    """What a row is (EVID): the words of NONMEM, and two of rxode2's that change what is in a compartment."""

    OBSERVATION = 0
    DOSE = 1
    OTHER = 2
    RESET = 3
    RESET_AND_DOSE = 4
    REPLACE = 5
    MULTIPLY = 6


class Steady(IntEnum):
    """Whether a dose finds the system at its steady state (SS): no, instead of what was, or on top of it."""

    NO = 0
    REPLACE = 1
    SUPERPOSE = 2


MODELLED_RATE = -1.0
MODELLED_DURATION = -2.0


@dataclass(frozen=True)
class Record:
    """One row of a dosing table, its compartment already a state's name.

    Arguments: the patient's ID; TIME; EVID; AMT; the state that CMT names; RATE (0 a bolus, -1 and -2 a
    modelled rate or duration); II; ADDL; SS; the lag, the bioavailability, and the modelled rate and
    duration that hold for this row; the row's line in its file, for messages; and the values of covariates
    in the row, None where one is missing.
    """

    patient: str
    time: float
    event: Event
    amount: float = 0.0
    state: str = ""
    rate: float = 0.0
    interval: float = 0.0
    additional: int = 0
    steady: Steady = Steady.NO
    lag: float = 0.0
    bioavailability: float = 1.0
    modelled_rate: float = 0.0
    modelled_duration: float = 0.0
    line: int | None = None
    file: str | None = None
    covariates: tuple[float | None, ...] = ()

    @property
    def is_dose(self) -> bool:
        """Whether the row gives a dose."""
        return self.event in (Event.DOSE, Event.RESET_AND_DOSE)

    @property
    def changes_state(self) -> bool:
        """Whether the row puts AMT in place of what is in a state, or multiplies that by AMT."""
        return self.event in (Event.REPLACE, Event.MULTIPLY)

    @property
    def is_reset(self) -> bool:
        """Whether the row starts the system anew."""
        return self.event in (Event.RESET, Event.RESET_AND_DOSE)

    @property
    def is_constant_infusion(self) -> bool:
        """Whether the row is the steady state of an infusion without an end (AMT 0, RATE given, SS)."""
        return self.is_dose and self.steady != Steady.NO and self.amount == 0 and self.rate != 0

    def __post_init__(self) -> None:
        if not self.is_dose:
            return
        _require(self, self.amount >= 0, "AMT", self.amount, "a number of 0 or more")
        known_rate = self.rate >= 0 or self.rate in (MODELLED_RATE, MODELLED_DURATION)
        _require(self, known_rate, "RATE", self.rate, "0 (bolus), above 0, -1 or -2")
        _require(self, self.interval >= 0, "II", self.interval, "a number of 0 or more")
        _require(self, self.additional >= 0, "ADDL", self.additional, "a whole number of 0 or more")
        _require(self, self.lag >= 0, "the lag", self.lag, "a number of 0 or more")
        _require(self, self.bioavailability >= 0, "the bioavailability", self.bioavailability, "0 or more")
        if self.additional > 0:
            _require(self, self.interval > 0, "II", self.interval, "a number above 0 where ADDL is above 0")
        if self.rate == MODELLED_RATE:
            _require(self, self.modelled_rate > 0, "the modelled rate", self.modelled_rate, "above 0")
        if self.rate == MODELLED_DURATION:
            duration = self.modelled_duration
            _require(self, duration > 0, "the modelled duration", duration, "above 0")
        if self.steady != Steady.NO:
            self._check_steady()

    def _check_steady(self) -> None:
        if not self.is_constant_infusion:
            _require(self, self.interval > 0, "II", self.interval, "a number above 0 where SS is 1 or 2")
        elif self.rate == MODELLED_DURATION or self.interval > 0 or self.additional > 0:
            raise UnsupportedError.of(
                "a steady-state infusion without an amount needs a rate, and neither II nor ADDL",
                file=self.file,
                line=self.line,
            )


def _require(record: Record, holds: bool, what: str, value: float, allowed: str) -> None:
    if not holds:
        raise InputError.of(f"{what} is {value:g}", file=record.file, line=record.line, allowed=allowed)


def additional_before(record: Record, time: float) -> int:
    """Return how many of a record's additional doses arrive up to a time, one to spare for rounding."""
    if record.additional == 0:
        return 0
    return min(record.additional, max(0, math.floor((time - record.time - record.lag) / record.interval) + 1))


def by_patient(records: Sequence[Record]) -> list[list[int]]:
    """Return the positions of every patient's records, patients in order of appearance.

    Raises InputError where a patient's rows do not stand together or where time runs backwards without a
    reset.
    """
    groups: list[list[int]] = []
    seen: set[str] = set()
    for patient, positions in groupby(range(len(records)), key=lambda i: records[i].patient):
        group = list(positions)
        first = records[group[0]]
        if patient in seen:
            raise InputError.of(
                f"the rows of ID {patient} do not stand together",
                file=first.file,
                line=first.line,
                hint="sort the table by ID and TIME",
            )
        seen.add(patient)
        groups.append(group)
        for before, after in pairwise(group):
            later = records[after]
            if later.time < records[before].time and not later.is_reset:
                raise InputError.of(
                    f"TIME falls from {records[before].time:g} to {later.time:g} within ID {patient}",
                    file=later.file,
                    line=later.line,
                    hint="sort the table by ID and TIME; only a reset (EVID 3 or 4) may start time anew",
                )
    return groups
