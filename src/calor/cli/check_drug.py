"""`calor check drug`: a drug file of one's own, checked against the schema, the slots and its own facts."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.console import console, print_json, watched
from calor.core.errors import InputError, Problem
from calor.core.provenance import sha256_of_text
from calor.report.numbers import shares_text
from calor.therapy.checking import CheckOutcome, run_checks
from calor.therapy.drug import Drug
from calor.therapy.inventory import share_of_status
from calor.therapy.library import read_drug


@click.command(epilog="Example: calor check drug my-drug.yaml")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
def command(file: Path, as_json: bool) -> None:
    """Check the drug FILE before it is used.

    Every number needs a unit, source, grade, status and reason; actions must name slots that exist, regimens
    must be readable, safety must be said, and the model must meet the facts listed under `checks`.
    """
    drug = read_drug(file)
    with watched() as progress:
        progress.start("simulating the drug's checks", 1)
        outcomes = run_checks(drug)
        progress.advance()
    _refuse_unmet(outcomes, file)
    if as_json:
        print_json(
            {
                "id": drug.id,
                "file": str(file),
                "sha256": sha256_of_text(file.read_text(encoding="utf-8")),
                "sound": True,
                "numbers": share_of_status(drug),
                "checks": [{"name": outcome.check.name, "value": outcome.value} for outcome in outcomes],
            }
        )
        return
    console().print(_verdict(drug, outcomes))


def _refuse_unmet(outcomes: tuple[CheckOutcome, ...], file: Path) -> None:
    """Raise InputError for every check that fails without a reason beside it."""
    problems = [
        Problem(
            f"{file}: the check {outcome.check.name!r} gives {outcome.value:.4g} {outcome.check.unit}",
            allowed=f"{outcome.check.low:g} to {outcome.check.high:g}",
            hint="correct the numbers, or say why under `fails_because`",
        )
        for outcome in outcomes
        if not outcome.holds and outcome.check.fails_because is None
    ]
    if problems:
        raise InputError(problems)


def _verdict(drug: Drug, outcomes: tuple[CheckOutcome, ...]) -> str:
    said = shares_text({status: share for status, share in share_of_status(drug).items() if share})
    met = sum(outcome.holds for outcome in outcomes)
    return (
        f"{drug.id} is sound: {len(drug.actions)} actions, {len(drug.safety.signals)} safety signals, "
        f"{met} of {len(outcomes)} checks met. Its numbers: {said or 'none of its own'}."
    )
