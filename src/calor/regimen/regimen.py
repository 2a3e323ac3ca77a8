"""A regimen: phases of dosing in the order of time, and their canonical text and dosing records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from calor.regimen.durations import length_text, moment_text, number_text, rounded
from calor.regimen.records import DoseUnit, DosingRecord, Route

FREQUENCY_WORDS = {
    "daily": 1.0,
    "twice daily": 1 / 2,
    "three times daily": 1 / 3,
    "four times daily": 1 / 4,
    "weekly": 7.0,
    "twice weekly": 7 / 2,
}
"""Intervals in days that have a name of their own."""


@dataclass(frozen=True)
class At:
    """Doses at listed times, in days from study day 1, increasing."""

    times_days: tuple[float, ...]

    @property
    def start_days(self) -> float:
        """The time of the first dose."""
        return self.times_days[0]

    @property
    def end_days(self) -> float:
        """The time of the last dose."""
        return self.times_days[-1]


@dataclass(frozen=True)
class Repeated:
    """Two or more doses at a fixed interval; the phase ends one interval after its last dose."""

    start_days: float
    interval_days: float
    count: int

    @property
    def end_days(self) -> float:
        """The time at which the next dose would be due."""
        return rounded(self.start_days + self.count * self.interval_days)


@dataclass(frozen=True)
class Phase:
    """Equal doses on one schedule.

    Arguments: the amount of each dose in `unit` (per kg of body weight when `per_kg`), the schedule, the
    route (None where it was not said), and the length of each infusion in days (0: at once).
    """

    amount: float
    unit: DoseUnit
    schedule: At | Repeated
    per_kg: bool = False
    route: Route | None = None
    infusion_days: float = 0.0

    @property
    def records(self) -> tuple[DosingRecord, ...]:
        """The dosing records of this phase: one for each listed time, or one train."""
        schedule = self.schedule
        if isinstance(schedule, At):
            return tuple(self._record(time) for time in schedule.times_days)
        first = self._record(schedule.start_days)
        return (replace(first, interval_days=schedule.interval_days, additional=schedule.count - 1),)

    def _record(self, time_days: float) -> DosingRecord:
        """Return the record of one dose."""
        return DosingRecord(
            time_days=time_days,
            amount=self.amount,
            unit=self.unit,
            per_kg=self.per_kg,
            route=self.route,
            duration_days=self.infusion_days,
        )

    @property
    def dose_text(self) -> str:
        """The dose alone: `5 mg/kg iv over 2 h`."""
        if self.unit is DoseUnit.PLASMA_VOLUME:
            plural = "" if self.amount == 1 else "s"
            return f"{number_text(self.amount)} plasma volume{plural} exchange"
        text = f"{number_text(self.amount)} {self.unit}{'/kg' if self.per_kg else ''}"
        if self.route is not None:
            text += f" {self.route}"
        return text + (f" over {length_text(self.infusion_days)}" if self.infusion_days else "")


@dataclass(frozen=True)
class Regimen:
    """What is given when: one or more phases, each starting no earlier than the one before it ends."""

    phases: tuple[Phase, ...]

    @property
    def records(self) -> tuple[DosingRecord, ...]:
        """The dosing records in the order of time."""
        return tuple(record for phase in self.phases for record in phase.records)

    @property
    def text(self) -> str:
        """The canonical text, which `parse_regimen` reads back as an equal regimen."""
        parts = []
        due = 0.0
        for phase in self.phases:
            parts.append(f"{phase.dose_text} {_schedule_text(phase.schedule, due)}")
            due = phase.schedule.end_days if isinstance(phase.schedule, Repeated) else float("nan")
        return " then ".join(parts)

    @property
    def first_dose_days(self) -> float:
        """The time of the first dose."""
        return self.phases[0].schedule.start_days

    @property
    def last_dose_days(self) -> float:
        """The time at which the last dose begins."""
        return max(record.times_days[-1] for record in self.records)

    @classmethod
    def of_records(cls, records: Sequence[DosingRecord]) -> Regimen:
        """Return the regimen of dosing records: equal single doses in a row make one phase."""
        phases: list[Phase] = []
        for record in records:
            dose = (record.per_kg, record.route, record.duration_days)
            if record.additional:
                train = Repeated(record.time_days, record.interval_days, record.additional + 1)
                phases.append(Phase(record.amount, record.unit, train, *dose))
                continue
            single = Phase(record.amount, record.unit, At((record.time_days,)), *dose)
            before = phases[-1] if phases else None
            if before and isinstance(before.schedule, At) and before.dose_text == single.dose_text:
                times = (*before.schedule.times_days, record.time_days)
                phases[-1] = Phase(record.amount, record.unit, At(times), *dose)
            else:
                phases.append(single)
        return cls(tuple(phases))


def _schedule_text(schedule: At | Repeated, due: float) -> str:
    """Return a schedule as text; a start that is due anyway is not written."""
    if isinstance(schedule, At):
        return f"at {moment_text(schedule.times_days)}"
    interval = schedule.interval_days
    whole_weeks = interval % 7 == 0
    named = [word for word, days in FREQUENCY_WORDS.items() if days == interval]
    text = named[0] if named else f"every {length_text(interval, in_weeks=whole_weeks)}"
    if schedule.start_days != due:
        text += f" starting {moment_text((schedule.start_days,))}"
    return f"{text} {_extent_text(schedule, in_weeks=whole_weeks)}"


def _extent_text(schedule: Repeated, *, in_weeks: bool) -> str:
    """Return how long a train lasts: a length where it is whole, else the number of doses."""
    length = rounded(schedule.count * schedule.interval_days)
    if length == int(length):
        return f"for {length_text(length, in_weeks=in_weeks)}"
    return f"for {schedule.count} doses"
