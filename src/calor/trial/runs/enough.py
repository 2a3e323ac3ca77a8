"""As large a bank as it takes until decisions are known as well as was asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from calor.core.progress import Progress
from calor.study import Protocol
from calor.trial.bank.preparation import prepare_trial
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.bank.size_limits import worlds_that_fit
from calor.trial.results.characteristics import power_of, type_one_error
from calor.trial.results.monte_carlo import WithError
from calor.trial.runs.stages import Simulated, simulate

MOST_WORLDS = 2_000
"""A search for a small Monte Carlo error stops here."""


@dataclass(frozen=True)
class Enough:
    """A simulated trial, and where the error that was asked for was not reached, as warnings."""

    simulated: Simulated
    shortfall: tuple[str, ...]


def simulate_enough(
    protocol: Protocol, settings: RunSettings, progress: Progress, scenario: Scenario
) -> Enough:
    """Simulate a trial until the share of trials that find benefit, and the type I error, are known well.

    The error is the whole one: of replicates, patients and worlds. Replicates are doubled while their part of
    it is too large; where the bank's part is, the worlds are, each with its patients. Without an error that
    is asked for, the trial is simulated once. Raises as `prepare_trial` does.
    """
    most_worlds = min(MOST_WORLDS, scenario.most_worlds or MOST_WORLDS)
    while True:
        ready = prepare_trial(protocol, settings, progress, scenario)
        simulated = simulate(ready, progress)
        missed = _missed(simulated)
        most = min(most_worlds, worlds_that_fit(settings, ready.courses, len(ready.rivals)))
        if not missed or settings.worlds >= most:
            return Enough(simulated, _shortfall(missed, simulated))
        settings = replace(settings, worlds=min(2 * settings.worlds, most))


def _missed(simulated: Simulated) -> dict[str, WithError]:
    """Return the shares whose whole error is larger than was asked for, by name."""
    ready, asked = simulated.ready, simulated.ready.settings.decision_error
    if asked is None:
        return {}
    found = {
        "power": power_of(ready.bank, simulated.replicates),
        "type I error": type_one_error(ready.mechanism_off().bank, simulated.null),
    }
    return {name: error for name, error in found.items() if error.mc_error > asked}


def _shortfall(missed: dict[str, WithError], simulated: Simulated) -> tuple[str, ...]:
    """Return a warning for each share that is known less well than was asked."""
    settings = simulated.ready.settings
    trials = max(len(simulated.replicates), len(simulated.null))
    return tuple(
        f"the Monte Carlo error of the {name} is {error.mc_error:.4f}, not {settings.decision_error:g}: "
        f"the run stops at {settings.worlds:,} worlds and {trials:,} trials"
        for name, error in missed.items()
    )
