"""`calor pk`: a drug's concentration, or what it moves, under a regimen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.table import Table

from calor.cli.console import console, error_console, print_json, watched
from calor.cli.number_types import SEED, Number, Whole
from calor.cli.options import needs
from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.regimen import parse_moment, parse_regimen
from calor.store.run_folder import run_folder_if_named, write_json
from calor.therapy.drug import Drug
from calor.therapy.exposure import quantity_of, typical_person, varied_people
from calor.therapy.library import load_drug
from calor.therapy.limits import warnings_of
from calor.therapy.profile import CourseSummary, course_of, summary_of, values_at

BAND = (0.05, 0.5, 0.95)
USUAL_WEIGHT = 70.0


@click.command(
    epilog='Examples: calor pk infliximab "5 mg/kg iv over 2 h at week 0, 2, 6" --at "week 14" · '
    'calor pk ivig "0.4 g/kg iv daily for 5 days" --quantity autoantibody'
)
@click.argument("drug", metavar="ID")
@click.argument("regimen")
@click.option("--weight", type=Number(20, 300), default=None, help="Body weight in kg.  [default: 70]")
@click.option("--at", "moments", multiple=True, help='A time to report, such as "week 14"; may be repeated.')
@click.option(
    "--quantity",
    default="concentration",
    show_default=True,
    help="concentration, igg, autoantibody, cortisol, an engagement of the drug, or a slot.",
)
@click.option("--population", type=Whole(2, 100_000), default=None, help="Also simulate N people.")
@click.option(
    "--parameters", "alternative", default=None, help="Another published set of the drug's numbers."
)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Seed of the people.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Folder for figure and data.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of tables.")
@needs("--seed", "--population")
def command(
    drug: str,
    regimen: str,
    weight: float | None,
    moments: tuple[str, ...],
    quantity: str,
    population: int | None,
    alternative: str | None,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show what REGIMEN of the drug ID does in a typical person at rest: no injury, no pain.

    Times count from study day 1, so week 14 is day 98; a value at the time of a dose is that just after it.
    Drugs are in mg/L, IgG in g/L. A dose above the labelled maximum is a warning. With --population, people
    differ as the drug's numbers say (and in weight, unless --weight is given). Without --json a figure (PNG,
    SVG) and its data are written to a folder.
    """
    chosen = _drug_of(drug, alternative)
    folder = out if out or as_json else Path("runs") / f"pk-{chosen.id}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    with run_folder_if_named(folder) as inside:
        with watched() as progress:
            progress.start("simulating", 2 if population else 1)
            document = _document(chosen, regimen, weight or USUAL_WEIGHT, moments, quantity)
            progress.advance()
            if population:
                document["population"] = _population(
                    chosen, regimen, quantity, document, population, seed, weight
                )
                progress.advance()
        if inside is not None:
            # What draws takes a second to load.
            from calor.report.exposure_figure import save_exposure_figure

            write_json(inside / "result.json", document)
            save_exposure_figure(document, inside / "figure")
    for warning in document["warnings"]:
        error_console().print(f"warning: {warning}", style="yellow")
    if as_json:
        print_json(document)
    else:
        _print(document, folder)


def _drug_of(name: str, alternative: str | None) -> Drug:
    drug = load_drug(name)
    if alternative is None:
        return drug
    if alternative not in drug.alternatives:
        raise InputError.of(
            f"{drug.id} has no set of numbers {alternative!r}", allowed=", ".join(drug.alternatives) or "none"
        )
    return drug.with_alternative(alternative)


def _document(
    drug: Drug, text: str, weight: float, moments: tuple[str, ...], quantity_name: str
) -> dict[str, Any]:
    """Return the result for a typical person as a JSON document."""
    regimen = parse_regimen(text)
    quantity = quantity_of(drug, quantity_name)
    times = [parse_moment(moment) for moment in moments]
    warnings = warnings_of(regimen, drug, weight)
    person = typical_person(weight)
    course = course_of(drug, regimen, person, quantity)
    values = values_at(drug, regimen, person, quantity, times)[0] if times else []
    return {
        "drug": drug.id,
        "regimen": regimen.text,
        "weight_kg": weight,
        "quantity": quantity.name,
        "unit": quantity.unit,
        "baseline": float(course.baseline[0]),
        "times_days": course.times.tolist(),
        "typical": course.values[0].tolist(),
        "at": [
            {"at": moment, "time_days": time, "value": float(value)}
            for moment, time, value in zip(moments, times, values, strict=True)
        ],
        "summary": _summary(summary_of(course, regimen), quantity.unit),
        "warnings": warnings,
    }


def _summary(summary: CourseSummary, unit: str) -> dict[str, Any]:
    return {
        "cmax": summary.largest,
        "tmax_days": summary.largest_days,
        "cmin": summary.smallest,
        "tmin_days": summary.smallest_days,
        "auc": summary.area,
        "auc_unit": f"{unit} x day above the baseline, from day 1 to infinity",
        "half_life_days": summary.half_life_days,
    }


def _population(
    drug: Drug,
    text: str,
    quantity_name: str,
    document: dict[str, Any],
    count: int,
    seed: int,
    weight: float | None,
) -> dict[str, Any]:
    """Return the 5 %, 50 % and 95 % points of people who differ, at the document's times."""
    regimen = parse_regimen(text)
    quantity = quantity_of(drug, quantity_name)
    people = varied_people(drug, count, Stream(seed, ("pk", drug.id)), weight)
    course = course_of(drug, regimen, people, quantity, until=document["times_days"][-1])
    low, middle, high = np.quantile(course.values, BAND, axis=0)
    at = [entry["time_days"] for entry in document["at"]]
    if at:
        points = np.quantile(values_at(drug, regimen, people, quantity, at), BAND, axis=0)
        for index, entry in enumerate(document["at"]):
            entry["population"] = dict(zip(("p5", "p50", "p95"), points[:, index].tolist(), strict=True))
    return {
        "n": count,
        "seed": seed,
        "p5": low.tolist(),
        "p50": middle.tolist(),
        "p95": high.tolist(),
    }


def _print(document: dict[str, Any], folder: Path | None) -> None:
    summary, unit = document["summary"], document["unit"]
    table = Table(
        title=f"{document['drug']} · {document['regimen']} · {document['weight_kg']:g} kg",
        title_justify="left",
    )
    table.add_column(document["quantity"])
    table.add_column("typical person at rest", justify="right")
    rows = [
        ("before the first dose", f"{document['baseline']:.4g} {unit}"),
        ("largest", f"{summary['cmax']:.4g} {unit}, {summary['tmax_days']:.3g} d after the first dose"),
        ("smallest", f"{summary['cmin']:.4g} {unit}, {summary['tmin_days']:.3g} d after the first dose"),
        ("area above the baseline", f"{summary['auc']:.4g} {unit} x day"),
        ("half-life", f"{summary['half_life_days']:.3g} d" if summary["half_life_days"] else "none"),
    ]
    for entry in document["at"]:
        band = entry.get("population")
        spread = f" (90 % of people {band['p5']:.3g} to {band['p95']:.3g})" if band else ""
        rows.append((entry["at"], f"{entry['value']:.4g} {unit}{spread}"))
    for row in rows:
        table.add_row(*row)
    console().print(table)
    if folder is not None:
        console().print(f"figure and data: {folder}")
