"""The chemotherapy decision of R's package voi (`chemo_nb`): two treatments, side effects, hospital, death.

Written from the package's documentation and the book it illustrates (Heath, Kunst and Jackson, Value of
Information for Healthcare Decision-Making, 2024). A person with side effects is treated at home or in
hospital for 52 weeks, recovers or dies; a quality-adjusted year is worth 20,000.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.decision.information.r_streams import RStream

WEEKS = 52
HORIZON_YEARS = 40.0
WORTH = 20_000.0
DRUG_COST = np.array([120.0, 1975.0])


@dataclass(frozen=True)
class Sample:
    """Draws of the probabilities of side effects and of the net benefit of both treatments, each (n, 2)."""

    side_effects: np.ndarray
    net_benefit: np.ndarray


def sample(n: int = 10_000, seed: int = 1) -> Sample:
    """Return the sample that the package ships (n = 10,000 after `set.seed(1)`)."""
    r = RStream(seed)
    first = r.rbeta(n, 1 + 52, 1 + 111 - 52)
    odds = first / (1 - first) * np.exp(r.rnorm(n, -0.61618614, 0.3))
    side_effects = np.stack([first, odds / (1 + odds)], axis=1)
    hospital = r.rbeta(n, 1 + 43, 1 + 52 - 43)
    death = r.rbeta(n, 1 + 8, 1 + 43 - 8)
    recovery_home, recovery_hospital = _beta(r, n, 0.21, 0.03), _beta(r, n, 0.03, 0.0065)
    cost_home, cost_hospital, cost_death = (
        _lognormal(r, n, mean, deviation)
        for mean, deviation in ((830.0, 150**0.5), (2400.0, 1880**0.5), (1710.0, 760**0.5))
    )
    well, at_home, in_hospital = (
        _beta(r, n, mean, deviation)
        for mean, deviation in ((0.98, 0.0008**0.5), (0.7, 0.02**0.5), (0.3, 0.03**0.5))
    )
    rate = r.rgamma(n, 0.0475**2 / 0.001, 0.0475 / 0.001)
    chain = _chain(
        1 - (1 - hospital) ** (1 / WEEKS),
        1 - (1 - death) ** (1 / WEEKS),
        recovery_home,
        recovery_hospital,
        rate,
    )
    time, dead = _occupancy(chain, side_effects)
    costs = np.stack([cost_home, cost_hospital, 0 * rate, 0 * rate], axis=1)
    utilities = np.stack([at_home, in_hospital, well, 0 * rate], axis=1)
    later = 1 - dead
    cost = (
        DRUG_COST
        + (np.einsum("nsk,ns->nk", time, costs) + cost_death[:, None] * dead) / WEEKS
        + later * (1 - np.exp(-rate * (HORIZON_YEARS - 2)))[:, None] * cost_death[:, None]
    )
    years = (np.exp(-2 * rate) - np.exp(-HORIZON_YEARS * rate)) / rate
    effect = (
        np.einsum("nsk,ns->nk", time, utilities) / WEEKS
        + (1 - side_effects) * well[:, None] * (WEEKS + 1) / WEEKS
        + later * (years * at_home)[:, None]
    )
    return Sample(side_effects, WORTH * effect - cost)


def _chain(to_hospital, to_death, recovery_home, recovery_hospital, rate) -> np.ndarray:
    """Return the weekly transition probabilities between home, hospital, recovery and death, (n, 4, 4)."""
    chain = np.zeros((len(rate), 4, 4))
    chain[:, 0, 1] = to_hospital
    chain[:, 0, 0], chain[:, 0, 2] = (
        (1 - recovery_home) * (1 - to_hospital),
        recovery_home * (1 - to_hospital),
    )
    chain[:, 1, 3] = to_death
    chain[:, 1, 1], chain[:, 1, 2] = (
        (1 - recovery_hospital) * (1 - to_death),
        recovery_hospital * (1 - to_death),
    )
    chain[:, 2, 3] = 1 - np.exp(-rate / WEEKS)
    chain[:, 2, 2] = 1 - chain[:, 2, 3]
    chain[:, 3, 3] = 1.0
    return chain


def _occupancy(chain: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weeks in each state, (n, 4, 2), and the share dead at the end, (n, 2), by treatment."""
    state = np.zeros((len(start), 4, 2))
    state[:, 0] = start
    total = state.copy()
    for _ in range(WEEKS):
        state = np.einsum("nsk,nst->ntk", state, chain)
        total += state
    return total, state[:, 3]


def _beta(r: RStream, n: int, mean: float, deviation: float) -> np.ndarray:
    first = ((1 - mean) / deviation**2 - 1 / mean) * mean**2
    return r.rbeta(n, first, first * (1 / mean - 1))


def _lognormal(r: RStream, n: int, mean: float, deviation: float) -> np.ndarray:
    variance = np.log1p(deviation**2 / mean**2)
    return np.exp(r.rnorm(n, np.log(mean) - variance / 2, np.sqrt(variance)))
