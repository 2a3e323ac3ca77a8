"""What a run-in does to the people of whom a trial then speaks: who is left, and the effect in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.study import Covariate
from calor.trial.bank.bank import Bank
from calor.trial.bank.preparation import Prepared
from calor.trial.bank.run_in import level_in_run_in, responds
from calor.trial.results.over_cells import OverCells, over_cells
from calor.trial.results.truth import truth_of


@dataclass(frozen=True)
class RunInFound:
    """What a run-in does.

    Arguments: by how many percent pain must fall; the share of those who enter who respond; of these the
    share who would have responded under the control too; the true effect of going on in those who respond,
    and in everybody who enters (None of a time to loss of response, which only responders have); and for all
    who enter and for those who respond the mean months since the injury, the mean pain at screening and the
    share of warm limbs.
    """

    reduction_percent: float
    responding: float
    responding_without: float
    effect_in_responders: OverCells
    effect_in_all: OverCells | None
    people: dict[str, tuple[float, float]]

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "reduction_percent": self.reduction_percent,
            "share_responding": self.responding,
            "share_of_responders_who_respond_to_control": self.responding_without,
            "estimand": "treatment policy in those who respond to the run-in: going on minus control",
            "effect_in_responders": self.effect_in_responders.to_document(),
            "effect_in_all_who_enter": self.effect_in_all.to_document() if self.effect_in_all else None,
            "people": {
                name: {"who_enter": before, "who_respond": after}
                for name, (before, after) in self.people.items()
            },
        }


def run_in_found(ready: Prepared, effects: Numbers) -> RunInFound | None:
    """Return what the run-in of a trial does, None for a trial without one.

    Arguments: the trial with its banks, and the true effect in those who respond by cell (n_cells,).
    """
    run_in, entered, plan = ready.protocol.design.run_in, ready.entered, ready.plan
    if run_in is None or entered is None:
        return None
    both = [
        responds(entered.baseline, level_in_run_in(plan, entered, run_in, sequence), run_in)
        for sequence in (0, plan.layout.control_throughout)
    ]
    of_all = None
    if plan.assessments.endpoint.loss_of_response is None:
        in_all = truth_of(plan, entered, ready.settings.seed).by_cell(entered)[:, 0]
        of_all = over_cells(entered.cells, in_all, ready.weights)
    return RunInFound(
        reduction_percent=run_in.reduction_percent,
        responding=float(both[0].mean()),
        responding_without=float(both[1][both[0]].mean()),
        effect_in_responders=over_cells(ready.bank.cells, effects, ready.weights),
        effect_in_all=of_all,
        people=_people(entered, ready.bank),
    )


def _people(entered: Bank, left: Bank) -> dict[str, tuple[float, float]]:
    def means(name: str, values: list[Numbers]) -> tuple[str, tuple[float, float]]:
        return name, (float(values[0].mean()), float(values[1].mean()))

    banks = (entered, left)
    return dict(
        [
            means("months since the injury", [bank.covariates[Covariate.DURATION] for bank in banks]),
            means("pain at screening", [bank.covariates[Covariate.PAIN] for bank in banks]),
            means(
                "share of warm limbs",
                [np.asarray(bank.covariates[Covariate.TEMPERATURE] > 0, dtype=np.float64) for bank in banks],
            ),
        ]
    )
