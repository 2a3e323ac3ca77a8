"""What a single trial would show under each rival explanation."""

from __future__ import annotations

from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.bank.intervals import BOUNDS
from calor.trial.results.characteristics import power_by_rival
from calor.trial.runs.pipeline import TrialRun


def rivals_of(run: TrialRun) -> dict[str, dict[str, Any]]:
    """Return by rival the power and the 95 % interval of a trial's result under it, None where not had.

    The result is that of the first contrast.
    """
    replicates, cells = run.prediction.replicates, run.ready.bank.cells
    of_trial = np.array([cells[cell].rival for cell in replicates.cells])
    powers = power_by_rival(run.ready.bank, replicates)
    found = {}
    for index, rival in enumerate(run.ready.rivals):
        results = replicates.effect[of_trial == index]
        power = powers.get(index)
        found[rival.name] = {
            "trials": len(results),
            "trial_result_interval95": _interval(results),
            "power": None if power is None or run.characteristics.power is None else float(power),
        }
    return found


def contrast_by_rival(run: TrialRun, place: int) -> list[dict[str, Any]]:
    """Return one contrast under each rival: the effect, and the 95 % interval of a trial's result."""
    replicates, cells = run.prediction.replicates, run.ready.bank.cells
    of_trial = np.array([cells[cell].rival for cell in replicates.cells])
    return [
        {
            "name": run.ready.rivals[index].name,
            **under.to_document(),
            "trial_result_interval95": _interval(replicates.effects[of_trial == index, place]),
        }
        for index, under in run.prediction.contrasts[place].effect.by_rival.items()
    ]


def _interval(results: Numbers) -> list[float] | None:
    """Return the 95 % interval of some results (r,), None where fewer than two are known."""
    known = results[np.isfinite(results)]
    return np.quantile(known, BOUNDS).tolist() if len(known) > 1 else None
