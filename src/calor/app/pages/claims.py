"""The ten claims in plain words: where each stands, how well it is known, what would settle it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from calor.app.charts.changes import Level
from calor.app.charts.parts import Dot, dots
from calor.app.drawings import Drawing
from calor.app.lookups import claim_named
from calor.app.pages.evidence_words import GRADE_WORDS
from calor.app.pages.rendering import command_line, page
from calor.evidence.claims import VERDICT_RULE, Standing, standings
from calor.report.claims_document import SIDES
from calor.report.claims_table import STALE, made_of, part_text, power_text, short, study_text
from calor.report.numbers import fixed_text, percent_text
from calor.report.tables import Table, number, words
from calor.trial.claims.frozen import frozen_answers

router = APIRouter()

TONES = {"supported": "good", "contradicted": "bad", "mixed": "warn", "undetermined": ""}
SIDE_WORDS = {"for": "For it", "against": "Against it", "unclear": "Not clear"}


@router.get("/claims")
def browse(request: Request) -> HTMLResponse:
    """Return all claims."""
    answers = frozen_answers()
    return page(
        request,
        "claims.html",
        claims=[_in_short(one, answers) for one in standings()],
        rule=VERDICT_RULE,
        made_of=made_of(answers),
        stale=None if answers["current"] else STALE,
        command=command_line("calor", "claims"),
    )


@router.get("/claims/{identifier}")
def show(request: Request, identifier: str) -> HTMLResponse:
    """Return one claim: its evidence for and against, the model's answers, and what would settle it."""
    one, answers = claim_named(identifier), frozen_answers()
    own = answers["answers"][one.claim.id]
    return page(
        request,
        "claim.html",
        claim=_in_short(one, answers),
        sides=[(SIDE_WORDS[side], side, _arguments(one, side)) for side in SIDES],
        parts=[_part(place, part) for place, part in enumerate(own["parts"], start=1)],
        power=power_text(own),
        rules=(VERDICT_RULE, answers["rule"]),
        made_of=made_of(answers),
        command=command_line("calor", "claims", one.claim.id),
    )


def _in_short(one: Standing, answers: dict[str, Any]) -> dict[str, Any]:
    own = answers["answers"][one.claim.id]
    return {
        "id": one.claim.id,
        "claim": one.claim.claim,
        "sentence": one.claim.sentence,
        "verdict": one.verdict,
        "tone": TONES[one.verdict],
        "model": own["verdict"],
        "model_tone": TONES[own["verdict"]],
        "rests": percent_text(own["share_resting_on_prior"]),
        "counts": [(SIDE_WORDS[side].lower(), one.count(side)) for side in SIDES],
        "settles": study_text(one.claim.id, answers).removeprefix(f"{one.claim.id}: "),
    }


def _arguments(one: Standing, side: str) -> list[dict[str, Any]]:
    return [
        {
            "source": weighed.argument.source,
            "why": weighed.argument.why,
            "grade": dict(GRADE_WORDS)[weighed.grade.value] if weighed.grade else "no result read",
            "trial": weighed.randomised,
            "direct": weighed.tests_directly,
            "n": weighed.n,
        }
        for weighed in one.weighed
        if weighed.argument.says == side
    ]


def _part(place: int, part: dict[str, Any]) -> dict[str, Any]:
    """Return one part of the model's answer: its sentence, verdict, and the rivals as dots."""
    rivals = part["by_rival"]
    title = f"{part['asks'].capitalize()}, by rival explanation"
    says = part_text(part)
    low, high = part["interval95"]
    rows = {"all together": [Dot("s1", part["estimate"], low, high)]}
    rows |= {name: [Dot("s2", value, value, value)] for name, value in rivals.items()}
    levels = [Level(0.0, "none")]
    digits = 1 if "percent" in part["unit"] else 2
    table = Table(
        (words("rival"), number("mean")),
        [(name, fixed_text(value, digits, signed=True)) for name, value in rivals.items()],
    )
    drawn = dots(f"part-{place}", title, says, rows, levels, unit=short(part["unit"]))
    caption = "Line: 95 % of what is uncertain, over all rivals. Dots below: the mean under each rival."
    return {
        "asks": part["asks"],
        "verdict": part["verdict"],
        "tone": TONES[part["verdict"]],
        "says": says,
        "drawing": Drawing(title, says, caption, drawn, table),
    }
