"""`calor patient`: one virtual patient or a cohort with chosen traits, treated and untreated."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calor.cli.assignments import set_option
from calor.cli.console import console, error_console, print_json, watched
from calor.cli.number_types import SEED, Number, Whole
from calor.cli.options import refuse_options
from calor.cli.trial_options import posterior_option, scenario_of
from calor.population.traits import COHORT, DAYS, DURATION_MONTHS, PAIN, Cytokines, Phenotype, Traits

if TYPE_CHECKING:
    import pandas as pd

    from calor.population.cohort import Cohort
    from calor.regimen import Regimen
    from calor.therapy.drug import Drug

MOST_ROWS = 20_000
"""Rows of courses that are written unasked, about 3 MB."""


@click.command(
    epilog="Example: calor patient --duration-months 3 --phenotype warm --drug prednisolone "
    '--regimen "40 mg oral daily for 14 days"'
)
@click.option(
    "--duration-months", type=Number(*DURATION_MONTHS), default=3.0, show_default=True,
    help="Time from injury to study day 1.",
)  # fmt: skip
@click.option(
    "--phenotype",
    type=click.Choice([word.value for word in Phenotype]),
    default=None,
    help="Side of the warmer limb.",
)
@click.option(
    "--cytokines",
    type=click.Choice([word.value for word in Cytokines]),
    default=None,
    help="Tissue TNF, against A03.",
)
@click.option("--antibody", type=click.Choice(["yes", "no"]), default=None, help="Whether it can be made.")
@click.option(
    "--pain-at-least", type=Number(*PAIN), default=None, help="Pain on the day of screening (0-10)."
)
@click.option("--drug", "drugs", multiple=True, metavar="ID", help="A drug of the library, or a drug file.")
@click.option("--regimen", "regimens", multiple=True, metavar="TEXT", help="One for each --drug.")
@click.option("--rival", "rival_name", default=None, metavar="NAME", help="Only this explanation.")
@click.option("--cohort", type=Whole(*COHORT), default=None, help="N people instead of one patient.")
@click.option("--days", type=Whole(*DAYS), default=84, show_default=True, help="How long to follow.")
@posterior_option
@set_option("the typical value of a number of disease, measurement or drug")
@click.option("--all-courses", is_flag=True, help="Write the course of everybody, however large that is.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Of every number.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Folder.  [default: runs/patient-TIME]"
)
@click.option(
    "--omex", type=click.Path(path_type=Path), default=None, metavar="FILE",
    help="Write the first people as a COMBINE archive for other programs too.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(
    duration_months: float,
    phenotype: str | None,
    cytokines: str | None,
    antibody: str | None,
    pain_at_least: float | None,
    drugs: tuple[str, ...],
    regimens: tuple[str, ...],
    rival_name: str | None,
    cohort: int | None,
    days: int,
    posterior: str | None,
    assignments: tuple[tuple[str, float], ...],
    all_courses: bool,
    seed: int,
    out: Path | None,
    omex: Path | None,
    as_json: bool,
) -> None:
    """Follow a virtual patient, or a cohort, with the traits asked for: untreated and, with drugs, treated.

    Without --cohort one person is followed in every world and rival in which they have the traits: the
    interval is what is not known. With --cohort people differ too. People are found by screening, in worlds
    of calor trial's posterior. Figure and data go to a folder; with --json only where --out names one.
    """
    # What simulates takes long to load, and help is answered without it.
    from calor.model.disease import load_disease
    from calor.report import patient_run as run
    from calor.report.patient_document import course_table, members_within
    from calor.store.run_folder import run_folder_if_named

    traits = _traits(duration_months, phenotype, cytokines, antibody, pain_at_least)
    run.refuse_too_large(cohort or run.WORLDS_OF_ONE, days)
    given = run.given_of(drugs, regimens)
    rivals, scenario = run.rivals_named(rival_name), scenario_of(posterior, assignments=assignments)
    folder = _folder(out, as_json)
    with run_folder_if_named(folder) as inside:
        with watched() as progress:
            document, courses, found = run.patient_document(
                load_disease(), traits, given, rivals, scenario, cohort, days, seed, progress
            )
        everybody = len(courses["untreated"].lived)
        members = everybody if all_courses else members_within(courses, MOST_ROWS)
        if inside is not None:
            _write(document, course_table(courses, document["status"], members), inside)
    if omex is not None:
        _write_archive(given, found, days, document["title"], omex)
    _show(document, as_json)
    if folder is not None:
        _say_what_was_written(folder, members, everybody)


def _folder(out: Path | None, as_json: bool) -> Path | None:
    """Return the folder of figure and data, None where there is none."""
    folder = out if out or as_json else Path("runs") / f"patient-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    if folder is None:
        refuse_options(("--all-courses",), "beside --json without --out", hint="name a folder with --out")
    return folder


def _show(document: dict[str, Any], as_json: bool) -> None:
    """Print warnings, and the document or its tables."""
    from calor.report.patient_table import print_patient

    for warning in document["warnings"]:
        error_console().print(f"warning: {warning}", style="yellow")
    if as_json:
        print_json(document)
    else:
        print_patient(document, console())


def _traits(
    duration: float,
    phenotype: str | None,
    cytokines: str | None,
    antibody: str | None,
    pain_at_least: float | None,
) -> Traits:
    """Return the traits that were asked for."""
    return Traits(
        duration,
        Phenotype(phenotype) if phenotype else None,
        Cytokines(cytokines) if cytokines else None,
        None if antibody is None else antibody == "yes",
        pain_at_least,
    )


def _write(document: dict[str, Any], courses: pd.DataFrame, folder: Path) -> None:
    """Write the result, the courses and the figure into a folder."""
    from calor.report.patient_figure import save_patient_figure  # what draws takes long to load
    from calor.store.run_folder import write_json, write_table

    write_json(folder / "result.json", document)
    write_table(folder / "courses.parquet", courses)
    save_patient_figure(document, folder)


def _write_archive(
    given: list[tuple[Drug, Regimen]], found: Cohort, days: int, title: str, path: Path
) -> None:
    """Write people as an archive, and say how many of them it holds."""
    from calor.model.disease import load_disease
    from calor.population.course_archive import write_course_archive

    count = write_course_archive(load_disease(), given, found, days, title, path)
    error_console().print(f"archive: {path}, with {count:,} of {len(found.patients):,}", soft_wrap=True)


def _say_what_was_written(folder: Path, members: int, everybody: int) -> None:
    """Say on stderr where figure and data are, and how much of the courses."""
    size = (folder / "courses.parquet").stat().st_size / 1e6
    part = f"the courses of {members:,} of {everybody:,} ({size:.1f} MB)"
    more = "" if members == everybody else f"; --all-courses: about {size * everybody / members:.0f} MB"
    error_console().print(f"figure and data: {folder}, with {part}{more}", soft_wrap=True)
