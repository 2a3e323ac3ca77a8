"""Restricted maximum likelihood with compound symmetry, on many trials at once.

Outcomes of a patient: y ~ N(X b, σ_e² (I + λ 11')). For a patient seen m times, (I + λ 11')⁻¹ = I - γ 11'
with γ = λ / (1 + mλ), so the data enter through two sums for each m: cross-products of rows, and of patients'
totals. The restricted likelihood is then a function of λ alone. λ may be negative, down to where the
covariance stops being positive definite: a correlation is estimated, not a variance.
Source: Patterson and Thompson (1971), Biometrika 58:545-54; Kenward and Roger (1997), Biometrics 53:983-97.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.data import Flags

WIDEST = 15.0
"""Largest |ln(1 + Mλ)|, for M periods, that is searched: λ up to about a million."""

SINGULAR = 1e-9
"""Below this share of the product of its diagonal, the determinant of the information says it is singular."""

BISECTIONS = 55


@dataclass(frozen=True)
class ClusterSums:
    """Cross-products of covariates and outcome (the last column), for patients seen m = 1, 2 ... times.

    Arguments: `rows` and `totals`, cross-products of rows and of patients' totals (n_replicates, n_periods,
    n_columns + 1, n_columns + 1); `count`, the number of patients seen m times (n_replicates, n_periods).
    """

    rows: Numbers
    totals: Numbers
    count: Numbers

    @property
    def times(self) -> Numbers:
        """How often the patients of each group were seen: 1, 2 ... n_periods."""
        return np.arange(1.0, self.count.shape[1] + 1)

    @property
    def most(self) -> Numbers:
        """How often the patient of each replicate was seen who was seen most often, at least 1."""
        return np.asarray(np.max(np.where(self.count > 0, self.times, 1.0), axis=1))

    @property
    def n_observations(self) -> Numbers:
        """The number of outcomes of each replicate."""
        return np.asarray(self.count @ self.times)

    @property
    def empty(self) -> Flags:
        """Which columns are 0 throughout, (n_replicates, n_columns): their coefficients are 0."""
        return np.asarray(np.einsum("rmii->ri", self.rows)[:, :-1] == 0)

    def where(self, which: Flags) -> ClusterSums:
        """Return the sums of some replicates, (n_replicates,) flags."""
        return ClusterSums(self.rows[which], self.totals[which], self.count[which])

    def combined(self, of_rows: Numbers, of_totals: Numbers) -> Numbers:
        """Return Σ_m a_m rows_m + b_m totals_m for weights (n_replicates, n_periods)."""
        return np.asarray(
            np.einsum("rm,rmij->rij", of_rows, self.rows) + np.einsum("rm,rmij->rij", of_totals, self.totals)
        )


def cluster_sums(design: Numbers, outcome: Numbers) -> ClusterSums:
    """Return the sums for a design (n_replicates, n_patients, n_periods, n_columns) and outcomes with NaN."""
    seen = ~np.isnan(outcome)
    together = np.concatenate([design, np.where(seen, outcome, 0.0)[..., None]], axis=3)
    together = np.where(seen[..., None], together, 0.0)
    totals = together.sum(axis=2)
    times = seen.sum(axis=2)
    flat = (len(seen), seen.shape[1] * seen.shape[2], together.shape[3])
    of_rows, of_totals, counts = [], [], []
    for m in range(1, outcome.shape[2] + 1):
        member = times == m
        rows = (together * member[:, :, None, None]).reshape(flat)
        patients = totals * member[:, :, None]
        of_rows.append(np.swapaxes(rows, 1, 2) @ rows)
        of_totals.append(np.swapaxes(patients, 1, 2) @ patients)
        counts.append(member.sum(axis=1))
    return ClusterSums(
        np.stack(of_rows, axis=1), np.stack(of_totals, axis=1), np.stack(counts, axis=1).astype(np.float64)
    )


@dataclass(frozen=True)
class SymmetricFit:
    """The fit of every replicate.

    Arguments: coefficients (n_replicates, n_columns), their covariance (..., n_columns, n_columns), residual
    variance σ_e² and ratio λ (n_replicates,).
    """

    coefficients: Numbers
    covariance: Numbers
    residual_variance: Numbers
    ratio: Numbers

    def where(self, which: Flags) -> SymmetricFit:
        """Return the fit of some replicates, (n_replicates,) flags."""
        return SymmetricFit(
            self.coefficients[which],
            self.covariance[which],
            self.residual_variance[which],
            self.ratio[which],
        )


def fit_compound_symmetry(sums: ClusterSums, ratio: Numbers | None = None) -> SymmetricFit:
    """Return the fit at a ratio λ (n_replicates,), without one at that of the restricted maximum likelihood.

    It is found by bisection of the score in ln(1 + Mλ). The columns must be independent, but for columns of
    zeros.
    """
    if ratio is not None:
        return _at(sums, ratio)
    most = sums.most
    low = np.full(len(sums.count), -WIDEST)
    high = np.full(len(sums.count), WIDEST)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        rising = _slope(sums, np.expm1(middle) / most) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    ratio = np.expm1((low + high) / 2) / most
    return _at(sums, ratio)


def _at(sums: ClusterSums, ratio: Numbers) -> SymmetricFit:
    shrink = ratio[:, None] / (1 + sums.times * ratio[:, None])
    products = sums.combined(np.ones_like(shrink), -shrink)
    empty = np.einsum("ri,ij->rij", sums.empty, np.eye(products.shape[1] - 1))
    inverse = np.linalg.inv(products[:, :-1, :-1] + empty) - empty
    coefficients = np.einsum("rij,rj->ri", inverse, products[:, :-1, -1])
    squares = products[:, -1, -1] - np.einsum("ri,ri->r", coefficients, products[:, :-1, -1])
    variance = np.maximum(squares, 0.0) / (sums.n_observations - (~sums.empty).sum(axis=1))
    return SymmetricFit(coefficients, inverse * variance[:, None, None], variance, ratio)


def _slope(sums: ClusterSums, ratio: Numbers) -> Numbers:
    """Return the derivative of the restricted log-likelihood by λ, up to a factor above 0."""
    growth = 1 + sums.times * ratio[:, None]
    fit = _at(sums, ratio)
    slope = sums.combined(np.zeros_like(growth), -(growth**-2.0))
    vector = np.concatenate([-fit.coefficients, np.ones((len(ratio), 1))], axis=1)
    of_squares = np.einsum("ri,rij,rj->r", vector, slope, vector)
    variance = np.maximum(fit.residual_variance, 1e-300)
    of_information = np.einsum("rij,rji->r", fit.covariance / variance[:, None, None], slope[:, :-1, :-1])
    of_determinant = (sums.count * sums.times / growth).sum(axis=1)
    with np.errstate(over="ignore"):  # where nothing is left over, the sign is all that counts
        return np.asarray(-(of_determinant + of_information + of_squares / variance))


@dataclass(frozen=True)
class _Patterned:
    """Matrices a I + b 11' of each group of patients, as two numbers (n_replicates, n_periods)."""

    identity: Numbers
    ones: Numbers

    def times(self, other: _Patterned, size: Numbers) -> _Patterned:
        crossed = self.identity * other.ones + self.ones * other.identity + size * self.ones * other.ones
        return _Patterned(self.identity * other.identity, crossed)

    def trace(self, size: Numbers) -> Numbers:
        return size * (self.identity + self.ones)


