"""The chance, seen from an interim look, that a group-sequential trial will still reject."""

from __future__ import annotations

import numpy as np

from calor.core.errors import InputError
from calor.core.special import brentq
from calor.trial.theory.boundaries import Boundaries
from calor.trial.theory.sequential import Continuation, stopping_probabilities

LARGEST_Z = 12.0


def conditional_power(bounds: Boundaries, look: int, z: float, drift: float | None = None) -> float:
    """Return the probability of rejecting at a later look, given the statistic at this one.

    For one look to come, with t = t_look: Φ((z √t + θ (1 - t) - c) / √(1 - t)), θ the drift.
    Arguments: the boundaries (one-sided), the look from 0, its statistic, and the mean of the statistic at
    information 1 that holds from now on; where none is given, the current trend z / √t.
    Raises InputError where the test is two-sided or no look follows.
    Source: Jennison and Turnbull (2000), Group Sequential Methods, section 10.2.
    """
    _check(bounds, look)
    information = float(bounds.information[look])
    ahead = z / np.sqrt(information) if drift is None else drift
    state = Continuation(information, np.array([float(z)]), np.ones(1))
    later = slice(look + 1, None)
    stopping = stopping_probabilities(
        bounds.lower[later], bounds.critical_values[later], bounds.information[later], ahead, state
    )
    return float(stopping.above.sum())


def futility_bound(bounds: Boundaries, look: int, power: float, drift: float | None = None) -> float:
    """Return the statistic at a look whose conditional power is a given one: a bound to stop below.

    Arguments as for `conditional_power`. Raises InputError where the power is not between 0 and 1.
    """
    _check(bounds, look)
    if not 0 < power < 1:
        raise InputError.of(f"is {power:g}", key="conditional power", allowed="above 0 and below 1")

    def excess(z: float) -> float:
        return conditional_power(bounds, look, z, drift) - power

    return float(brentq(excess, -LARGEST_Z, LARGEST_Z, xtol=1e-12))


def _check(bounds: Boundaries, look: int) -> None:
    n_looks = len(bounds.critical_values)
    if bounds.plan.sided == 2:
        raise InputError.of("is two-sided", key="boundaries", allowed="a one-sided test")
    if not 0 <= look < n_looks - 1:
        raise InputError.of(f"is {look}", key="look", allowed=f"0 to {n_looks - 2}, an interim look")
