"""`calor simulate --events`: a table of dosing records through a model; a part of that command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from typing import Any

import click

from calor.cli.console import watched
from calor.cli.names_type import Names
from calor.cli.simulate_runs import Run, runs_of
from calor.cli.simulate_values import Points
from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.engine import compile_kernel
from calor.engine.batch import Options
from calor.engine.dosing.columns import Columns
from calor.engine.dosing.covariates import Covariates, Rule, covariates_of, filled
from calor.engine.dosing.observations import with_observations
from calor.engine.dosing.simulate import observations, simulate_records
from calor.engine.dosing.table import read_table
from calor.engine.symbolic.setting import parameters_of
from calor.engine.symbolic.system import System


class StateColumns(click.ParamType):  # type: ignore[type-arg]
    """Columns of a table by state, STATE=COLUMN separated by commas."""

    name = "STATE=COLUMN"

    def __init__(self, *, alone: bool = False) -> None:
        """`alone`: whether a name alone may stand for the column of that name."""
        self._alone = alone

    def convert(
        self, value: str | Mapping[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Mapping[str, str]:
        """Return the column of each state."""
        if not isinstance(value, str):
            return value
        pairs = [item.strip().split("=") for item in value.split(",")]
        wrong = [pair for pair in pairs if not all(part.strip() for part in pair)]
        wrong += [pair for pair in pairs if len(pair) != 2 and not (self._alone and len(pair) == 1)]
        if wrong:
            self.fail(f"{'='.join(wrong[0])!r} is not STATE=COLUMN", param, ctx)
        pairs = [(pair * 2)[:2] for pair in pairs]
        named = {state.strip(): column.strip() for state, column in pairs}
        if len(named) < len(pairs):
            self.fail(f"{value!r} gives a name twice", param, ctx)
        return named


@dataclass(frozen=True)
class EventsRequest:
    """What `--events` and the options that go with it ask for; columns are by the names in `compartments`."""

    table: Path
    compartments: tuple[str, ...]
    lag: Mapping[str, str]
    bioavailability: Mapping[str, str]
    rate: Mapping[str, str]
    duration: Mapping[str, str]
    covariates: Mapping[str, str]
    rule: Rule


EVENT_OPTIONS = (
    "--compartments", "--lag", "--bioavailability", "--rate", "--duration", "--covariates", "--covariate-rule"
)  # fmt: skip
"""The options that say how to read `--events`, and do nothing without it."""


def event_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how to read dosing records, as one argument `events`."""

    @wraps(command)
    def with_request(
        events: Path | None,
        compartments: tuple[str, ...],
        lag: Mapping[str, str],
        bioavailability: Mapping[str, str],
        rate: Mapping[str, str],
        duration: Mapping[str, str],
        covariates: Mapping[str, str],
        covariate_rule: str,
        **rest: Any,
    ) -> None:
        rule = Rule(covariate_rule)
        asked = (
            EventsRequest(
                table=events,
                compartments=compartments,
                lag=lag,
                bioavailability=bioavailability,
                rate=rate,
                duration=duration,
                covariates=covariates,
                rule=rule,
            )
            if events
            else None
        )
        command(events=asked, **rest)

    decorated: Callable[..., None] = with_request
    for decorate in reversed(_decorators()):
        decorated = decorate(decorated)
    return decorated


def _decorators() -> list[Callable[..., Any]]:
    """Return the options in the order in which help lists them."""
    return [
        click.option(
            "--events",
            type=click.Path(path_type=Path),
            help="CSV of NONMEM dosing records; writes one row for every EVID 0.",
        ),
        click.option(
            "--compartments",
            type=Names(repeated=True),
            default=(),
            help="With --events: what CMT 1, 2, ... name, separated by commas.",
        ),
        _columns_option("--lag", "the delay of a dose"),
        _columns_option("--bioavailability", "the share of a dose that arrives"),
        _columns_option("--rate", "the rate where RATE is -1"),
        _columns_option("--duration", "the duration where RATE is -2"),
        click.option(
            "--covariates",
            type=StateColumns(alone=True),
            metavar="NAMES",
            default={},
            help="With --events: columns with values of parameters, NAME or PARAMETER=COLUMN.",
        ),
        click.option(
            "--covariate-rule",
            type=click.Choice([rule.value for rule in Rule]),
            default=Rule.LOCF.value,
            show_default=True,
            help="With --events: between two rows the earlier value holds (locf) or the later (nocb).",
        ),
    ]


