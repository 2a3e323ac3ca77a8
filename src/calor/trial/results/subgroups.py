"""The true effect in subgroups of the trial's population, by values as measured at screening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.study import Covariate
from calor.trial.bank.bank import Bank
from calor.trial.results.over_cells import OverCells, over_cells
from calor.trial.results.truth import Truth

DURATION_CUT = 12.0
"""Months that part acute from persistent CRPS here."""

FEWEST = 0.02
"""A subgroup with a smaller share of the patients is not shown, nor the rest where that is all the others."""


@dataclass(frozen=True)
class SubgroupEffect:
    """A contrast in one subgroup.

    Arguments: the contrast's label, the covariate, the subgroup in words, its share of the bank, and the true
    effect in it over rivals and worlds.
    """

    contrast: str
    by: str
    words: str
    share: float
    effect: OverCells

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "contrast": self.contrast,
            "by": self.by,
            "group": self.words,
            "share_of_patients": self.share,
            **self.effect.to_document(),
        }


@dataclass(frozen=True)
class SubgroupLeftOut:
    """A subgroup whose effect is not shown: the contrast, the covariate, the subgroup in words, and why."""

    contrast: str
    by: str
    words: str
    reason: str

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {"contrast": self.contrast, "by": self.by, "group": self.words, "reason": self.reason}


def subgroup_effects(
    bank: Bank, truth: Truth, weights: Numbers
) -> tuple[tuple[SubgroupEffect, ...], tuple[SubgroupLeftOut, ...]]:
    """Return each contrast by duration (12 months), phenotype (warm, cold), blister and plasma TNF (halves).

    Subgroups are by measured values, so measurement error weakens their contrast as it would in a trial.
    Those that hold next to nobody or next to everybody are left out, with the reason.
    Arguments: the bank, the truth, and the weight of each rival (n_rivals,).
    """
    found, left_out = [], []
    for by, words, cut, below in _cuts(bank):
        values = bank.covariates[by]
        chosen = values < cut if below else values >= cut
        share = float(chosen.mean())
        fits = FEWEST <= share <= 1 - FEWEST
        effects = truth.by_cell(bank, chosen)
        for place, label in enumerate(truth.plan.layout.contrasts):
            own = effects[:, place]
            if fits and np.isfinite(own).any():
                effect = over_cells(bank.cells, own, weights)
                found.append(SubgroupEffect(label, str(by), words, share, effect))
                continue
            reason = "its effect is known in no world" if fits else f"holds {share:.1%} of the patients"
            left_out.append(SubgroupLeftOut(label, str(by), words, reason))
    return tuple(found), tuple(left_out)


def _cuts(bank: Bank) -> list[tuple[Covariate, str, float, bool]]:
    """Return the covariate, words and cut of each subgroup, and whether it lies below the cut."""
    if not bank.covariates:
        return []
    blister, plasma = (
        float(np.median(bank.covariates[name])) for name in (Covariate.BLISTER_TNF, Covariate.PLASMA_TNF)
    )
    return [
        (Covariate.DURATION, "up to 12 months", DURATION_CUT, True),
        (Covariate.DURATION, "beyond 12 months", DURATION_CUT, False),
        (Covariate.TEMPERATURE, "cold", 0.0, True),
        (Covariate.TEMPERATURE, "warm", 0.0, False),
        (Covariate.BLISTER_TNF, "lower half", blister, True),
        (Covariate.BLISTER_TNF, "upper half", blister, False),
        (Covariate.PLASMA_TNF, "lower half", plasma, True),
        (Covariate.PLASMA_TNF, "upper half", plasma, False),
    ]
