"""The test of several contrasts of means at once: which contrasts, and what the largest must reach."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import brentq, fdtr, ndtri

DIRECTIONS = 40_000
"""Directions over which the test's error is averaged, each with its opposite; the error is below 1e-5."""

LARGEST_CRITICAL_VALUE = 1e4

RECIPROCAL_DEGREES = (0.0, 0.005, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
"""One over the degrees of freedom at which critical values are computed, to be interpolated between."""


def optimal_contrasts(curves: Numbers, counts: Numbers) -> Numbers:
    """Return the contrast of means that most likely shows each curve, (m, k), each of length 1.

    c ∝ n_i (f_i - Σ n f / Σ n). Arguments: the curves at the doses (m, k), the patients of each (k,).
    Source: Bretz, Pinheiro and Branson (2005), Biometrics 61:738-48.
    """
    centred = curves - (curves @ counts / counts.sum())[:, None]
    contrasts = centred * counts
    return np.asarray(contrasts / np.linalg.norm(contrasts, axis=1, keepdims=True))


def correlation_of(contrasts: Numbers, counts: Numbers) -> Numbers:
    """Return the correlation of contrasts (m, k) of independent means of so many patients (k,)."""
    covariance = (contrasts / counts) @ contrasts.T
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


class LargestOfSeveral:
    """The law of the largest of several t statistics with a common error and some correlation.

    With statistics a_i · X / s for a standard normal X of q dimensions, direction u and h = max a_i · u, the
    largest is at most c where |X|² / s² is at most (c / h)², an F law: the probability is its mean over the
    directions, which are taken from a rank-1 lattice. A correlation that is not of full rank needs no care.
    Argument: the correlation (m, m).
    """

    def __init__(self, correlation: Numbers) -> None:
        values, vectors = np.linalg.eigh(correlation)
        kept = values > 1e-9 * values.max()
        roots = vectors[:, kept] * np.sqrt(values[kept])
        self.rank = int(kept.sum())
        along = directions(self.rank) @ roots.T
        self.reach = np.concatenate([along.max(axis=1), -along.min(axis=1)])

    def exceeds(self, critical: float, degrees: float) -> float:
        """Return the probability that the largest statistic exceeds a value above 0."""
        ahead = self.reach[self.reach > 0]
        squared = (critical / ahead) ** 2 / self.rank
        # Beyond some degrees of freedom the F law is that of a chi squared to every digit that counts.
        held = fdtr(self.rank, min(degrees, 1e8), squared)
        return float((1.0 - held).sum() / len(self.reach))

    def critical_value(self, alpha: float, degrees: float) -> float:
        """Return what the largest statistic exceeds with a probability below one half."""
        return float(
            brentq(
                lambda value: self.exceeds(value, degrees) - alpha, 1e-3, LARGEST_CRITICAL_VALUE, xtol=1e-7
            )
        )


def critical_values(correlation: Numbers, alpha: float, degrees: Numbers) -> Numbers:
    """Return the critical value of the largest statistic at each number of degrees of freedom, (r,).

    Between computed ones it is interpolated by a cubic in one over the degrees; NaN below 1.
    """
    nodes = np.array(RECIPROCAL_DEGREES)
    known = np.array(_at_nodes(tuple(map(tuple, correlation)), alpha))
    from scipy.interpolate import PchipInterpolator  # SciPy takes long to load

    reciprocal = np.divide(1.0, degrees, out=np.full(degrees.shape, 2.0), where=degrees >= 1)
    return np.asarray(np.exp(PchipInterpolator(nodes, np.log(known), extrapolate=False)(reciprocal)))


@lru_cache(maxsize=16)
def _at_nodes(correlation: tuple[tuple[float, ...], ...], alpha: float) -> tuple[float, ...]:
    law = LargestOfSeveral(np.array(correlation))
    return tuple(law.critical_value(alpha, 1 / max(each, 1e-9)) for each in RECIPROCAL_DEGREES)


def directions(dimension: int) -> Numbers:
    """Return directions that fill a sphere evenly, (n, dimension).

    Normal scores of a lattice whose steps are powers of the root of x^(d + 1) = x + 1, brought to length 1.
    Source: Roberts (2018), The unreasonable effectiveness of quasirandom sequences.
    """
    if dimension == 1:
        return np.ones((1, 1))
    root = 2.0
    for _ in range(60):
        root = (1 + root) ** (1 / (dimension + 1))
    steps = root ** -np.arange(1.0, dimension + 1)
    shares = (0.5 + np.arange(1, DIRECTIONS + 1)[:, None] * steps) % 1.0
    scores = ndtri(shares)
    return np.asarray(scores / np.linalg.norm(scores, axis=1, keepdims=True))
