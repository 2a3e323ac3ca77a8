"""What borrowing rests on and costs: the prior, its worth in patients, and the type I error under conflict.

A control arm that borrows has no type I error by itself: it depends on how far the trial's controls lie from
those of earlier studies. So the error is simulated over such distances, and stands in every result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.core.progress import Progress
from calor.study import Borrowing
from calor.trial.bank.preparation import Prepared
from calor.trial.designs.borrowing import BorrowingConductor
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.history import History, history_of, map_prior_of, robust_prior_of
from calor.trial.results.characteristics import type_one_error
from calor.trial.results.corners import SHARE_OF_REPLICATES
from calor.trial.results.monte_carlo import MonteCarlo, WithError
from calor.trial.results.truth import truth_of

DISTANCES = (-1.5, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
"""How far the trial's controls lie above earlier ones, in SDs between patients."""

NOT_DATA = "simulated patients, shown beside the prior: they enter neither it nor the analysis"


@dataclass(frozen=True)
class Conflict:
    """How far the trial's controls lie above those of earlier studies (units of the endpoint), and the type I
    error there."""

    distance: float
    error: WithError

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {"controls_above_history_by": self.distance, **self.error.to_document()}


@dataclass(frozen=True)
class BorrowedControl:
    """What a control arm borrows.

    Arguments: the design; the earlier control arms; the mean of the simulated controls; and the type I error
    under each conflict.
    """

    design: Borrowing
    history: tuple[History, ...]
    simulated_mean: WithError
    conflicts: tuple[Conflict, ...]

    @property
    def worst(self) -> Conflict:
        """The conflict with the largest type I error."""
        return max(self.conflicts, key=lambda each: each.error.value)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must stand beside any result of a control arm that borrows."""
        worst = self.worst
        side = "above" if worst.distance > 0 else "below"
        return (
            "the control arm borrows from earlier studies: the type I error is "
            f"{worst.error.value:.3f} where its patients lie {abs(worst.distance):.2g} {side} them",
        )

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        design = self.design
        predicted, prior = map_prior_of(design), robust_prior_of(design)
        return {
            "earlier_controls": [
                {
                    "source": each.source,
                    "grade": str(each.grade),
                    "mean": each.mean,
                    "sd": each.sd,
                    "patients": each.patients,
                }
                for each in self.history
            ],
            "predicted_control": {
                "mean": predicted.mean,
                "sd": predicted.sd,
                "interval95": [predicted.quantile(0.025), predicted.quantile(0.975)],
                "effective_patients": predicted.effective_patients(design.sd),
            },
            "prior": {
                "vague_weight": design.vague_weight,
                "effective_patients": prior.effective_patients(design.sd),
            },
            "simulated_control": {**self.simulated_mean.to_document(), "is": NOT_DATA},
            "type_one_error_under_conflict": [each.to_document() for each in self.conflicts],
            "worst_conflict": self.worst.to_document(),
        }


def borrowed_control(off: Prepared, progress: Progress) -> BorrowedControl | None:
    """Return what the control arm of a trial borrows, None where it borrows nothing.

    Arguments: the trial with the mechanism off, and who watches.
    """
    design = off.protocol.design
    if not isinstance(design, Borrowing):
        return None
    settings = off.settings
    true = _true_control_mean(off)
    count = max(1, settings.replicates // SHARE_OF_REPLICATES)
    conflicts = []
    for distance in np.array(DISTANCES) * design.sd:
        apart = replace(off, pieces=off.pieces.under(f"conflict {distance:g}"))
        conducts = partial(BorrowingConductor, centre=true - distance)
        replicates = ReplicateSimulator.of(apart, conducts).run(count, progress, settings.executor)
        conflicts.append(Conflict(float(distance), type_one_error(off.bank, replicates)))
    mean = MonteCarlo(off.bank, replicates).mean(true[replicates.cells])
    history = tuple(history_of(control) for control in design.controls)
    return BorrowedControl(design, history, mean, tuple(conflicts))


def _true_control_mean(off: Prepared) -> Numbers:
    """Return the mean endpoint of the control arm in each cell of the bank, (n_cells,)."""
    levels = truth_of(off.plan, off.bank, off.settings.seed).levels[off.plan.layout.control]
    return np.array([levels[cell.start : cell.stop].mean() for cell in off.bank.cells])
