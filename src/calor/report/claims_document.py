"""The claims as a JSON document: the evidence weighed, the model's answers, the study that would settle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calor.core.provenance import Grade
from calor.evidence.claims import VERDICT_RULE, Says, Standing

SIDES: tuple[Says, ...] = ("for", "against", "unclear")


def claims_document(shown: Sequence[Standing], answers: dict[str, Any]) -> dict[str, Any]:
    """Return claims with the model's answers as a JSON document.

    Arguments: the claims that are shown, and a document of answers, as `answers_document` makes it.
    """
    about = {name: value for name, value in answers.items() if name not in ("answers", "studies")}
    studies = answers.get("studies", {})
    claims = [
        {
            **standing_document(one),
            "answer": answers["answers"][one.claim.id],
            "study_that_would_settle_it": studies.get(one.claim.id),
        }
        for one in shown
    ]
    return {"claims": claims, "rule": VERDICT_RULE, "model": about}


def standing_document(one: Standing) -> dict[str, Any]:
    """Return where a claim stands by the evidence alone."""
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
