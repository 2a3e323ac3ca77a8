"""How well a trial of several cycles a patient tells the effect in each of its patients.

The truth is known: each patient's mean outcome under either arm by itself. Own and shrunken estimates
are held against it in the first replicates of the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.core.progress import Progress, stop_if_requested
from calor.store.piece_files import Arrays
from calor.trial.analysis.individuals import IndividualEffects
from calor.trial.bank.preparation import Prepared
from calor.trial.conduct.roster import Positions
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.results.monte_carlo import MonteCarlo, WithError
from calor.trial.results.truth import Truth

TRIALS = 1000
"""Trials whose patients are looked at one by one."""

CHUNK = 100


@dataclass(frozen=True)
class EstimateOfPatients:
    """One estimate of patients' effects: root mean squared error, coverage and width of its 95 % interval."""

    root_mean_squared_error: WithError
    coverage: WithError
    width: WithError

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {name: value.to_document() for name, value in vars(self).items()}


@dataclass(frozen=True)
class IndividualEffectsFound:
    """What a trial finds out about its patients' own effects, of the first active arm.

    Arguments: the trials; the true SD of the effect between the patients of a trial; each patient's own
    estimate; and the shrunken one, which draws it towards the mean of all.
    """

    trials: int
    true_sd: WithError
    own: EstimateOfPatients
    shrunken: EstimateOfPatients

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "trials": self.trials,
            "true_sd": self.true_sd.to_document(),
            "own": self.own.to_document(),
            "shrunken": self.shrunken.to_document(),
        }


def individual_effects(
    ready: Prepared, replicates: Replicates, truth: Truth, progress: Progress
) -> IndividualEffectsFound | None:
    """Return what the first replicates find out about single patients, None where the analysis tells nothing.

    Arguments: the trial with its bank, its replicates, what its question asks for, and who watches.
    """
    estimate = ready.plan.analysis.method.individuals
    if estimate is None:
        return None
    count = min(TRIALS, len(replicates))
    simulator = ReplicateSimulator.of(ready)
    contrast = simulator.analyst.contrasts[0]
    effect = truth.levels[ready.plan.layout.actives[0]] - truth.levels[ready.plan.layout.control]
    parts: list[Arrays] = []
    progress.start("effects of single patients", -(-count // CHUNK))
    for first in range(0, count, CHUNK):
        stop_if_requested(progress)
        numbers = np.arange(first, min(first + CHUNK, count))

        def make(numbers: Positions = numbers) -> Arrays:
            observed = simulator.observer.observe(numbers)
            return _against(
                effect[observed.people], estimate(simulator.analyst.of_periods(observed), contrast)
            )

        parts.append(ready.pieces.kept(f"effects of single patients {numbers[0]}-{numbers[-1]}", make))
        progress.advance()
    average = MonteCarlo(ready.bank, replicates.first(count)).mean
    means = {name: average(np.concatenate([part[name] for part in parts])) for name in parts[0]}

    def of(name: str) -> EstimateOfPatients:
        return EstimateOfPatients(
            means[f"{name} square"].root(), means[f"{name} covered"], means[f"{name} width"]
        )

    return IndividualEffectsFound(count, means["sd"], of("own"), of("shrunken"))


def _against(true: Numbers, found: IndividualEffects) -> Arrays:
    """Return, by name, how the estimates of the patients of some replicates do against the truth, (r,) each.

    Arguments: the true effect in each patient (r, n), and the estimates.
    """
    columns = {"sd": true.std(axis=1, ddof=1)}
    for name in ("own", "shrunken"):
        value, error = getattr(found, name), getattr(found, f"{name}_error")
        half = found.half_width(error)
        columns[f"{name} square"] = _mean_of_known((value - true) ** 2)
        covered = np.where(np.isfinite(value), np.abs(value - true) <= half, np.nan)
        columns[f"{name} covered"] = _mean_of_known(covered)
        columns[f"{name} width"] = _mean_of_known(2 * half)
    return columns


def _mean_of_known(values: Numbers) -> Numbers:
    """Return the mean over the patients of each replicate (r, n) of what is known, NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0))
