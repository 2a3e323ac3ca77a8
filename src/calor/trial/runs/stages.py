"""The stages of a simulated trial; whoever simulates one puts these together.

prepare_trial: protocol, settings, scenario -> Prepared (courses, people, their bank; bank/preparation.py)
replicate: Prepared -> Replicates, as many as the run has
replicate_until_known: Prepared -> Replicates, as many as it takes
true_values: Prepared -> Truth
first_trial: Prepared -> Outcome (of one replicate)
simulate: Prepared -> Simulated, with the effect and with the mechanism off
simulate_enough: the same from the protocol, in a bank as large as it takes (enough.py)
conclude: Simulated -> TrialRun (pipeline.py)

A variant of a trial is another Prepared: `mechanism_off`, `under` one rival, `conducted_as` another protocol.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.progress import Progress
from calor.trial.bank.preparation import Prepared
from calor.trial.bank.size_limits import replicates_that_fit
from calor.trial.designs.conductor import Outcome
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.results.truth import Truth, truth_of

MOST_REPLICATES = 1_000_000
"""A search for a small Monte Carlo error stops here."""

SHARE_OF_REPLICATES = 0.5
"""The part of the variance that is asked for which the replicates may use up; the bank has the rest."""


@dataclass(frozen=True)
class Simulated:
    """A prepared trial with its replicates, and those with the mechanism off."""

    ready: Prepared
    replicates: Replicates
    null: Replicates


def replicate(ready: Prepared, progress: Progress) -> Replicates:
    """Return as many replicates of a trial as its run has."""
    settings = ready.settings
    return ReplicateSimulator.of(ready).run(settings.replicates, progress, settings.executor)


def replicate_until_known(ready: Prepared, progress: Progress) -> Replicates:
    """Return the replicates that a run has, doubled while their own error is larger than was asked for.

    The error of a share p of n trials by the replicates alone is √(p (1 - p) / n); they may use up half of
    the variance that is asked for. At most 1,000,000 trials are simulated, or what a day of one core allows.
    """
    settings = ready.settings
    simulator = ReplicateSimulator.of(ready)
    count, most = settings.replicates, min(MOST_REPLICATES, replicates_that_fit(ready.plan))
    found: Replicates | None = None
    while True:
        found = simulator.run(count, progress, settings.executor, found)
        if settings.decision_error is None or count >= most:
            return found
        allowed = SHARE_OF_REPLICATES * settings.decision_error**2
        shares = (found.benefit.mean(), found.rejected.any(axis=1).mean())
        if all(share * (1 - share) / count <= allowed for share in shares):
            return found
        count = min(2 * count, most)


def simulate(ready: Prepared, progress: Progress) -> Simulated:
    """Return a trial's replicates, with its effect and with the mechanism off."""
    return Simulated(
        ready,
        replicate_until_known(ready, progress),
        replicate_until_known(ready.mechanism_off(), progress),
    )


def true_values(ready: Prepared) -> Truth:
    """Return the value that a trial's question asks for, of every patient."""
    return truth_of(ready.plan, ready.bank, ready.settings.seed)


def first_trial(ready: Prepared) -> Outcome:
    """Return what replicate 0 of a trial observed, and how it ended."""
    return ReplicateSimulator.of(ready).conductor.conduct(np.zeros(1, dtype=np.int64))
