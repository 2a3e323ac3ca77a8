"""`calor check study`: a study or protocol file of one's own, checked without simulating anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from calor.calibration.studies import fitted_study
from calor.cli.console import console, print_json
from calor.core.documents import read_document
from calor.study.protocol import Protocol
from calor.study.published import published_number
from calor.study.reading import check_study, is_designed
from calor.study.study import Study
from calor.trial.protocols.idle_rules import idle_rules
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol


@click.command(epilog="Example: calor check study my-study.yaml")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(file: Path, as_json: bool) -> None:
    """Check the study FILE before it is used: a protocol for `calor trial`, or a study to fit.

    Every key must be known, drugs and regimens must exist and fit, hazards must be acknowledged, the design
    must fit its analysis, and every published number must stand where the file says. Warns of rules that can
    never act and of arms that a platform is too full for.
    """
    document = read_document(file)
    study = check_protocol(document) if is_designed(document) else check_study(document)
    if study.targets:
        fitted_study(study, study.targets)
    found = _document(study, file)
    if as_json:
        print_json(found)
        return
    console().print(_verdict(study), markup=False)
    for warning in found["warnings"]:
        console().print(f"Warning: {warning}.", markup=False)
    for target in found["targets"]:
        said = f"  {target['id']}: {target['value']:g} ({target['grade']}; {target['published_at']})"
        console().print(said, markup=False)


def _document(study: Study, file: Path) -> dict[str, Any]:
    numbers = [(target, published_number(study.record, target.published)) for target in study.targets]
    return {
        "id": study.id,
        "file": str(file),
        "sound": True,
        "kind": "trial" if isinstance(study, Protocol) else "study",
        "warnings": idle_rules(plan_of(study)) if isinstance(study, Protocol) else (),
        "arms": [arm.name for arm in study.arms],
        "targets": [
            {
                "id": target.id,
                "value": number.value,
                "grade": str(number.grade),
                "published_at": number.source,
            }
            for target, number in numbers
        ],
    }


def _verdict(study: Study) -> str:
    kind = "a trial" if isinstance(study, Protocol) else "a study without a design: calor trial cannot run it"
    return f"{study.id} is sound: {kind}, {len(study.arms)} arms, {len(study.targets)} targets for a fit."
