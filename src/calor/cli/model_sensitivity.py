"""`calor model sensitivity`: how far a headline prediction rests on each assumed number."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from calor.cli.console import console, print_indented, print_json, watched
from calor.cli.number_types import SEED, Number, Whole
from calor.cli.options import excludes
from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.model.disease import Disease, load_disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import load_rivals
from calor.population.course import Treatment, prepare_treatment
from calor.population.measurement import load_measurement
from calor.population.sensitivity import (
    Prediction,
    SensitivitySettings,
    TrialContrast,
    sensitivity_of,
)
from calor.regimen import parse_regimen
from calor.report.numbers import percent_text, short_text
from calor.report.sensitivity_document import level_of_output, sensitivity_document
from calor.report.tables import Table, number, words
from calor.study import Arm, Protocol
from calor.study.library import trial_ids
from calor.therapy.library import load_drug
from calor.trial.protocols.published import published_protocol

LISTED = 15


@click.command(epilog="Example: calor model sensitivity --trial goebel-2017-lips --out figures")
@click.option("--trial", metavar="ID", help="The true contrast of this published trial.")
@click.option(
    "--output", default=None, metavar="NAME", help="Or this output's mean, untreated.  [default: pain_nrs]"
)
@click.option(
    "--months", type=Number(0.1, 240), default=12.0, show_default=True,
    help="With --output: when, after the injury.",
)  # fmt: skip
@click.option("--people", type=Whole(30, 20_000), default=480, show_default=True)
@click.option("--seed", type=SEED, default=1, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Folder for picture and data.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a table.")
@excludes("--output", "--trial")
@excludes("--months", "--trial")
def command(
    trial: str | None,
    output: str | None,
    months: float,
    people: int,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Move every assumed number one prior SD down and up, and see what a headline prediction does.

    The prediction is averaged over the rivals; the same people live in every world.
    """
    disease = load_disease()
    settings = SensitivitySettings(seed, people)
    settings = replace(settings, options=replace(settings.options, threads=os.cpu_count() or 1))
    prediction, words, unit, table = (
        _of_trial(disease, trial, seed) if trial else level_of_output(disease, output or "pain_nrs", months)
    )
    with watched() as progress:
        found = sensitivity_of(prediction, table, load_rivals(), settings, progress)
    document = sensitivity_document(found, words, unit, settings)
    if out is not None:
        from calor.report.sensitivity_figure import save_sensitivity_figure  # what draws takes long to load

        document["files"] = [str(path) for path in save_sensitivity_figure(document, out)]
    if as_json:
        print_json(document)
    else:
        _print(document)


def _of_trial(disease: Disease, name: str, seed: int) -> tuple[Prediction, str, str, ParameterTable]:
    if name not in trial_ids():
        raise InputError.of(
            f"is {name!r}", key="--trial", allowed=", ".join(trial_ids()), hint="calor trials lists them"
        )
    protocol = published_protocol(name)
    control = next(arm for arm in protocol.arms if arm.name == protocol.control_name)
    active = next(arm for arm in protocol.arms if arm is not control)
    treatments = {arm.name: _treatment(disease, arm) for arm in (active, control)}
    table = _table(disease, treatments.values())
    prediction = _contrast(disease, protocol, treatments[active.name], treatments[control.name], seed)
    words = f"{protocol.id}: {active.name} minus {control.name}, true pain, first period, people who qualify"
    return prediction, words, "NRS point", table


def _contrast(
    disease: Disease, protocol: Protocol, active: Treatment, control: Treatment, seed: int
) -> TrialContrast:
    return TrialContrast(
        untreated=prepare_treatment(disease, ()),
        active=active,
        control=control,
        population=protocol.population,
        from_day=protocol.endpoint.from_day,
        to_day=protocol.endpoint.to_day,
        stream=Stream(seed).child("sensitivity"),
    )


def _treatment(disease: Disease, arm: Arm) -> Treatment:
    given = [(load_drug(treatment.drug), parse_regimen(treatment.regimen)) for treatment in arm.treatments]
    return prepare_treatment(disease, given)


def _table(disease: Disease, treatments: Iterable[Treatment]) -> ParameterTable:
    rows = {row.identifier: row for table in (disease.parameters, load_measurement()) for row in table}
    for treatment in treatments:
        rows |= {row.identifier: row for row in treatment.table}
    return ParameterTable(tuple(rows.values()))


def _print(document: dict[str, Any]) -> None:
    print_indented(document["prediction"], 0, heading=True)
    print_indented(
        f"at the typical numbers: {document['typical']:.3g} {document['unit']}; "
        f"{percent_text(document['share_counted'])} of {document['people']} people count",
        0,
    )
    shown = document["swings"][:LISTED]
    scale = max((abs(swing[end]) for swing in shown for end in ("change_low", "change_high")), default=0.0)
    rows = [
        (
            swing["id"],
            short_text(swing["change_low"], scale=scale, signed=True),
            short_text(swing["change_high"], scale=scale, signed=True),
            short_text(1.96 * swing["monte_carlo_error"], 2, scale=scale),
        )
        for swing in shown
    ]
    columns = (words("assumed number"), *map(number, ("1 SD down", "1 SD up", "± error")))
    console().print(Table(columns, rows, fills=True))
    print_indented(f"The {LISTED} largest of {len(document['swings'])}; all with --json or --out.", 0)
