"""The Monte Carlo error of what is averaged over replicates: of the replicates, the patients and the worlds.

Replicates that come from one bank share its worlds (draws of the prior or posterior) and the patients in
them, so more replicates alone do not make a number exact. A world and its patients are one cluster, under
every rival: what is left out together is what was drawn together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.special import stdtrit
from calor.trial.bank.bank import FEWEST_WORLDS, Bank
from calor.trial.bank.intervals import Interval
from calor.trial.designs.replicates import Replicates

Positions = NDArray[np.int64]


def known_or_none(value: float) -> float | None:
    """Return a number, or None where it is not finite: JSON has no word for that."""
    return float(value) if np.isfinite(value) else None


@dataclass(frozen=True)
class WithError:
    """A number from simulation and its Monte Carlo error (one standard error).

    `replicates_error` is the part of it that more replicates of the same bank would take away. The rest
    comes from the finite bank: its worlds and the patients in each.
    """

    value: float
    mc_error: float
    replicates_error: float = 0.0

    @property
    def bank_error(self) -> float:
        """The part of the error that only a larger bank would take away."""
        return float(np.sqrt(max(0.0, self.mc_error**2 - self.replicates_error**2)))

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data, None for what cannot be had."""
        return {
            "value": known_or_none(self.value),
            "mc_error": known_or_none(self.mc_error),
            "mc_error_of_bank": known_or_none(self.bank_error),
        }

    def root(self) -> WithError:
        """Return the root of a number that is not negative, its error to first order."""
        root = float(np.sqrt(self.value))
        slope = 0.5 / root if root > 0 else 0.0
        return WithError(root, slope * self.mc_error, slope * self.replicates_error)

    def share_interval(self, worlds: int) -> Interval:
        """Return the 95 % Monte Carlo interval of a share: Student's t over the worlds, within 0 and 1."""
        half = float(stdtrit(max(worlds - 1, 1), 0.975)) * self.mc_error
        return Interval(max(0.0, self.value - half), min(1.0, self.value + half))


class MonteCarlo:
    """Averages over the replicates of a bank, each with its error.

    The variance is the delete-one-world jackknife's, (K - 1) / K Σ_k (m_(k) - m_(.))², where m_(k) is the
    mean without world k under any rival and the rivals keep their shares of the replicates, and what the
    random shares of the rivals add. It holds the patients, who differ from world to world. A bank of fewer
    than ten worlds says little about their spread: there the error is at least that of the replicates and
    of a bootstrap over the patients of each world (its limit, the infinitesimal jackknife). No error exceeds
    the spread of a single replicate: that of a share p is at most √(p (1 - p)).
    Source: Efron and Stein (1981), Ann Stat 9:586-96; Efron (2014), J Am Stat Assoc 109:991-1007.
    """

    def __init__(self, bank: Bank, replicates: Replicates) -> None:
        self.bank = bank
        self.cells = replicates.cells
        self.people = replicates.people
        self.enriched = replicates.enriched
        self.before_choice = replicates.before_choice
        self.world_of_cell = np.unique(bank.world_of_cell, return_inverse=True)[1]
        self.rival_of_cell = bank.rival_of_cell

    def mean(self, values: Numbers | NDArray[np.bool_] | Positions) -> WithError:
        """Return the mean of the replicates' values (r,), those that are finite, with its error."""
        numbers = np.asarray(values, dtype=np.float64)
        finite = np.isfinite(numbers)
        numbers, cells = numbers[finite], self.cells[finite]
        if not len(numbers):
            return WithError(float("nan"), float("nan"), float("nan"))
        within = float(numbers.var(ddof=1) / len(numbers)) if len(numbers) > 1 else 0.0
        least = within
        if self.bank.n_worlds < FEWEST_WORLDS:
            least += self._variance_by_patients(numbers, finite)
        between = jackknife_variance(numbers, self.rival_of_cell[cells], self.world_of_cell[cells])
        variance = min(max(between, least), float(numbers.var()))
        return WithError(float(numbers.mean()), float(np.sqrt(variance)), float(np.sqrt(within)))

    def share(self, happened: NDArray[np.bool_]) -> WithError:
        """Return the share of replicates in which something happened (r,), with its error.

        Where it happened in none or in all, the error is that of p̃ = 1 / (n + 2), which Laplace's rule of
        succession gives: √(p̃ (1 - p̃) / n). That none of a hundred trials did it does not show that none does.
        """
        if happened.any() and not happened.all():
            return self.mean(happened)
        chance = 1 / (len(happened) + 2)
        error = float(np.sqrt(chance * (1 - chance) / len(happened)))
        return WithError(float(happened.all()), error, error)

    def _variance_by_patients(self, values: Numbers, finite: NDArray[np.bool_]) -> float:
        """Return the variance that a bootstrap over the patients of each world tends to.

        Σ_i D_i² with D_i the covariance of the value and the times that patient i takes part, less what
        the finite number of replicates adds to it. A person is the same under every rival. The design may
        choose, once it has seen some patients, who may follow: those who do are held against the replicates
        that chose alike, since the choice itself says nothing about who of the allowed is drawn.
        Arguments: the finite values, and which of the replicates they are.
        """
        cells, people = self.cells[finite], self.people[finite]
        after = np.arange(people.shape[1]) >= self.before_choice[finite][:, None]
        excess = np.where(
            after,
            _about_mean(values, 2 * cells + self.enriched[finite])[:, None],
            _about_mean(values, cells)[:, None],
        )
        person = np.unique(self.bank.patients.identifiers, return_inverse=True)[1][people]
        slopes = np.bincount(person.ravel(), excess.ravel()) / len(values)
        pool = np.array([cell.stop - cell.start for cell in self.bank.cells])[cells]
        noise = (excess**2 * (1 - 1 / pool)[:, None]).sum() / len(values) ** 2
        return max(0.0, float((slopes**2).sum() - noise))


def _about_mean(values: Numbers, groups: Positions) -> Numbers:
    """Return values (r,) less the mean of their group (r,), numbered from 0."""
    size = np.bincount(groups)
    return np.asarray(values - (np.bincount(groups, values) / np.maximum(size, 1))[groups])


def jackknife_variance(values: Numbers, rivals: Positions, worlds: Positions) -> float:
    """Return the variance of the mean of values over worlds that were drawn and rivals that were not.

    Arguments: the values and, for each of them, its rival and its world, numbered from 0, (r,) each. 0 for a
    single world.
    """
    rivals, worlds = (np.unique(codes, return_inverse=True)[1] for codes in (rivals, worlds))
    n_rivals, n_worlds = int(rivals.max()) + 1, int(worlds.max()) + 1
    at = rivals * n_worlds + worlds
    total, count = (
        np.bincount(at, weights, n_rivals * n_worlds).reshape(n_rivals, n_worlds)
        for weights in (values, np.ones(len(values)))
    )
    share = count.sum(axis=1) / len(values)
    mean = total.sum(axis=1) / count.sum(axis=1)
    of_rivals = float(share @ (mean - share @ mean) ** 2) / len(values)
    if n_worlds < 2:
        return of_rivals
    left = count.sum(axis=1, keepdims=True) - count
    without = np.divide(
        total.sum(axis=1, keepdims=True) - total,
        left,
        out=np.repeat(mean[:, None], n_worlds, axis=1),
        where=left > 0,
    )
    means = share @ without
    return float((n_worlds - 1) / n_worlds * ((means - means.mean()) ** 2).sum()) + of_rivals
