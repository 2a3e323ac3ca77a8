"""`calor simulate`: any SBML or Antimony model over time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from calor.cli.assignments import Assignment
from calor.cli.console import console, print_json, watched
from calor.cli.names_type import Names
from calor.cli.number_types import Number, Whole
from calor.cli.options import given, refuse_options, refuse_two_outputs
from calor.cli.simulate_events import EVENT_OPTIONS, EventsRequest, event_options, simulate_events
from calor.cli.simulate_many import simulate_points
from calor.cli.simulate_rows import Rows, largest_of, write_csv, write_rows
from calor.cli.simulate_values import Points, Scan, points_of
from calor.core.arrays import Numbers
from calor.core.errors import ReportedError, UnsupportedError
from calor.core.tolerances import ATOL, RTOL
from calor.engine.batch import Options
from calor.engine.course import (
    RTOL_BOUNDS,
    STEPS,
    Simulated,
    accuracy_of,
    columns_of,
    course_document,
    refuse_no_numbers,
    simulate_course,
    times_between,
)
from calor.engine.dosing.bounds import refuse_too_many_values
from calor.engine.importers.files import load_model_file
from calor.engine.symbolic.setting import set_values
from calor.engine.symbolic.system import System
from calor.report.course_table import course_table

if TYPE_CHECKING:
    from calor.cli.simulate_omex import Request
    from calor.engine.archives.writing import Run

ENDING = ".omex"
"""What the name of an archive ends with. Its code, and what writes one, is loaded where it is needed: libSBML
takes longer to load than a model to simulate."""
RTOL_HELP = "Error allowed in a step, relative to what each state is then."
SAID_BY_ARCHIVE = (
    "--start", "--end", "--steps", "--outputs", "--amounts", "--concentrations", "--rtol", "--atol", "--set",
    "--scan", "--population", "--ignore", "--events", "--omex", *EVENT_OPTIONS,
)  # fmt: skip
"""The options that a COMBINE archive leaves nothing to say for."""
ATOL_HELP = "Error allowed in a step, relative to the largest that each state has been."


@click.command(epilog="Example: calor simulate model.xml --end 10 --steps 50 --outputs S1,S2 --csv -")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--start", type=Number(), default=0.0, show_default=True, help="Time at which the model begins."
)
@click.option("--end", type=Number(), default=10.0, show_default=True, help="Last time.")
@click.option(
    "--steps",
    type=Whole(*STEPS),
    default=50,
    show_default=True,
    help="Equal intervals between outputs.",
)
@click.option("--outputs", type=Names(), default=(), help="Quantities to write [default: species, states].")
@click.option("--amounts", type=Names(), default=(), help="Species to write as amounts.")
@click.option("--concentrations", type=Names(), default=(), help="Species to write as concentrations.")
@click.option("--rtol", type=Number(*RTOL_BOUNDS), default=RTOL, show_default=True, help=RTOL_HELP)
@click.option("--atol", type=Number(0, above=True), default=ATOL, show_default=True, help=ATOL_HELP)
@click.option(
    "--set",
    "settings",
    type=Assignment(),
    multiple=True,
    help="A parameter or initial value; may be repeated.",
)
@click.option(
    "--scan",
    "scans",
    type=Scan(),
    multiple=True,
    help="FROM:TO:COUNT, FROM:TO:COUNT:log or values with commas; several make a grid.",
)
@click.option(
    "--population",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV of people: ID, and a column for each parameter or initial value that differs.",
)
@click.option(
    "--ignore", type=Names(), metavar="COLUMNS", default=(),
    help="Columns of --events or --population to pass over.",
)  # fmt: skip
@event_options
@click.option("--csv", "csv_path", metavar="FILE", help="Write CSV to a file, - for stdout.")
@click.option(
    "--omex", type=click.Path(path_type=Path), default=None, metavar="FILE",
    help="Write the run as a COMBINE archive for other programs too.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, metavar="FOLDER",
    help="With an archive: a new folder for its reports and plots.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document to stdout.")
def command(
    model: Path,
    start: float,
    end: float,
    steps: int,
    outputs: tuple[str, ...],
    amounts: tuple[str, ...],
    concentrations: tuple[str, ...],
    rtol: float,
    atol: float,
    settings: tuple[tuple[str, float], ...],
    scans: tuple[tuple[str, tuple[float, ...]], ...],
    population: Path | None,
    ignore: tuple[str, ...],
    events: EventsRequest | None,
    csv_path: str | None,
    omex: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Simulate an SBML (.xml) or Antimony (.ant) model over time, or run a COMBINE archive (.omex)."""
    if model.suffix.lower() == ENDING:
        from calor.cli.simulate_archive import simulate_archive

        simulate_archive(model, SAID_BY_ARCHIVE, csv_path, as_json, out)
        return
    refuse_options(("--out",), "without an archive", hint="--csv FILE writes the course")
    _refuse_without_effect(events is not None, population is not None, bool(scans))
    refuse_two_outputs(csv_path, as_json)
    if omex is not None and events is not None:
        from calor.cli.simulate_omex import refuse_without_end

        refuse_without_end()
    plain = load_model_file(model)
    system = set_values(plain, settings)
    columns, quantities = columns_of(system, outputs, amounts, concentrations)
    job = _Job(
        model=model, plain=plain, system=system, columns=columns, quantities=quantities,
        times=times_between(start, end, steps), accuracy=accuracy_of(rtol, atol), settings=dict(settings),
        csv_path=csv_path, as_json=as_json, omex=omex,
    )  # fmt: skip
    points = points_of(system, dict(settings), scans, population, ignore)
    if events is not None:
        _simulate_events(job, events, points, ignore)
    elif points is not None:
        _simulate_points(job, points)
    else:
        _simulate_one(job)