def _columns_option(name: str, what: str) -> Callable[..., Any]:
    return click.option(name, type=StateColumns(), default={}, help=f"With --events: the column with {what}.")


@dataclass(frozen=True)
class EventsResult:
    """What a table gave: what to say about it, the header and a row for each observation.

    And what was simulated: the runs, the names whose values their records hold, how these enter the model,
    and the model without them.
    """

    notes: tuple[str, ...]
    header: tuple[str, ...]
    rows: list[list[float | str]]
    runs: Sequence[Run]
    names: tuple[str, ...]
    covariates: Covariates
    plain: System


def simulate_events(
    request: EventsRequest,
    system: System,
    quantities: tuple[str, ...],
    columns: tuple[str, ...],
    options: Options,
    grid: Numbers | None,
    points: Points | None,
    ignored: tuple[str, ...],
) -> EventsResult:
    """Simulate the table.

    Arguments: the request; the system; the quantities to write and the names of their columns; how
    accurately to solve; times to observe beside those of the table; the values of a scan or a population;
    the table's columns to pass over. Raises InputError for what is wrong in the table.
    """
    table = read_table(request.table, _columns(request, system, columns, ignored))
    names = (*request.covariates, *(points.names if points else ()))
    _refuse_given_twice(names)
    records = filled(table, tuple(request.covariates.values()), request.rule)
    if grid is not None:
        records = with_observations(records, grid.tolist(), request.rule)
    if not observations(records):
        raise InputError.of(
            "has no row to write: none is an observation",
            file=request.table, allowed="rows with EVID 0",
            hint="--end and --steps add observations for every ID at equal intervals",
        )  # fmt: skip
    plain = points.system(system) if points else system
    runs = runs_of(records, points, request.table)
    parameters = parameters_of(system, names)
    header = ("ID", "TIME", *columns)
    if points and points.label_names != ("ID",):
        header = (*points.label_names, *header)
    covariates = covariates_of(runs[0].records, parameters, request.rule)
    kernel = compile_kernel(covariates.system(plain))
    rows: list[list[float | str]] = []
    with watched() as progress:
        for run in runs:
            values = simulate_records(
                kernel, run.records, quantities, options, progress, covariates, lambda: compile_kernel(plain)
            )
            rows += _rows_of(run, values)
    return EventsResult(
        notes=table.notes, header=header, rows=rows, runs=runs, names=names, covariates=covariates,
        plain=plain,
    )  # fmt: skip


def _rows_of(run: Run, values: Numbers) -> list[list[float | str]]:
    """Return a row for each observation of a run."""
    return [
        [*run.label, run.records[i].patient, run.records[i].time, *values[i].tolist()]
        for i in observations(run.records)
    ]


def _refuse_given_twice(names: tuple[str, ...]) -> None:
    """Raise InputError where a covariate is given by a scan or a population as well."""
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError.of(
            f"{twice[0]} is given by --covariates and by the other values", allowed="one of them"
        )


def _columns(
    request: EventsRequest, system: System, outputs: tuple[str, ...], ignored: tuple[str, ...]
) -> Columns:
    """Return what the table's columns mean; raises InputError for what is no state or parameter."""

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

    _check_covariates(request.covariates, system)
    compartments = tuple(state(name, "--compartments") for name in request.compartments)
    in_words = {name: name for name in system.state_names}
    in_words |= {item.name: item.amount for item in system.species if item.amount in in_words}
    in_words |= dict(zip(request.compartments, compartments, strict=True))
    return Columns(
        compartments=compartments,
        lag=by_state(request.lag, "--lag"),
        bioavailability=by_state(request.bioavailability, "--bioavailability"),
        rate=by_state(request.rate, "--rate"),
        duration=by_state(request.duration, "--duration"),
        covariates=request.covariates,
        ignored=ignored,
        states=in_words,
        parameters=system.parameter_names,
        outputs=outputs,
    )


def _check_covariates(covariates: Mapping[str, str], system: System) -> None:
    """Raise InputError for a covariate that is no parameter of the model."""
    for name in covariates:
        if name not in system.parameter_names:
            near = get_close_matches(name.lower(), [known.lower() for known in system.parameter_names], n=1)
            alike = next((known for known in system.parameter_names if [known.lower()] == near), "PARAMETER")
            raise InputError.of(
                f"the model has no parameter {name}", key="--covariates",
                allowed=", ".join(system.parameter_names[:20]) or "none: the model has no parameters",
                hint=f"--covariates {alike}={covariates[name]} gives a parameter another column's values",
            )  # fmt: skip
