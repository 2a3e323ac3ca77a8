"""`calor claims`: the ten claims about immunomodulation, with the evidence and the model's answers."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calor.cli.console import console, print_indented, print_json, watched
from calor.cli.number_types import SEED, WORKERS, Whole
from calor.cli.options import needs
from calor.cli.texts import write_text
from calor.cli.trial_options import scenario_of, settings_of
from calor.decision.settling_claims import settling_studies
from calor.evidence.claims import VERDICT_RULE, Standing, standing, standings
from calor.report.claims_document import SIDES, claims_document
from calor.report.claims_table import (
    NO_STUDIES,
    STALE,
    made_of,
    overview,
    part_text,
    power_text,
    short,
    study_text,
)
from calor.report.tables import Table, label, number, words

if TYPE_CHECKING:
    from calor.trial.bank.scenario import Scenario
    from calor.trial.bank.settings import RunSettings

FILE = click.Path(path_type=Path, dir_okay=False)
WORLDS = 40
REPLICATES = 2000


@click.command("claims", epilog="Examples: calor claims · calor claims S5 --run --posterior mine.parquet")
@click.argument("identifier", metavar="[S1..S10]", required=False)
@click.option("--run", is_flag=True, help="Ask the model again, instead of showing the answers that ship.")
@click.option(
    "--posterior",
    metavar="product|validation|prior|FILE",
    default=None,
    help="With --run: as in calor trial.",
)
@click.option("--worlds", type=Whole(2, 10_000), default=None, help="With --run: worlds per rival.")
@click.option("--workers", type=WORKERS, default=None, help="With --run: threads.")
@click.option("--seed", type=SEED, default=None, help="With --run: seed.  [default: 1]")
@click.option("--out", type=FILE, default=None, help="With --run: write the answers to this file (JSON).")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
@needs("--posterior", "--run")
@needs("--worlds", "--run")
@needs("--workers", "--run")
@needs("--seed", "--run")
@needs("--out", "--run")
def command(
    identifier: str | None,
    run: bool,
    posterior: str | None,
    worlds: int | None,
    workers: int | None,
    seed: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Say where each of the ten claims about immunomodulation stands: the evidence, and the model's answer.

    The evidence is counted and graded, for and against. The model answers with an estimate, a 95 % interval,
    the range over rival explanations, the share that rests on the prior, and a verdict by a stated rule. The
    answers that ship were made beforehand; --run makes them anew (minutes; one claim: seconds).
    """
    shown = (standing(identifier),) if identifier is not None else standings()
    if run:
        settings = settings_of(1 if seed is None else seed, worlds or WORLDS, REPLICATES, None)
        from calor.core.executors.opening import Workers

        with Workers(workers).threads() as executor:
            document = _asked(shown, scenario_of(posterior, None), replace(settings, executor=executor))
    else:
        from calor.trial.claims.frozen import frozen_answers  # help is answered without what it needs

        document = frozen_answers()
    if out is not None:
        write_text(out, json.dumps(document, indent=1, allow_nan=False) + "\n")
    if as_json:
        print_json(claims_document(shown, document))
    elif identifier is not None:
        _show_one(shown[0], document)
    else:
        _show_all(shown, document)


def _asked(shown: tuple[Standing, ...], scenario: Scenario, settings: RunSettings) -> dict[str, Any]:
    """Return the document of answers to some claims, asked now."""
    from calor.trial.claims.answers import answer
    from calor.trial.claims.document import answers_document
    from calor.trial.claims.questions import load_questions

    began = time.monotonic()
    with watched() as progress:
        answers = [answer(load_questions()[one.claim.id], settings, progress, scenario) for one in shown]
        shares = {one.question.id: [part.prior_share for part in one.parts] for one in answers}
        studies = settling_studies(shares, scenario, settings, progress)
    document = answers_document(answers, scenario, settings, time.monotonic() - began)
    return {**document, "studies": studies, "current": True}


def _show_all(shown: tuple[Standing, ...], answers: dict[str, Any]) -> None:
    screen = console()
    rows = [
        (one.claim.id, *(str(one.count(side)) for side in SIDES), one.verdict, one.claim.sentence)
        for one in shown
    ]
    columns = (label(""), *map(number, SIDES), label("verdict"), words("where it stands", greedy=True))
    screen.print(Table(columns, rows, framed=False, fills=True))
    print_indented(f"\nevidence: {VERDICT_RULE}. Counts are records and findings.\n", 0)
    screen.print(overview(answers))
    print_indented(
        "\nmodel: a contrast is active minus control, so less pain is negative; rivals: lowest to highest "
        "mean; prior: share of the answer that rests on the prior.",
        0,
    )
    print_indented(
        "\nthe study that would settle each claim:" if "studies" in answers else f"\n{NO_STUDIES}", 0
    )
    for one in shown if "studies" in answers else ():
        print_indented(study_text(one.claim.id, answers), 0)
    print_indented("", 0)
    _show_basis(answers)
    print_indented("calor claims S5 shows one claim in full, with the rule of its verdict.", 0)


def _show_basis(answers: dict[str, Any]) -> None:
    print_indented(made_of(answers), 0)
    for misfit in answers["provenance"]["misfits"]:
        print_indented(f"warning: {misfit}", 0)
    if not answers["current"]:
        print_indented(STALE, 0)


def _show_one(one: Standing, answers: dict[str, Any]) -> None:
    print_indented(f"{one.claim.id}. {one.claim.claim}", 0, heading=True)
    print_indented(one.claim.sentence, 0)
    print_indented(f"evidence: {one.verdict} ({VERDICT_RULE})", 0)
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
    own = answers["answers"][one.claim.id]
    print_indented(f"\nmodel: {own['verdict']}", 0, heading=True)
    for part in own["parts"]:
        print_indented(f"{part['asks']} ({short(part['unit'])}): {part['verdict']}", 0)
        print_indented(part_text(part), 1)
    print_indented(f"rule: {answers['rule']}", 0)
    print_indented(power_text(own), 0)
    print_indented(study_text(one.claim.id, answers), 0)
    _show_basis(answers)
