"""`calor model export`: the model for other tools, with drugs and their dosing if wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from calor.cli.assignments import assigned, set_option
from calor.cli.number_types import Number
from calor.cli.options import needs
from calor.cli.texts import give_text
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.errors import InputError
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import load_rivals
from calor.model.sbml import inconsistencies, sbml_of
from calor.population.changes import check_changes
from calor.population.traits import DURATION_MONTHS
from calor.regimen import Regimen
from calor.therapy.compose import Composed, compose
from calor.therapy.dosed_model import WEIGHT, dosed_antimony
from calor.therapy.drug import Drug
from calor.therapy.event_table import Flavour, event_rows, event_table
from calor.therapy.library import load_drug

MODELS = ("sbml", "antimony")
FORMATS = (*MODELS, *(flavour.value for flavour in Flavour))


@click.command(
    epilog="Examples: calor model export --drug infliximab --out model.xml · "
    'calor model export --drug prednisolone --regimen "40 mg oral daily for 14 days" --out dosed.xml'
)
@click.option("--format", "chosen", type=click.Choice(FORMATS), default="sbml", show_default=True)
@click.option("--drug", "drugs", multiple=True, metavar="ID", help="Compose this drug in; may be repeated.")
@click.option("--regimen", "regimens", multiple=True, metavar="TEXT", help="Its dosing: one for each --drug.")
@click.option(
    "--duration-months", type=Number(*DURATION_MONTHS), default=3.0, show_default=True,
    help="Time from injury, where the model begins, to study day 1 of the regimens.",
)  # fmt: skip
@click.option("--rival", "rival_name", default=None, metavar="NAME", help="Under this explanation.")
@set_option("a number of the disease or a drug")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="File.  [default: stdout]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document that holds the text.")
@needs("--regimen", "--drug")
@needs("--duration-months", "--regimen")
def command(
    chosen: str,
    drugs: tuple[str, ...],
    regimens: tuple[str, ...],
    duration_months: float,
    rival_name: str | None,
    assignments: tuple[tuple[str, float], ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Write the model as SBML Level 3 Version 2 (libSBML's consistency check is clean) or as Antimony.

    Without --regimen drugs stand in it without doses. With it doses, infusions and exchanges are events, so
    that any tool that reads SBML follows the treated person; rxode2 and mrgsolve write the same dosing as
    their event table instead. Time is in days from the injury.
    """
    given = _given(drugs, regimens)
    composed = compose(load_disease(), [load_drug(drug) for drug in drugs])
    values = _values(rival_name, assigned(assignments), composed)
    first_day = duration_months * DAYS_PER_MONTH
    if chosen in MODELS:
        antimony = dosed_antimony(composed, given, first_day, values)
        sbml = sbml_of(antimony)
        text = sbml if chosen == "sbml" else antimony
        found = list(inconsistencies(sbml)) if as_json else []
    else:
        text, found = _table(given, Flavour(chosen), first_day, values.get(WEIGHT)), []
    about = {
        "format": chosen,
        "drugs": [drug.id for drug in composed.drugs],
        "regimens": {drug.id: regimen.text for drug, regimen in given},
        "study_day_1": first_day if given else None,
        "set": values,
        "inconsistencies": found,
    }
    give_text(text, out, about, as_json)


def _given(drugs: Sequence[str], regimens: Sequence[str]) -> list[tuple[Drug, Regimen]]:
    """Return the drugs with their regimens, if any. Raises InputError where they do not pair."""
    if not regimens:
        return []
    from calor.report.patient_run import given_of  # what simulates takes long to load

    return given_of(drugs, regimens)


def _values(rival_name: str | None, changes: Mapping[str, float], composed: Composed) -> dict[str, float]:
    """Return the numbers that a rival and the person hold. Raises InputError for a wrong one."""
    rivals = load_rivals()
    table = ParameterTable((*load_disease().parameters, *composed.parameters))
    check_changes(changes, table, rivals)
    if rival_name is None:
        return dict(changes)
    from calor.report.patient_run import rivals_named

    (rival,) = rivals_named(rival_name)
    return {**rival.sets, **changes}


def _table(
    given: Sequence[tuple[Drug, Regimen]], flavour: Flavour, first_day: float, weight: float | None
) -> str:
    """Return the dosing as an event table. Raises InputError without any."""
    if not given:
        raise InputError.of(
            "an event table is of dosing, and nothing is given", key="--format",
            hint='for example --drug prednisolone --regimen "40 mg oral daily for 14 days"',
        )  # fmt: skip
    body_weight = load_disease().parameters[WEIGHT].value if weight is None else weight
    return event_table(event_rows(given, body_weight, first_day), flavour)
