"""How large a run is: worlds, candidates, replicates, and how accurately it is solved."""

from __future__ import annotations

from dataclasses import dataclass

from calor.engine.batch import Options
from calor.population.simulation import ACCURACY


@dataclass(frozen=True)
class RunSettings:
    """The size of a run.

    Arguments:
        seed: of every random number of the run.
        workers: how many threads solve patients at once; it changes no number.
        worlds: draws of the population's parameters from their prior, the same under every rival.
        candidates: people screened in each world at first; where few qualify, up to `most_candidates`.
        enough_eligible: eligible patients wanted in each world; a world keeps at most twice as many.
        fewest_eligible: with fewer, a world cannot run the trial and is counted as such.
        replicates: simulated trials, at least.
        decision_error: simulate more trials and worlds until the Monte Carlo error of power, assurance and
            type I error is at most this; None: as many as `replicates` and `worlds` say.
        options: tolerances of the solver.
    """

    seed: int = 1
    workers: int = 1
    worlds: int = 40
    candidates: int = 80
    most_candidates: int = 640
    enough_eligible: int = 30
    fewest_eligible: int = 10
    replicates: int = 2000
    decision_error: float | None = None
    options: Options = ACCURACY
