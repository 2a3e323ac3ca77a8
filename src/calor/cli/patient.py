"""`calor patient`: one virtual patient or a cohort with chosen traits, treated and untreated."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from rich.table import Table

from calor.cli.console import console, error_console, print_indented, print_json, watched
from calor.core.errors import InputError
from calor.core.progress import Progress
from calor.core.streams import Stream
from calor.core.versions import versions
from calor.engine.batch import Options
from calor.model.disease import Disease, load_disease
from calor.model.outputs import OUTPUTS
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival, load_rivals
from calor.model.units import sign_of
from calor.population.cohort import (
    Cohort,
    Cytokines,
    Phenotype,
    Screening,
    Traits,
    find_cohort,
    find_patient,
)
from calor.population.course import CohortCourse, follow, prepare_treatment
from calor.population.measurement import load_measurement
from calor.population.patients import Numbers
from calor.regimen import Regimen, parse_regimen
from calor.report.patient_figure import save_patient_figure
from calor.store.run_folder import check_free, new_run_folder, write_json, write_table
from calor.therapy.drug import Drug
from calor.therapy.library import load_drug
from calor.therapy.limits import warnings_of

WIDTH = 80
WORLDS_OF_ONE = 600
"""Worlds and rivals in which a single virtual patient is tried."""
SHOWN = ("pain_nrs", "temperature_difference", "oedema", "grip_share", "tnf_tissue", "il6_tissue",
         "igg_concentration", "autoantibody_igg_titre")  # fmt: skip


@click.command(
    epilog="Example: calor patient --duration-months 3 --phenotype warm --drug prednisolone "
    '--regimen "40 mg oral daily for 14 days"'
)
@click.option(
    "--duration-months", type=click.FloatRange(0.25, 480), default=3.0, show_default=True,
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
@click.option("--drug", "drugs", multiple=True, metavar="ID", help="A drug of the library, or a drug file.")
@click.option("--regimen", "regimens", multiple=True, metavar="TEXT", help="One for each --drug.")
@click.option("--rival", "rival_name", default=None, metavar="NAME", help="Only this explanation.")
@click.option(
    "--cohort", type=click.IntRange(2, 20_000), default=None, help="N people instead of one patient."
)
@click.option(
    "--days", type=click.IntRange(1, 3650), default=84, show_default=True, help="How long to follow."
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of every number.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=None, help="Folder.  [default: runs/patient-TIME]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
def command(
    duration_months: float,
    phenotype: str | None,
    cytokines: str | None,
    antibody: str | None,
    drugs: tuple[str, ...],
    regimens: tuple[str, ...],
    rival_name: str | None,
    cohort: int | None,
    days: int,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Follow a virtual patient, or a cohort, with the traits asked for: untreated and, with drugs, treated.

    Without --cohort one person is followed in every world and rival in which they have the traits: the
    interval is what is not known. With --cohort people differ too. People are found by screening. Figure and
    data go to a folder; with --json only where --out names one.
    """
    traits = Traits(
        duration_months,
        Phenotype(phenotype) if phenotype else None,
        Cytokines(cytokines) if cytokines else None,
        None if antibody is None else antibody == "yes",
    )
    given = _given(drugs, regimens)
    rivals = _rivals_named(rival_name)
    folder = out if out or as_json else Path("runs") / f"patient-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    if folder is not None:
        check_free(folder)
    with watched() as progress:
        document, courses = patient_document(
            load_disease(), traits, given, rivals, cohort, days, seed, progress
        )
    for warning in document["warnings"]:
        error_console().print(f"warning: {warning}", style="yellow", markup=False)
    if folder is not None:
        with new_run_folder(folder) as inside:
            write_json(inside / "result.json", document)
            write_table(inside / "courses.parquet", _table_of(courses, document["status"]))
            save_patient_figure(document, inside)
    if as_json:
        print_json(document)
    else:
        _print(document, folder)


def _given(drugs: tuple[str, ...], regimens: tuple[str, ...]) -> list[tuple[Drug, Regimen]]:
    """Return the drugs with their regimens. Raises InputError when they do not pair."""
    if len(drugs) != len(regimens):
        raise InputError.of(
            f"{len(drugs)} drugs and {len(regimens)} regimens",
            key="--drug",
            allowed="one --regimen for each --drug",
            hint='--drug prednisolone --regimen "40 mg oral daily for 14 days"',
        )
    return [(load_drug(drug), parse_regimen(text)) for drug, text in zip(drugs, regimens, strict=True)]


def _rivals_named(name: str | None) -> tuple[Rival, ...]:
    rivals = load_rivals()
    if name is None:
        return rivals
    chosen = tuple(rival for rival in rivals if rival.name == name)
    if not chosen:
        allowed = ", ".join(rival.name for rival in rivals)
        raise InputError.of(f"is {name!r}", key="--rival", allowed=allowed, hint="calor model rivals")
    return chosen


