"""Writes tests/oracles/survival.json: censored times of two arms, with the fits and tests of lifelines.

Run from the repository's root in an environment with lifelines: python scripts/oracles/survival.py
"""

import json
from pathlib import Path

import lifelines
import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test

SIZES = ((16, 1.0), (40, 1.0), (40, 7.0), (150, 5.0))
"""Patients, and the days to which times are rounded up: the coarser, the more ties."""

cases = []
for seed, (n, grid) in enumerate(SIZES):
    generator = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    time = np.ceil(generator.exponential(20 * np.exp(0.6 * arm)) / grid) * grid
    until = np.ceil(generator.uniform(5, 60, n) / grid) * grid
    event = time <= until
    seen = np.minimum(time, until)
    frame = pd.DataFrame({"time": seen, "event": event.astype(int), "arm": arm})
    fit = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-12})
    of = [frame[frame.arm == each] for each in (1, 0)]
    test = logrank_test(of[0].time, of[1].time, of[0].event, of[1].event)
    cases.append(
        {
            "time": seen.tolist(),
            "event": event.astype(int).tolist(),
            "arm": arm.tolist(),
            "log_hazard_ratio": float(fit.params_["arm"]),
            "standard_error": float(fit.standard_errors_["arm"]),
            "log_rank_p": float(test.p_value),
        }
    )
oracle = {"tool": f"lifelines {lifelines.__version__}", "ties": "Efron", "cases": cases}
Path("tests/oracles/survival.json").write_text(json.dumps(oracle) + "\n")
