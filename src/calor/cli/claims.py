"""`calor claims`: the ten claims about immunomodulation in CRPS, with the evidence for and against."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from calor.cli.console import console, print_indented, print_json
from calor.core.provenance import Grade
from calor.evidence.claims import VERDICT_RULE, Says, Standing, standing, standings

SIDES: tuple[Says, ...] = ("for", "against", "unclear")


@click.command("claims", epilog="Example: calor claims S5")
@click.argument("identifier", metavar="[S1..S10]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
def command(identifier: str | None, as_json: bool) -> None:
    """Say where each of the ten claims about immunomodulation stands: for, against, and how well graded."""
    shown = (standing(identifier),) if identifier is not None else standings()
    if as_json:
        print_json({"claims": [_as_json(one) for one in shown], "rule": VERDICT_RULE})
    elif identifier is not None:
        _show_one(shown[0])
    else:
        _show_all(shown)


def _as_json(one: Standing) -> dict[str, Any]:
    return {
        "id": one.claim.id,
        "claim": one.claim.claim,
        "sentence": one.claim.sentence,
        "verdict": one.verdict,
        "counts": {side: _counts(one, side) for side in SIDES},
        "evidence": [
            {
                "source": weighed.argument.source,
                "kind": weighed.kind,
                "says": weighed.argument.says,
                "why": weighed.argument.why,
                "grade": weighed.grade.value if weighed.grade else None,
                "randomised": weighed.randomised,
                "direct": weighed.tests_directly,
                "n": weighed.n,
                "n_path": weighed.n_path,
            }
            for weighed in one.weighed
        ],
    }


def _counts(one: Standing, side: Says) -> dict[str, int]:
    return {
        "all": one.count(side),
        "verified": one.count(side, grade=Grade.VERIFIED),
        "secondary": one.count(side, grade=Grade.SECONDARY),
        "randomised_trials": one.count(side, randomised=True),
        "randomised_patients": one.patients(side),
    }


def _show_all(shown: tuple[Standing, ...]) -> None:
    screen = console()
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("", "for", "against", "unclear"):
        table.add_column(name, no_wrap=True, justify="left" if not name else "right")
    table.add_column("verdict", no_wrap=True)
    table.add_column("where it stands", ratio=1)
    for one in shown:
        table.add_row(
            one.claim.id, *(str(one.count(side)) for side in SIDES), one.verdict, one.claim.sentence
        )
    screen.print(table)
    print_indented(
        f"\ntrials say: {VERDICT_RULE}. Counts are records and findings; calor claims S5 shows one.", 0
    )


def _show_one(one: Standing) -> None:
    print_indented(f"{one.claim.id}. {one.claim.claim}", 0, heading=True)
    print_indented(one.claim.sentence, 0)
    print_indented(f"verdict: {one.verdict} ({VERDICT_RULE})", 0)
    for side in SIDES:
        chosen = [weighed for weighed in one.weighed if weighed.argument.says == side]
        if not chosen:
            continue
        trials = one.count(side, randomised=True)
        size = f", {trials} randomised ({one.patients(side)} patients)" if trials else ""
        print_indented(f"{side}: {len(chosen)}{size}", 0, heading=True)
        for weighed in chosen:
            grade = weighed.grade.value if weighed.grade else "no result read"
            direct = ", tests it directly" if weighed.tests_directly else ""
            print_indented(f"{weighed.argument.source} [{grade}{direct}]: {weighed.argument.why}", 1)
    print_indented("each in full: calor evidence ID", 0)
