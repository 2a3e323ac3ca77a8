"""A dosing table (CSV) -> records, with a message that names the line and the column of what is wrong."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from calor.core.errors import InputError, UnsupportedError
from calor.engine.dosing.records import Event, Record, Steady

REQUIRED = ("ID", "TIME")
MISSING = ("", ".", "NA")
"""How a table says that a number is not given; it then counts as 0, as in NONMEM."""


@dataclass(frozen=True)
class Columns:
    """What the columns mean for this model.

    Arguments: the states that CMT 1, 2, ... name; and per state the column of its lag, bioavailability,
    modelled rate (RATE -1) and modelled duration (RATE -2).
    """

    compartments: tuple[str, ...]
    lag: Mapping[str, str] = field(default_factory=dict)
    bioavailability: Mapping[str, str] = field(default_factory=dict)
    rate: Mapping[str, str] = field(default_factory=dict)
    duration: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Row:
    """A row of the file, read one column at a time."""

    values: Mapping[str, str]
    file: str
    line: int

    def number(self, column: str, default: float = 0.0) -> float:
        text = (self.values.get(column) or "").strip()
        if text in MISSING:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.wrong(column, text, "a number, or . for none")
        return value

    def whole(self, column: str, default: int = 0) -> int:
        value = self.number(column, default)
        if value != int(value):
            raise self.wrong(column, f"{value:g}", "a whole number")
        return int(value)

    def wrong(self, column: str, value: str, allowed: str) -> InputError:
        return InputError.of(
            f"{column} is {value}", file=self.file, line=self.line, key=column, allowed=allowed
        )


def read_table(path: Path, columns: Columns) -> list[Record]:
    """Return the records of a CSV file in its order.

    Raises InputError for a file that cannot be read, a missing column and a value that is not allowed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.of(f"cannot be read: {error}", file=path) from error
    reader = csv.DictReader(text.splitlines())
    header = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = header
    named = [*REQUIRED, *_named_columns(columns)]
    absent = [name for name in dict.fromkeys(named) if name not in header]
    if absent:
        raise InputError.of(
            f"has no column {', '.join(absent)}",
            file=path,
            line=1,
            allowed=", ".join(header) or "a header row with at least ID and TIME",
        )
    return [_record(_Row(values, str(path), reader.line_num), columns) for values in reader]


def _named_columns(columns: Columns) -> list[str]:
    return [
        name
        for mapping in (columns.lag, columns.bioavailability, columns.rate, columns.duration)
        for name in mapping.values()
    ]


def _record(row: _Row, columns: Columns) -> Record:
    event = _event(row)
    patient = (row.values.get("ID") or "").strip()
    time = row.number("TIME", math.nan)
    if math.isnan(time):
        raise row.wrong("TIME", "missing", "a number")
    if event in (Event.OBSERVATION, Event.OTHER, Event.RESET):
        return Record(patient, time, event, line=row.line, file=row.file)
    state = _compartment(row, columns)
    steady = row.whole("SS")
    if steady not in (0, 1, 2):
        raise row.wrong("SS", str(steady), "0, 1 or 2")

    def for_state(mapping: Mapping[str, str], default: float) -> float:
        return row.number(mapping[state], default) if state in mapping else default

    return Record(
        patient,
        time,
        event,
        amount=row.number("AMT"),
        state=state,
        rate=row.number("RATE"),
        interval=row.number("II"),
        additional=row.whole("ADDL"),
        steady=Steady(steady),
        lag=for_state(columns.lag, 0.0),
        bioavailability=for_state(columns.bioavailability, 1.0),
        modelled_rate=for_state(columns.rate, 0.0),
        modelled_duration=for_state(columns.duration, 0.0),
        line=row.line,
        file=row.file,
    )


def _event(row: _Row) -> Event:
    if "EVID" not in row.values:
        dosed = row.number("AMT") > 0 or row.number("RATE") != 0
        return Event.DOSE if dosed else Event.OBSERVATION
    number = row.whole("EVID")
    if number not in tuple(Event):
        raise row.wrong("EVID", str(number), "0, 1, 2, 3 or 4")
    return Event(number)


def _compartment(row: _Row, columns: Columns) -> str:
    number = row.whole("CMT", 1)
    if number < 0:
        raise UnsupportedError.of(f"CMT {number} (switching a compartment off)", file=row.file, line=row.line)
    if not 1 <= number <= len(columns.compartments):
        names = ", ".join(f"{i} ({name})" for i, name in enumerate(columns.compartments, start=1))
        raise row.wrong("CMT", str(number), names or "none: no compartments were named")
    return columns.compartments[number - 1]
