"""What a single trial would show under each rival explanation."""

from __future__ import annotations

from typing import Any

import numpy as np

from calor.trial.bank.intervals import BOUNDS
from calor.trial.results.characteristics import power_by_rival
from calor.trial.runs.pipeline import TrialRun


def rivals_of(run: TrialRun) -> dict[str, dict[str, Any]]:
    """Return by rival the power and the 95 % interval of a trial's result under it, None where not had."""
    replicates, cells = run.prediction.replicates, run.ready.bank.cells
    of_trial = np.array([cells[cell].rival for cell in replicates.cells])
    powers = power_by_rival(run.ready.bank, replicates)
    found = {}
    for index, rival in enumerate(run.ready.rivals):
        results = replicates.effect[of_trial == index]
        known = results[np.isfinite(results)]
        interval = np.quantile(known, BOUNDS).tolist() if len(known) > 1 else None
        power = powers.get(index)
        found[rival.name] = {
            "trials": len(results),
            "trial_result_interval95": interval,
            "power": None if power is None or run.characteristics.power is None else float(power),
        }
    return found
