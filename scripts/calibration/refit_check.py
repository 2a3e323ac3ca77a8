"""Whole fits of synthetic data sets: do starts, rounds and emulator together find the truth?

Truths are draws of the prior at which every summary can be simulated. Each is fitted at the size of a full
fit.

    python scripts/calibration/refit_check.py --rival central-igg --refits 5 --out refit-check.json
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from calor.calibration.batches import Batches
from calor.calibration.coverage import Coverage, informed_directions, published, share_below
from calor.calibration.fit import FitSettings, RivalFitter
from calor.calibration.pipeline import rival_problem
from calor.calibration.simulator import CohortSizes
from calor.cli.console import watched
from calor.core.streams import Stream
from calor.model.rivals import load_rivals
from calor.store.pieces import Pieces
from calor.store.run_folder import write_json

CANDIDATES, TRUTH_SEEDS = 40, 30_000
LARGE = CohortSizes(injuries=4000, candidates=1200)


def main() -> None:
    arguments = _arguments()
    rival = next(each for each in load_rivals() if each.name == arguments.rival)
    settings = FitSettings(seed=arguments.seed)
    stream = Stream(arguments.seed).child("refit-check", rival.name)
    ranks, numbers = [], []
    with watched() as progress:
        problem = rival_problem(rival, settings, os.cpu_count() or 1, progress)
        kept = Pieces.in_folder(arguments.keep, f"{rival.name} {settings}")
        progress.start("whole fits", 1 + arguments.refits * (1 + settings.steps(problem.movable)))
        candidates = stream.child("truths").normals(CANDIDATES, problem.dimensions)
        batches = Batches(CANDIDATES, kept, progress)
        found = batches.simulate("candidates", problem.simulate, candidates, TRUTH_SEEDS)
        truths = candidates[np.isfinite(found).all(axis=1)][: arguments.refits]
        # The published errors are those of the data; a small virtual cohort would add its own.
        large, fresh = (
            rival_problem(rival, replace(settings, sizes=sizes), os.cpu_count() or 1, progress)
            for sizes in (LARGE, settings.fresh_sizes)
        )
        same_people = rival_problem(rival, settings, os.cpu_count() or 1, progress, shared=True).simulate
        simulated = Batches(1, kept, progress).simulate("truths", large.simulate, truths, TRUTH_SEEDS)
        data = published(problem.observations, simulated, stream)
        for number, (truth, values) in enumerate(zip(truths, data, strict=True)):
            posed = problem.observing(values)
            fit = RivalFitter(
                rival.name,
                posed,
                same_people,
                fresh.simulate,
                settings,
                kept.under(f"refit-{number}"),
                progress,
            ).fit()
            directions = informed_directions(fit.linearised)
            ranks.append(share_below(fit.draws, fit.weights.shares, directions, truth))
            numbers.append(np.full(len(directions), number))
    coverage = Coverage(np.concatenate(ranks), np.concatenate(numbers))
    write_json(
        arguments.out,
        {
            "rival": rival.name,
            "refits": len(truths),
            "directions": len(coverage.ranks),
            "directions_of_each": [len(each) for each in ranks],
            "covered90_of_each": [Coverage(*each).within(0.9) for each in zip(ranks, numbers, strict=True)],
            "coverage90": coverage.within(0.9),
            "coverage90_standard_error": coverage.standard_error(0.9),
            "coverage50": coverage.within(0.5),
        },
    )
    print(arguments.out.read_text())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rival", default="central-igg", choices=[each.name for each in load_rivals()])
    parser.add_argument("--refits", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("self-check"), help="folder of finished pieces")
    parser.add_argument("--out", type=Path, default=Path("self-check/refit.json"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