def small_sample(sums: ClusterSums, fit: SymmetricFit) -> tuple[Numbers, Numbers]:
    """Return Kenward and Roger's variance and degrees of freedom of the last coefficient.

    The covariance is linear in σ_e² and λσ_e², so that its second derivatives are 0. NaN where the data
    cannot tell σ_e² and λσ_e² apart.
    """
    size = np.broadcast_to(sums.times, sums.count.shape)
    scale = fit.residual_variance[:, None]
    shrink = fit.ratio[:, None] / (1 + size * fit.ratio[:, None])
    precision = _Patterned(1 / scale + 0 * shrink, -shrink / scale)
    identity = _Patterned(np.ones_like(shrink), np.zeros_like(shrink))
    ones = _Patterned(np.zeros_like(shrink), np.ones_like(shrink))
    left = [precision.times(derivative, size) for derivative in (identity, ones)]
    phi = fit.covariance
    slopes = [-_between(sums, one.times(precision, size)) for one in left]
    second = [[one.times(other, size).times(precision, size) for other in left] for one in left]
    information = np.empty((len(phi), 2, 2))
    cost = np.empty((len(phi), 2, 2))
    reach = phi[:, :, -1]
    for i in range(2):
        for j in range(2):
            curved = _between(sums, second[i][j])
            of_covariance = (sums.count * left[i].times(left[j], size).trace(size)).sum(axis=1)
            information[:, i, j] = 0.5 * of_covariance - np.einsum("rij,rji->r", phi, curved)
            information[:, i, j] += 0.5 * np.einsum("rij,rji->r", phi @ slopes[i], phi @ slopes[j])
            inner = curved - slopes[i] @ phi @ slopes[j]
            cost[:, i, j] = np.einsum("ri,rij,rj->r", reach, inner, reach)
    size_of_information = np.abs(information[:, 0, 0] * information[:, 1, 1])
    regular = np.linalg.det(information) > SINGULAR * size_of_information
    uncertainty = np.linalg.inv(np.where(regular[:, None, None], information, np.eye(2)))
    variance = reach[:, -1]
    gradient = np.stack([-np.einsum("ri,rij,rj->r", reach, slope, reach) for slope in slopes], axis=1)
    spread = np.einsum("ri,rij,rj->r", gradient, uncertainty, gradient)
    adjusted = variance + 2 * np.einsum("rij,rij->r", uncertainty, cost)
    return np.where(regular, adjusted, np.nan), np.where(regular, 2 * variance**2 / spread, np.nan)


def _between(sums: ClusterSums, weights: _Patterned) -> Numbers:
    """Return the sum over patients of X'(a I + b 11')X."""
    return sums.combined(weights.identity, weights.ones)[:, :-1, :-1]