def patient_document(
    disease: Disease,
    traits: Traits,
    given: list[tuple[Drug, Regimen]],
    rivals: tuple[Rival, ...],
    size: int | None,
    days: int,
    seed: int,
    progress: Progress,
) -> tuple[dict[str, Any], dict[str, CohortCourse]]:
    """Return the result as a JSON document, and the courses behind it by name."""
    untreated = prepare_treatment(disease, ())
    treated = prepare_treatment(disease, given) if given else None
    table = ParameterTable(
        (*disease.parameters, *load_measurement(), *(treated.table if treated else ())),
    )
    options = Options(threads=os.cpu_count() or 1)
    setting = Screening(untreated.kernel, table, rivals, Stream(seed).child("patient"), options)
    found = (
        find_patient(setting, traits, WORLDS_OF_ONE, progress)
        if size is None
        else find_cohort(setting, traits, size, progress)
    )
    courses = {"untreated": follow(untreated, found, days, options)}
    if treated is not None:
        courses["treated"] = follow(treated, found, days, options)
    document = {
        "title": _title(traits, given, found),
        "status": "prior-predictive",
        "traits": {
            "duration_months": traits.duration_months,
            "phenotype": traits.phenotype,
            "cytokines": traits.cytokines,
            "antibody": traits.antibody,
            "criteria": "Budapest clinical, at screening",
        },
        "treatments": [{"drug": drug.id, "regimen": regimen.text} for drug, regimen in given],
        "population": _counts(found, courses, rivals),
        "times_days": courses["untreated"].times.tolist(),
        "outputs": _outputs(disease, courses),
        "parameters": {"share_by_status": table.share_of_status()},
        "warnings": [warning for drug, regimen in given for warning in warnings_of(regimen, drug)],
        "provenance": {"seed": seed, "model_sha256": disease.sha256, "calor_version": versions()["calor"]},
    }
    return document, courses


def _title(traits: Traits, given: list[tuple[Drug, Regimen]], found: Cohort) -> str:
    who = "one virtual patient" if found.persons == 1 else f"{found.persons} virtual patients"
    words = [f"{traits.duration_months:g} months after injury", *(filter(None, (traits.phenotype,)))]
    if traits.cytokines:
        words.append(f"{traits.cytokines} cytokines")
    if traits.antibody is not None:
        words.append("autoantibody" if traits.antibody else "no autoantibody")
    drugs = "; ".join(f"{drug.id} {regimen.text}" for drug, regimen in given)
    return f"{who}, {', '.join(words)}{f': {drugs}' if drugs else ''} · prior-predictive"


def _counts(found: Cohort, courses: dict[str, CohortCourse], rivals: tuple[Rival, ...]) -> dict[str, Any]:
    lived = np.all([course.lived for course in courses.values()], axis=0)
    return {
        "screened": found.screened,
        "followed": int(lived.sum()),
        "persons": found.persons,
        "worlds": len(np.unique(found.patients.draws)),
        "failed_simulations": found.failed + int((~lived).sum()),
        "by_rival": {
            rival.name: int((found.rivals[lived] == index).sum()) for index, rival in enumerate(rivals)
        },
    }


def _outputs(disease: Disease, courses: dict[str, CohortCourse]) -> dict[str, Any]:
    """Return every output by name with unit, and the median and 95 % interval of each course."""
    variables = {variable.identifier: variable for variable in disease.variables}
    lived = np.all([course.lived for course in courses.values()], axis=0)
    documents = {}
    for name in OUTPUTS:
        untreated = courses["untreated"].outputs[name][lived]
        treated = courses["treated"].outputs[name][lived] if "treated" in courses else None
        documents[name] = {
            "name": variables[name].name,
            "unit": sign_of(variables[name].unit),
            "untreated": _band(untreated),
            "treated": None if treated is None else _band(treated),
            "difference": None if treated is None else _band(treated - untreated),
        }
    return documents


def _band(values: Numbers) -> dict[str, list[float]]:
    lower, middle, upper = np.quantile(values, (0.025, 0.5, 0.975), axis=0)
    return {"median": middle.tolist(), "lower95": lower.tolist(), "upper95": upper.tolist()}


def _table_of(courses: dict[str, CohortCourse], status: str) -> pd.DataFrame:
    """Return one row per course, virtual patient and day, with every output."""
    parts = []
    for name, course in courses.items():
        n, n_times = len(course.lived), len(course.times)
        parts.append(
            pd.DataFrame(
                {
                    "course": name,
                    "member": np.repeat(np.arange(n), n_times),
                    "time_days": np.tile(course.times, n),
                    **{output: course.outputs[output].ravel() for output in OUTPUTS},
                }
            )
        )
    return pd.concat(parts).assign(simulated=True, status=status)


def _print(document: dict[str, Any], folder: Path | None) -> None:
    console().print(document["title"], width=WIDTH, markup=False)
    last = document["times_days"][-1]
    table = Table(title=f"Day {last + 1:g}, median and 95 % interval", title_justify="left", width=WIDTH)
    table.add_column("output", overflow="fold")
    courses = ["untreated", *(["treated", "difference"] if document["treatments"] else [])]
    for heading in courses:
        table.add_column(heading, justify="right")
    for name in SHOWN:
        output = document["outputs"][name]
        cells = [
            f"{output[course]['median'][-1]:.3g}\n({output[course]['lower95'][-1]:.2g} to "
            f"{output[course]['upper95'][-1]:.2g})"
            for course in courses
        ]
        table.add_row(f"{output['name']}, {output['unit']}", *cells)
    console().print(table)
    counts = document["population"]
    print_indented(
        f"{counts['screened']:,} candidates screened, {counts['followed']:,} followed; "
        f"{counts['failed_simulations']} could not be simulated.",
        0,
    )
    print_indented(f"Figure and data: {folder}", 0)
    print_indented("For research and education, not for treating a person.", 0)
