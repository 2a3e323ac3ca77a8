"""What a trial compares: the arms on either side of each contrast, and their drugs."""

from __future__ import annotations

from typing import Any

from calor.trial.protocols.plan import Plan


def contrasts_of(plan: Plan) -> list[dict[str, Any]]:
    """Return each contrast with its arms and the drugs that they are given.

    Each entry has the label, the arms with a weight above 0 (`against`: those below it), the drugs of
    all these arms by id, and whether the trial tests it.
    """
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
        }
        for comparison in plan.layout.comparisons
    ]


def _names(plan: Plan, chosen: list[bool]) -> list[str]:
    return [arm for arm, wanted in zip(plan.layout.arms, chosen, strict=True) if wanted]
