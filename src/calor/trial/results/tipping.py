"""The tipping point of a trial: how much worse those who left must have fared for significance to be lost.

A sensitivity analysis of the primary contrast: the last visit's missing outcomes are imputed under the
protocol's assumption, imputed outcomes of the active arms are shifted towards harm, and the smallest shift at
which the ANCOVA is no longer significant is the tipping point. Each trial is tested at the protocol's alpha
without regard to multiplicity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.progress import Progress, stop_if_requested
from calor.store.piece_files import Arrays
from calor.study import TippingPoint
from calor.trial.bank.preparation import Prepared
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.results.monte_carlo import WithError, known_or_none

TRIALS = 200
"""Trials whose tipping point is sought; each takes the imputation of all its data."""

CHUNK = 20


@dataclass(frozen=True)
class TippingPoints:
    """The tipping points of simulated trials, in units of the endpoint.

    Arguments: the number of trials; the largest shift that was tried; the share of trials significant without
    a shift; and of these, the quartiles of the tipping point (NaN where none is significant, infinite beyond
    the largest shift) and the share still significant at the largest shift.
    """

    trials: int
    largest: float
    significant: WithError
    quartiles: Numbers
    withstand: WithError

    def to_document(self) -> dict[str, Any]:
        """Return them as JSON-like data; a quartile that no shift reached, or nothing defines, is None."""
        return {
            "largest_shift": self.largest,
            "trials": self.trials,
            "significant_unshifted": self.significant.to_document(),
            "of_these": {
                "quartiles": [known_or_none(each) for each in self.quartiles],
                "still_significant_at_largest": self.withstand.to_document()
                if np.isfinite(self.withstand.value)
                else None,
            },
        }


def tipping_points(ready: Prepared, asked: TippingPoint, progress: Progress) -> TippingPoints:
    """Return the tipping points of replicates 0, 1, ... of a trial with visits and parallel arms.

    Arguments: the trial with its bank, how far to look, and who watches.
    """
    simulator = ReplicateSimulator.of(ready)
    analyst = simulator.analyst
    level = ready.plan.analysis.level
    found = []
    progress.start("tipping points", TRIALS // CHUNK)
    for first in range(0, TRIALS, CHUNK):
        stop_if_requested(progress)

        def make(first: int = first) -> Arrays:
            data = analyst.of_visits(simulator.observer.observe(np.arange(first, first + CHUNK)))
            return {"at": analyst.imputation.tipping_point(data, analyst.contrasts[0], level, asked.largest)}

        found.append(ready.pieces.kept(f"tipping points {first}", make)["at"])
        progress.advance()
    return summary(np.concatenate(found), asked.largest)


def summary(points: Numbers, largest: float) -> TippingPoints:
    """Return what tipping points (n_trials,) say: 0 is not significant unshifted, infinite never tipped."""
    significant = points > 0
    held = points[significant]
    quartiles = np.quantile(held, (0.25, 0.5, 0.75), method="lower") if len(held) else np.full(3, np.nan)
    return TippingPoints(len(points), largest, _share(significant), quartiles, _share(np.isinf(held)))


def _share(happened: NDArray[np.bool_]) -> WithError:
    """Return a share of trials with its binomial error; NaN of none."""
    if not len(happened):
        return WithError(float("nan"), float("nan"))
    share = float(happened.mean())
    error = float(np.sqrt(share * (1 - share) / len(happened)))
    return WithError(share, error, error)
