"""`calor simulate --events`: a table of dosing records through a model; a part of that command."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from calor.cli.console import console, print_json, watched
from calor.core.errors import InputError
from calor.engine import compile_kernel
from calor.engine.batch import Numbers, Options
from calor.engine.dosing.records import Record
from calor.engine.dosing.simulate import observations, simulate_records
from calor.engine.dosing.table import Columns, read_table
from calor.engine.symbolic.system import System

ROWS_SHOWN = 25


class StateColumns(click.ParamType):  # type: ignore[type-arg]
    """Columns of a table by state, STATE=COLUMN separated by commas."""

    name = "STATE=COLUMN"

    def convert(
        self, value: str | Mapping[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Mapping[str, str]:
        """Return the column of each state."""
        if not isinstance(value, str):
            return value
        pairs = [item.strip().split("=") for item in value.split(",") if item.strip()]
        wrong = [pair for pair in pairs if len(pair) != 2 or not all(part.strip() for part in pair)]
        if wrong:
            self.fail(f"{'='.join(wrong[0])!r} is not STATE=COLUMN", param, ctx)
        return {state.strip(): column.strip() for state, column in pairs}


@dataclass(frozen=True)
class EventsRequest:
    """What `--events` and the options that go with it ask for; columns are by the names in `compartments`."""

    table: Path
    compartments: tuple[str, ...]
    lag: Mapping[str, str]
    bioavailability: Mapping[str, str]
    rate: Mapping[str, str]
    duration: Mapping[str, str]


def event_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how to read dosing records, as one argument `events`."""

    @wraps(command)
    def with_request(
        events: Path | None,
        compartments: str,
        lag: Mapping[str, str],
        bioavailability: Mapping[str, str],
        rate: Mapping[str, str],
        duration: Mapping[str, str],
        **rest: Any,
    ) -> None:
        names = tuple(name.strip() for name in compartments.split(",") if name.strip())
        asked = EventsRequest(events, names, lag, bioavailability, rate, duration) if events else None
        command(events=asked, **rest)

    decorated: Callable[..., None] = with_request
    for decorate in reversed(
        [
            click.option(
                "--events",
                type=click.Path(path_type=Path),
                help="CSV of NONMEM dosing records; writes one row for every EVID 0.",
            ),
            click.option(
                "--compartments",
                metavar="NAMES",
                default="",
                help="With --events: what CMT 1, 2, ... name, separated by commas.",
            ),
            _columns_option("--lag", "the delay of a dose"),
            _columns_option("--bioavailability", "the share of a dose that arrives"),
            _columns_option("--rate", "the rate where RATE is -1"),
            _columns_option("--duration", "the duration where RATE is -2"),
        ]
    ):
        decorated = decorate(decorated)
    return decorated


def _columns_option(name: str, what: str) -> Callable[..., Any]:
    return click.option(name, type=StateColumns(), default="", help=f"With --events: the column with {what}.")


def simulate_events(
    request: EventsRequest,
    system: System,
    quantities: tuple[str, ...],
    columns: tuple[str, ...],
    options: Options,
    csv_path: str | None,
    as_json: bool,
) -> None:
    """Simulate the table and write what was asked for.

    Arguments: the request; the system; the quantities to write and the names of their columns; how
    accurately to solve; where to write CSV (- is stdout); whether to write JSON to stdout.
    """
    records = read_table(request.table, _columns(request, system))
    with watched() as progress:
        values = simulate_records(compile_kernel(system), records, quantities, options, progress)
    rows = _rows(records, values)
    if csv_path is not None:
        _write_csv(("ID", "TIME", *columns), rows, csv_path)
    if as_json:
        print_json({"columns": ["ID", "TIME", *columns], "rows": rows})
    elif csv_path is None:
        _show(("ID", "TIME", *columns), rows)


def _columns(request: EventsRequest, system: System) -> Columns:
    """Return the meaning of the table's columns by state; raises InputError for a name that is no state."""
    if not request.compartments:
        raise InputError.of(
            "it is not said what CMT names",
            key="--compartments",
            hint="for example --compartments depot,central",
        )

    def state(name: str, option: str) -> str:
        found = system.amount_of(name)
        if found not in system.state_names:
            constant = "nothing in the model changes it, so it is a parameter and takes no dose"
            raise InputError.of(
                f"{name} is not a state",
                key=option,
                allowed=", ".join(system.state_names[:20]),
                hint=constant if name in system.parameter_names else None,
            )
        return found

    def by_state(columns: Mapping[str, str], option: str) -> dict[str, str]:
        return {state(name, option): column for name, column in columns.items()}

    return Columns(
        tuple(state(name, "--compartments") for name in request.compartments),
        by_state(request.lag, "--lag"),
        by_state(request.bioavailability, "--bioavailability"),
        by_state(request.rate, "--rate"),
        by_state(request.duration, "--duration"),
    )


def _rows(records: list[Record], values: Numbers) -> list[list[Any]]:
    return [
        [records[i].patient, records[i].time, *(float(value) for value in values[i])]
        for i in observations(records)
    ]


def _write_csv(header: tuple[str, ...], rows: list[list[Any]], path: str) -> None:
    text = [header, *([row[0], f"{row[1]:.15g}", *map(repr, row[2:])] for row in rows)]
    if path == "-":
        csv.writer(sys.stdout, lineterminator="\n").writerows(text)
        return
    try:
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(text)
    except OSError as error:
        raise InputError.of(f"cannot write the file: {error.strerror}", file=path) from None


def _show(header: tuple[str, ...], rows: list[list[Any]]) -> None:
    """Print the first rows as a table."""
    table = Table(*header)
    for row in rows[:ROWS_SHOWN]:
        table.add_row(row[0], *(f"{value:.6g}" for value in row[1:]))
    console().print(table)
    if len(rows) > ROWS_SHOWN:
        console().print(f"... {len(rows) - ROWS_SHOWN} more rows; --csv FILE writes them all")
