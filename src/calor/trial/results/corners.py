"""The type I error at the corners of what is unknown about measurement and conduct.

A test that keeps its level on average over what is unknown may break it where diaries are noisy, fluctuate
slowly, and patients leave. So each of these is put at both ends of its range, in every combination. A loss
that a protocol states is its plan and not knowledge: the level must hold whatever the loss turns out to be.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.core.progress import Progress
from calor.population.measurement import load_measurement, loss_per_day
from calor.study import VARIABLES, Margin
from calor.trial.bank.bank import Bank
from calor.trial.bank.intervals import BOUNDS
from calor.trial.bank.preparation import Prepared
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.results.characteristics import type_one_error
from calor.trial.results.monte_carlo import WithError

SHARE_OF_REPLICATES = 2
"""Each corner is simulated with the replicates of the run divided by this."""

ERRORS_ALLOWED = 3.0
"""Monte Carlo errors by which a type I error may lie above the level by chance."""


@dataclass(frozen=True)
class Corner:
    """One corner: the value of every nuisance parameter by name, and the type I error there.

    The error is NaN where no trial gave an estimate: a test that never takes place never errs.
    """

    at: dict[str, float]
    error: WithError
    replicates: int

    @property
    def known(self) -> bool:
        """Whether some trial gave an estimate, so that there is a type I error."""
        return math.isfinite(self.error.value)

    def holds(self, alpha: float) -> bool:
        """Return whether the type I error is at most the level, but for chance."""
        return self.error.value <= alpha + ERRORS_ALLOWED * self.error.mc_error

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {"at": self.at, **self.error.to_document()}


@dataclass(frozen=True)
class TypeOneError:
    """The type I error with the mechanism off, of a trial against a margin at that margin.

    Arguments: the level that the analysis is to keep; the margin, None for a test against no effect; the
    error over what is unknown, and from how many replicates; and the error at every corner.
    """

    alpha: float
    margin: Margin | None
    average: WithError
    replicates: int
    corners: tuple[Corner, ...]

    @property
    def worst(self) -> Corner:
        """The corner with the largest error that is known, or the first where none is."""
        return worst_of(self.corners)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to keep in mind about it."""
        return unknown_corners(self.corners)

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data, the worst corner by name."""
        worst = self.worst
        held = all(corner.holds(self.alpha) for corner in self.corners if corner.known)
        return {
            **self.average.to_document(),
            "alpha": self.alpha,
            "replicates": self.replicates,
            "margin": self.margin.words if self.margin else None,
            "mechanism": self._mechanism(),
            "at_corners": [corner.to_document() for corner in self.corners],
            "worst_corner": {**worst.to_document(), "replicates": worst.replicates},
            "held_at_every_corner": held if worst.known else None,
        }

    def _mechanism(self) -> str:
        off = "off: every arm does what the control arm does"
        return off if self.margin is None else f"{off}, and is measured worse by the margin if it is active"


@dataclass(frozen=True)
class _Nuisance:
    """A nuisance parameter: its name with unit, its values in the bank (n,), and how a bank gets others."""

    name: str
    of: Callable[[Bank], Numbers]
    put: Callable[[Bank, Numbers], Bank]


def _reading(name: str, words: str) -> _Nuisance:
    def put(bank: Bank, values: Numbers) -> Bank:
        people = replace(bank.patients, values={**bank.patients.values, name: values})
        return replace(bank, patients=people)

    return _Nuisance(words, lambda bank: bank.patients.values[name], put)


def _with_slow_sd(bank: Bank, values: Numbers) -> Bank:
    """Return a bank with another slow fluctuation, whose value on the last run-in day grows with it."""
    before = bank.habits.slow_sd
    factor = np.divide(values, before, out=np.ones_like(values), where=before > 0)
    habits = replace(bank.habits, slow_sd=values)
    return replace(bank, habits=habits, slow_before=factor * bank.slow_before)


DAY_NOISE = _Nuisance(
    "day noise (NRS)",
    lambda bank: bank.habits.day_noise,
    lambda bank, values: replace(bank, habits=replace(bank.habits, day_noise=values)),
)
LOSS = _Nuisance(
    "loss per day",
    lambda bank: bank.loss_per_day,
    lambda bank, values: replace(bank, loss_per_day=values),
)
DIARY = (DAY_NOISE, _Nuisance("slow fluctuation (NRS)", lambda bank: bank.habits.slow_sd, _with_slow_sd))
NUISANCES = {
    variable: (*(DIARY if row.daily else ()), *(_reading(*scatter) for scatter in row.scatter), LOSS)
    for variable, row in VARIABLES.items()
}
"""What the type I error is tried over, by the endpoint's variable."""


def error_at_corners(off: Prepared, progress: Progress) -> tuple[Corner, ...]:
    """Return the type I error at each corner.

    A nuisance parameter takes, in everybody at once, the 2.5 % and the 97.5 % quantile that it has in the
    bank; one that does not vary stays. A loss that the protocol states takes the ends of the measurement
    table's 95 % range, drawn out to the stated loss. The corners share their random numbers. Arguments: the
    trial with the mechanism off, and who watches.
    """
    settings = off.settings
    nuisances = NUISANCES[off.plan.assessments.endpoint.variable]
    count = max(1, settings.replicates // SHARE_OF_REPLICATES)
    found = []
    for number, values in enumerate(product(*(_ends(nuisance, off) for nuisance in nuisances))):
        bank, at = off.bank, {}
        for nuisance, value in zip(nuisances, values, strict=True):
            bank = nuisance.put(bank, np.full(len(bank.baseline), value))
            at[nuisance.name] = value
        corner = replace(off, bank=bank, pieces=off.pieces.under(f"corner {number}"))
        replicates = ReplicateSimulator.of(corner).run(count, progress, settings.executor)
        estimated = np.isfinite(replicates.effects).any()
        error = type_one_error(bank, replicates) if estimated else WithError(math.nan, math.nan, math.nan)
        found.append(Corner(at, error, count))
    return tuple(found)


def worst_of(corners: tuple[Corner, ...]) -> Corner:
    """Return the corner with the largest type I error that is known, or the first where none is."""
    return max(corners, key=lambda corner: corner.error.value if corner.known else -1.0)


def unknown_corners(corners: tuple[Corner, ...]) -> tuple[str, ...]:
    """Return a warning that tells at how many corners the type I error cannot be had, none where at none."""
    unknown = sum(not corner.known for corner in corners)
    if not unknown:
        return ()
    return (
        f"the type I error cannot be had at {unknown} of {len(corners)} corners: no simulated trial gave an "
        "estimate there",
    )


def _ends(nuisance: _Nuisance, off: Prepared) -> list[float]:
    """Return both ends of a nuisance parameter's range, or its only value."""
    stated = off.protocol.conduct.dropout_per_month
    if nuisance is LOSS and stated is not None:
        return _ends_about(stated)
    ends = np.quantile(nuisance.of(off.bank), BOUNDS)
    return [float(value) for value in np.unique(ends)]


def _ends_about(share_per_month: float) -> list[float]:
    """Return the least and the largest loss a day that is known from trials, or that a protocol states.

    Argument: the share of patients lost in a month as the protocol states it.
    """
    known = load_measurement()["dropout_per_month"].prior_interval or ()
    ends = np.array([min(share_per_month, *known), max(share_per_month, *known)])
    return [float(value) for value in np.unique(loss_per_day(ends))]
