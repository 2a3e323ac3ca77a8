"""`calor model petab`: the model, its priors and doses as a PEtab problem for a fit elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.console import console, print_json
from calor.cli.number_types import Number, Whole


@click.command(
    epilog="Example: calor model petab problem --drug prednisolone "
    '--regimen "40 mg oral daily for 14 days" --rival central-igg'
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--drug", "drugs", multiple=True, metavar="ID", help="A drug of the library, or a drug file.")
@click.option("--regimen", "regimens", multiple=True, metavar="TEXT", help="One for each --drug.")
@click.option(
    "--rival", "rival_name", default="central-igg", show_default=True, metavar="NAME",
    help="The explanation to export.",
)  # fmt: skip
@click.option(
    "--after", type=Number(1, 36_525), default=90.0, show_default=True,
    help="Days from the injury to the first day of the study.",
)  # fmt: skip
@click.option("--days", type=Whole(7, 3653), default=84, show_default=True, help="How long it lasts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(
    folder: Path,
    drugs: tuple[str, ...],
    regimens: tuple[str, ...],
    rival_name: str,
    after: float,
    days: int,
    as_json: bool,
) -> None:
    """Write the model with its priors, and doses as periods, into FOLDER as a PEtab problem of version 2.

    Its measurements are no data but calor's simulation of the typical person; NOT-HELD.md names what PEtab
    cannot hold: targets that are statistics of screened cohorts, differences between people, and others.
    """
    # What composes and compiles takes long to load; help answers at once.
    from calor.calibration.petab.export import Request, export_problem
    from calor.report.patient_run import given_of, rivals_named

    given = given_of(drugs, regimens)
    (rival,) = rivals_named(rival_name)
    summary = export_problem(Request(given, rival, after, days), folder)
    if as_json:
        print_json(summary)
        return
    screen = console()
    screen.print(
        f"{summary['estimated']} estimated parameters with priors, {summary['observables']} observables\n"
        f"experiments: {', '.join(summary['experiments'])}; dosing changes {summary['periods']} times",
        soft_wrap=True,
    )
    screen.print(f"written: {folder / 'problem.yaml'}", soft_wrap=True)
    screen.print(f"what it does not hold: {folder / 'NOT-HELD.md'}", soft_wrap=True)
