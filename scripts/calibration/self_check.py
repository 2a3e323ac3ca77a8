"""Simulation-based calibration of calor's own inference: does it find the truth of synthetic data sets?

Truths are drawn from the prior of one rival, data sets from the simulator with the published errors, and a
posterior is sampled for each from an emulator that was trained on other points of the prior. A truth at which
some cohort cannot be found would leave no published summary, so another takes its place.

    python scripts/calibration/self_check.py --rival central-igg --data-sets 200 --out self-check.json
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np

from calor.calibration.batches import Batches, batches_of
from calor.calibration.coverage import coverage
from calor.calibration.fit import FitSettings
from calor.calibration.pipeline import rival_problem
from calor.calibration.surrogate import Surrogate, Training
from calor.cli.console import watched
from calor.core.streams import Stream
from calor.model.rivals import load_rivals
from calor.store.pieces import Pieces
from calor.store.run_folder import write_json

BATCH, PARTICLES, MOVES = 40, 150, 3
CANDIDATES_OF_A_TRUTH = 3


def main() -> None:
    arguments = _arguments()
    rival = next(each for each in load_rivals() if each.name == arguments.rival)
    settings = FitSettings(seed=arguments.seed)
    stream = Stream(arguments.seed).child("self-check", rival.name)
    with watched() as progress:
        problem = rival_problem(rival, settings, os.cpu_count() or 1, progress)
        batches = Batches(BATCH, Pieces.in_folder(arguments.keep, f"{rival.name} {settings}"), progress)
        candidates = CANDIDATES_OF_A_TRUTH * arguments.data_sets
        progress.start("points", batches_of(arguments.points, BATCH) + batches_of(candidates, BATCH))
        points = stream.child("points").normals(arguments.points, problem.dimensions)
        values = batches.simulate("points", problem.simulate, points, 0)
        truths = stream.child("truths").normals(candidates, problem.dimensions)
        simulated = batches.simulate("truths", problem.simulate, truths, 20_000)
        whole = np.flatnonzero(np.isfinite(simulated).all(axis=1))[: arguments.data_sets]
        training = Training(points, values, np.zeros(len(points), dtype=bool))
        # No Monte Carlo variance is taken off the emulator's error: the synthetic data hold it too.
        surrogate = Surrogate.of(problem, training, np.zeros(values.shape[1]))
        found = coverage(surrogate, truths[whole], simulated[whole], PARTICLES, MOVES, stream, progress)
    write_json(
        arguments.out,
        {
            "rival": rival.name,
            "data_sets": len(whole),
            "training_points": arguments.points,
            "informed_directions_per_data_set": len(found.ranks) / len(whole),
            "coverage90": found.within(0.9),
            "coverage90_standard_error": found.standard_error(0.9),
            "coverage50": found.within(0.5),
            "rank_test_p": found.rank_test(),
            "rank_counts": np.histogram(found.ranks, np.linspace(0, 1, 11))[0].tolist(),
        },
    )
    print(arguments.out.read_text())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rival", default="central-igg", choices=[each.name for each in load_rivals()])
    parser.add_argument("--data-sets", type=int, default=200)
    parser.add_argument("--points", type=int, default=400, help="training points from the prior")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("self-check"), help="folder of finished pieces")
    parser.add_argument("--out", type=Path, default=Path("self-check/prior.json"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
