"""As many replicates and as large a bank as it takes until decisions are known as well as was asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from calor.core.progress import Progress
from calor.population.patients import Numbers
from calor.study import Protocol
from calor.trial.bank.bank import Bank
from calor.trial.bank.preparation import Prepared, prepare_trial
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.bank.size_limits import replicates_that_fit, worlds_that_fit
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.results.characteristics import power_of, type_one_error
from calor.trial.results.monte_carlo import WithError

MOST_REPLICATES = 1_000_000
MOST_WORLDS = 2_000
"""A search for a small Monte Carlo error stops here."""

SHARE_OF_REPLICATES = 0.5
"""The part of the variance that is asked for which the replicates may use up; the bank has the rest."""


@dataclass(frozen=True)
class Simulated:
    """A prepared trial with its replicates, and those with the mechanism off.

    `settings` are those that were used in the end; `shortfall` says where the error that was asked for was
    not reached.
    """

    ready: Prepared
    settings: RunSettings
    replicates: Replicates
    null: Replicates
    shortfall: tuple[str, ...]


def simulate_enough(
    protocol: Protocol, settings: RunSettings, progress: Progress, scenario: Scenario
) -> Simulated:
    """Simulate a trial until the share of trials that find benefit, and the type I error, are known well.

    The error is the whole one: of replicates, patients and worlds. Replicates are doubled while their part of
    it is too large; where the bank's part is, the worlds are, each with its patients. Without an error that
    is asked for, the trial is simulated once. Raises as `prepare_trial` does.
    """
    most_worlds = min(MOST_WORLDS, scenario.most_worlds or MOST_WORLDS)
    while True:
        ready = prepare_trial(protocol, settings, progress, scenario)
        replicates = enough_replicates(protocol, ready.bank, ready.weights, settings, progress)
        null = enough_replicates(protocol, ready.null_bank, ready.weights, settings, progress)
        found = {"power": power_of(ready.bank, replicates), "type I error": type_one_error(ready.bank, null)}
        asked = settings.decision_error
        missed = {name: error for name, error in found.items() if asked and error.mc_error > asked}
        most = min(most_worlds, worlds_that_fit(settings, ready.courses, len(ready.rivals)))
        if not missed or settings.worlds >= most:
            shortfall = _shortfall(missed, settings, max(len(replicates), len(null)))
            return Simulated(ready, settings, replicates, null, shortfall)
        settings = replace(settings, worlds=min(2 * settings.worlds, most))


def enough_replicates(
    protocol: Protocol, bank: Bank, weights: Numbers, settings: RunSettings, progress: Progress
) -> Replicates:
    """Return as many replicates of a trial as the settings ask for, doubled while their own error is large.

    The error of a share p of n trials by the replicates alone is √(p (1 - p) / n); they may use up half of
    the variance that is asked for. At most 1,000,000 trials are simulated, or what a day of one core allows.
    """
    simulator = ReplicateSimulator(protocol, bank, settings.seed, weights)
    count, most = settings.replicates, min(MOST_REPLICATES, replicates_that_fit(protocol))
    while True:
        replicates = simulator.run(count, progress, settings.workers)
        if settings.decision_error is None or count >= most:
            return replicates
        allowed = SHARE_OF_REPLICATES * settings.decision_error**2
        shares = (replicates.benefit.mean(), replicates.rejected.any(axis=1).mean())
        if all(share * (1 - share) / count <= allowed for share in shares):
            return replicates
        count = min(2 * count, most)


def _shortfall(missed: dict[str, WithError], settings: RunSettings, trials: int) -> tuple[str, ...]:
    """Return a warning for each share that is known less well than was asked."""
    return tuple(
        f"the Monte Carlo error of the {name} is {error.mc_error:.4f}, not {settings.decision_error:g}: "
        f"the run stops at {settings.worlds:,} worlds and {trials:,} trials"
        for name, error in missed.items()
    )