@dataclass(frozen=True)
class _Job:
    """What is simulated and where it goes.

    Arguments: the model's file; its system as it stands and with what was set; the columns and the quantity
    behind each; the times; the accuracy; what was set; where CSV, JSON and an archive go.
    """

    model: Path
    plain: System
    system: System
    columns: tuple[str, ...]
    quantities: tuple[str, ...]
    times: Numbers
    accuracy: Options
    settings: dict[str, float]
    csv_path: str | None
    as_json: bool
    omex: Path | None

    def write_archive(self, runs_of: Callable[[Request], list[Run]], largest: Numbers) -> None:
        """Write the runs that a request for an archive makes, if one was asked for."""
        if self.omex is None:
            return
        from calor.cli.simulate_omex import Request

        request = Request(
            path=self.omex, model=self.model, system=self.plain, columns=self.columns,
            quantities=self.quantities, times=self.times, accuracy=self.accuracy, settings=self.settings,
        )  # fmt: skip
        request.write(runs_of(request), largest)


def _simulate_events(
    job: _Job, events: EventsRequest, points: Points | None, ignore: tuple[str, ...]
) -> None:
    grid = job.times if given("--end") else None
    found = simulate_events(
        events, job.system, job.quantities, job.columns, job.accuracy, grid, points, ignore
    )
    refuse_no_numbers(str(job.model), found.header, found.rows)
    job.write_archive(
        lambda request: request.of_events(found, points), largest_of(found.header, job.columns, found.rows)
    )
    write_rows(Rows(found.header, found.rows, job.settings, found.notes), job.csv_path, job.as_json)


def _simulate_points(job: _Job, points: Points) -> None:
    header = (*points.label_names, "time", *job.columns)
    rows = simulate_points(job.model, points, job.system, job.quantities, job.times, job.accuracy)
    refuse_no_numbers(str(job.model), header, rows)
    job.write_archive(lambda request: request.of_points(points), largest_of(header, job.columns, rows))
    write_rows(Rows(header, rows, job.settings), job.csv_path, job.as_json)


def _simulate_one(job: _Job) -> None:
    refuse_too_many_values(1, len(job.times), len(job.quantities))
    with watched() as progress:
        try:
            course = simulate_course(
                job.system, job.columns, job.quantities, job.times, job.accuracy, progress
            )
        except ReportedError as error:
            raise error.at(str(job.model), None, None) from None
    job.write_archive(lambda request: [request.one()], np.max(np.abs(course.values), axis=0))
    _write_course(course, job.settings, job.csv_path, job.as_json)


def _write_course(course: Simulated, settings: dict[str, float], csv_path: str | None, as_json: bool) -> None:
    """Write a course as was asked: CSV, JSON, or else a table."""
    if csv_path is not None:
        write_csv(_csv_lines(course), csv_path)
    if as_json:
        print_json({**course_document(course), "set": settings})
    elif csv_path is None:
        console().print(course_table(course))


def _refuse_without_effect(with_events: bool, with_population: bool, with_scan: bool) -> None:
    """Raise InputError for options that would do nothing beside the others that were given."""
    if not with_events:
        refuse_options(EVENT_OPTIONS, "without --events")
    if not (with_events or with_population):
        refuse_options(("--ignore",), "without --events or --population")
    if with_events and not given("--covariates"):
        refuse_options(("--covariate-rule",), "without --covariates")
    if with_events and not given("--end"):
        refuse_options(
            ("--start", "--steps"), "with --events and without --end",
            hint="--end adds observations at equal intervals to those of the table",
        )  # fmt: skip
    if with_population and with_scan:
        raise UnsupportedError.of(
            "--scan with --population", hint="write the values into the table of people, one row each"
        )


def _csv_lines(course: Simulated) -> Iterator[tuple[str, ...]]:
    yield ("time", *course.names)
    for row in np.column_stack([course.times, course.values]).tolist():
        yield tuple(map(repr, row))
