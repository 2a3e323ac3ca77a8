"""What a trial compares: the arms on either side of each contrast, their drugs, and it under each rival."""

from __future__ import annotations

from typing import Any

from calor.report.context.rivals import contrast_by_rival
from calor.trial.protocols.plan import Plan
from calor.trial.runs.pipeline import TrialRun


def contrasts_of(run: TrialRun) -> list[dict[str, Any]]:
    """Return each contrast with its arms and the drugs that they are given.

    Each entry has the label, the arms with a weight above 0 (`against`: those below it), the drugs of
    all these arms by id, whether the trial tests it, and what it is under each rival.
    """
    plan = run.ready.plan
    return [
        {
            "label": comparison.label,
            "arms": _names(plan, [weight > 0 for weight in comparison.weights]),
            "against": _names(plan, [weight < 0 for weight in comparison.weights]),
            "drugs": sorted(
                {
                    given.drug.id
                    for weight, treatments in zip(comparison.weights, plan.given.by_arm, strict=True)
                    if weight
                    for given in treatments
                }
            ),
            "tested": comparison.tested,
            "rivals": contrast_by_rival(run, place),
        }
        for place, comparison in enumerate(plan.layout.comparisons)
    ]


def _names(plan: Plan, chosen: list[bool]) -> list[str]:
    return [arm for arm, wanted in zip(plan.layout.arms, chosen, strict=True) if wanted]
