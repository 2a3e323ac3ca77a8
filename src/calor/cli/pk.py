"""`calor pk`: a drug's concentration, or what it moves, under a regimen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.text import Text

from calor.cli.console import console, error_console, print_json, watched
from calor.cli.number_types import SEED, Number, Whole
from calor.cli.options import excludes, needs
from calor.cli.trial_options import posterior_of, posterior_option
from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.model.parameters import ParameterTable
from calor.regimen import parse_moment, parse_regimen
from calor.report.numbers import short_text
from calor.report.tables import Table, words
from calor.store.run_folder import run_folder_if_named, write_json
from calor.therapy.drug import Drug
from calor.therapy.equations import equations_of
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
@posterior_option
@needs("--seed", "--population")
@excludes("--parameters", "--posterior")
def command(
    drug: str,
    regimen: str,
    weight: float | None,
    moments: tuple[str, ...],
    quantity: str,
    population: int | None,
    alternative: str | None,
    posterior: str | None,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show what REGIMEN of the drug ID does in a typical person at rest: no injury, no pain.

    The drug's numbers are those of its file, at their mean under the posterior of calor trial as far as the
    drug took part in the fit; those of the person are typical. Times count from study day 1, so week 14 is
    day 98; a value at the time of a dose is that just after it. Drugs are in mg/L, IgG in g/L. A dose above
    the labelled maximum is a warning. With --population, people differ as the drug's numbers say (and in
    weight, unless --weight is given). Without --json a figure (PNG, SVG) and its data are written to a
    folder.
    """
    chosen = _drug_of(drug, alternative)
    numbers = _numbers_of(chosen, alternative, posterior)
    folder = out if out or as_json else Path("runs") / f"pk-{chosen.id}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    with run_folder_if_named(folder) as inside:
        with watched() as progress:
            progress.start("simulating", 2 if population else 1)
            document = _document(chosen, numbers, regimen, weight or USUAL_WEIGHT, moments, quantity)
            progress.advance()
            if population:
                document["population"] = _population(
                    chosen, numbers, regimen, quantity, document, population, seed, weight
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


@dataclass(frozen=True)
class DrugNumbers:
    """Numbers of a drug that are not those of its file, by name, and in words where all come from."""

    values: Mapping[str, float]
    origin: str


def _numbers_of(drug: Drug, alternative: str | None, name: str | None) -> DrugNumbers:
    """Return a drug's numbers under the posterior that was asked for, as far as it was fitted there."""
    if alternative is not None:
        return DrugNumbers({}, f"the published set {alternative}")
    posterior = posterior_of(name)
    if posterior is None:
        return DrugNumbers({}, "the drug's file (priors)")
    fitted = posterior.typical(ParameterTable(tuple(equations_of(drug).parameters)))
    if not fitted:
        return DrugNumbers({}, f"the drug's file: it took no part in the fit of posterior {posterior.name}")
    date = f" of {posterior.date}" if posterior.date else ""
    return DrugNumbers(fitted, f"the mean of posterior {posterior.name}{date}")


def _document(
    drug: Drug, numbers: DrugNumbers, text: str, weight: float, moments: tuple[str, ...], quantity_name: str
) -> dict[str, Any]:
    """Return the result for a typical person as a JSON document."""
    regimen = parse_regimen(text)
    quantity = quantity_of(drug, quantity_name)
    times = [parse_moment(moment) for moment in moments]
    warnings = warnings_of(regimen, drug, weight)
    person = typical_person(weight, numbers.values)
    course = course_of(drug, regimen, person, quantity)
    values = values_at(drug, regimen, person, quantity, times)[0] if times else []
    return {
        "drug": drug.id,
        "regimen": regimen.text,
        "numbers_from": numbers.origin,
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
    numbers: DrugNumbers,
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
    people = varied_people(drug, count, Stream(seed, ("pk", drug.id)), weight, numbers.values)
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
    size = max(abs(summary["cmax"]), abs(document["baseline"]))

    def text(value: float) -> str:
        return short_text(value, 4, scale=size)

    rows = [
        ("before the first dose", f"{text(document['baseline'])} {unit}"),
        ("largest", f"{text(summary['cmax'])} {unit}, {summary['tmax_days']:.3g} d after the first dose"),
        ("smallest", f"{text(summary['cmin'])} {unit}, {summary['tmin_days']:.3g} d after the first dose"),
        ("area above the baseline", f"{short_text(summary['auc'], 4)} {unit} x day"),
        ("half-life", f"{summary['half_life_days']:.3g} d" if summary["half_life_days"] else "none"),
    ]
    for entry in document["at"]:
        band = entry.get("population")
        spread = f" (90 % of people {text(band['p5'])} to {text(band['p95'])})" if band else ""
        rows.append((entry["at"], f"{text(entry['value'])} {unit}{spread}"))
    title = f"{document['drug']} · {document['regimen']} · {document['weight_kg']:g} kg"
    console().print(Table((words(document["quantity"]), words("typical person at rest")), rows, title=title))
    console().print(Text(f"Numbers from {document['numbers_from']}."))
    if folder is not None:
        console().print(f"figure and data: {folder}")
