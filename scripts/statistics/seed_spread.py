"""Do Monte Carlo errors hold over seeds? The spread of each headline over its reported error, by design.

    python scripts/statistics/seed_spread.py [SEEDS] [WORLDS] [REPLICATES] [DESIGN...]

Each design is simulated under the product posterior with every seed: other draws, other patients, other
trials. A ratio of 1 says that the reported error (its root mean square over the seeds) is the standard
deviation over seeds; the error beside it is that of a standard deviation from so many seeds.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

import numpy as np

from calor.core.documents import parse_document
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import Protocol
from calor.trial.bank.default_posterior import default_posterior
from calor.trial.bank.preparation import prepare_trial
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.results.characteristics import assurance_of, performance, power_of, type_one_error
from calor.trial.results.monte_carlo import MonteCarlo, WithError
from calor.trial.results.prediction import predict
from calor.trial.runs.stages import replicate, true_values

TEXT = """\
id: seed-spread
title: Spread over seeds
population: {duration_months: {at_least: 1, at_most: 24}, pain_nrs: {at_least: 4}}
arms:
  - {name: steroid, treatments: [{drug: prednisolone, regimen: "40 mg oral daily for 14 days"}]}
  - {name: placebo}
acknowledge: [glucose, adrenal-suppression, bone]
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
"""
DESIGNS = {
    "parallel": "design: {type: parallel}\npatients: 60\nanalysis: {method: ancova}\n",
    "crossover": (
        "design: {type: crossover, period_days: 14, washout_days: 28}\npatients: 20\n"
        "analysis: {method: crossover}\n"
    ),
    "group-sequential": (
        "design: {type: group-sequential, looks: [0.5, 1.0], futility: [0.0]}\npatients: 60\n"
        "analysis: {method: ancova, alpha: 0.025, sided: 1}\n"
    ),
    "adaptive-enrichment": (
        "design: {type: adaptive-enrichment, subgroup: {by: duration, below: 12}, interim_patients: 30}\n"
        "patients: 60\nanalysis: {method: ancova, alpha: 0.025, sided: 1}\n"
    ),
}


@dataclass(frozen=True)
class Ratio:
    """The spread of a statistic over seeds, the root mean square of its reported errors, and the largest."""

    spread: float
    reported: float
    largest: float
    seeds: int

    @property
    def value(self) -> float:
        """Spread over reported error."""
        return self.spread / self.reported

    @property
    def error(self) -> float:
        """The standard error of a ratio that is 1: that of a standard deviation from so many seeds."""
        return float(1 / np.sqrt(2 * (self.seeds - 1)))


def protocol_of(design: str) -> Protocol:
    """Return the protocol of a design."""
    return check_protocol(parse_document(TEXT + DESIGNS[design], "seed_spread.py"))


def headlines(protocol: Protocol, settings: RunSettings) -> dict[str, WithError]:
    """Return what a run with a seed prints first, each number with its error."""
    ready = prepare_trial(protocol, settings, Silent(), Scenario(default_posterior()))
    bank, weights = ready.bank, ready.weights
    off = ready.mechanism_off()
    found, null = (replicate(each, Silent()) for each in (ready, off))
    truth = true_values(ready)
    contrast = predict(protocol, bank, truth, found, ready.rivals, weights).contrast
    (done,) = performance(plan_of(protocol), bank, found, truth)
    return {
        "effect": contrast.effect.mean,
        "estimate": MonteCarlo(bank, found).mean(found.effect),
        "bias": done.bias,
        "power": power_of(bank, found),
        "assurance": assurance_of(bank, found, weights).mean,
        "type I error": type_one_error(off.bank, null),
    }


def spread_over_seeds(protocol: Protocol, seeds: int, worlds: int, replicates: int) -> dict[str, Ratio]:
    """Return the ratio of each headline over seeds 1, 2, ..."""
    workers = Threads(os.cpu_count() or 1)
    runs = [
        headlines(protocol, RunSettings(seed=seed, worlds=worlds, replicates=replicates, executor=workers))
        for seed in range(1, seeds + 1)
    ]
    found = {}
    for name in runs[0]:
        values = np.array([run[name].value for run in runs])
        errors = np.array([run[name].mc_error for run in runs])
        found[name] = Ratio(
            float(values.std(ddof=1)), float(np.sqrt((errors**2).mean())), float(errors.max()), seeds
        )
    return found


def main() -> None:
    """Print the ratios of each design."""
    seeds, worlds, replicates = (
        int(sys.argv[place]) if len(sys.argv) > place else default
        for place, default in ((1, 20), (2, 20), (3, 1000))
    )
    print(f"{seeds} seeds, {worlds} worlds under each rival, {replicates} trials", flush=True)
    for design in sys.argv[4:] or DESIGNS:
        for name, ratio in spread_over_seeds(protocol_of(design), seeds, worlds, replicates).items():
            print(
                f"{design:20s} {name:13s} spread / reported {ratio.value:.2f} +- {ratio.error:.2f}"
                f"   ({ratio.spread:.4f} / {ratio.reported:.4f}, largest {ratio.largest:.4f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
