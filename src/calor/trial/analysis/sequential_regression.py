"""Repeated measures as a chain of regressions of each visit on covariates and earlier visits.

y_t = x'b_t + Σ_s<t φ_ts y_s + e_t, e_t ~ N(0, σ_t²). The chain is a multivariate normal distribution with an
unstructured covariance, common to the arms. Where each patient is seen without gaps until a last visit, the
posterior under the prior ∝ Π 1/σ_t² is that of each regression on its own: σ_t² = SSE_t / χ², coefficients
normal around least squares. Source: Rubin (1987), Multiple Imputation for Nonresponse in Surveys, 5.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import chdtri
from calor.core.streams import Stream
from calor.trial.analysis.data import Flags, Integers
from calor.trial.analysis.patterns import orthonormal

SMALLEST_SD = 1e-8
"""Share of the largest residual deviation that a visit's own counts as at least: one that does not vary still
has a precision."""


@dataclass(frozen=True)
class VisitRegression:
    """One visit's regression in every replicate, on columns made orthonormal by T.

    Arguments: T (n_replicates, n_columns, n_columns), where the columns are covariates, then earlier visits;
    which columns are independent and the least-squares coefficients on them (n_replicates, n_columns); the
    sum of squared residuals and its degrees of freedom (n_replicates,).
    """

    transform: Numbers
    kept: Flags
    coefficients: Numbers
    squares: Numbers
    degrees: Numbers


@dataclass(frozen=True)
class ChainParameters:
    """Parameters of the chain: `fixed` b (n_replicates, n_visits, n_covariates), `carried` φ (n_replicates,
    n_visits, n_visits; strictly lower triangular) and `sd` σ (n_replicates, n_visits)."""

    fixed: Numbers
    carried: Numbers
    sd: Numbers


def fit_chain(covariates: Numbers, outcome: Numbers, last: Integers, used: Flags) -> list[VisitRegression]:
    """Return every visit's regression over the patients who were followed at least until it.

    Arguments: covariates (n_replicates, n_patients, n_covariates), outcomes without gaps up to each patient's
    last visit (n_replicates, n_patients, n_visits), the number of visits until it, and who counts.
    """
    filled = np.nan_to_num(outcome)
    regressions = []
    for visit in range(outcome.shape[2]):
        followed = used & (last > visit)
        columns = np.concatenate([covariates, filled[:, :, :visit]], axis=2) * followed[:, :, None]
        response = filled[:, :, visit] * followed
        transform, kept = orthonormal(np.swapaxes(columns, 1, 2) @ columns)
        scores = np.einsum("rnc,rn->rc", columns, response)
        coefficients = np.einsum("rcd,rc->rd", transform, scores)
        residuals = response - np.einsum("rnc,rcd,rd->rn", columns, transform, coefficients, optimize=True)
        squares = np.einsum("rn,rn->r", residuals, residuals)
        degrees = followed.sum(axis=1) - kept.sum(axis=1).astype(np.float64)
        regressions.append(VisitRegression(transform, kept, coefficients, squares, degrees))
    return regressions


def draw_chain(regressions: list[VisitRegression], stream: Stream, replicates: Integers) -> ChainParameters:
    """Return a draw of the parameters from their posterior, keyed by the replicates' identifiers."""
    n_visits = len(regressions)
    n_covariates = regressions[0].transform.shape[1]
    shape = (len(replicates), n_visits)
    fixed, carried = np.zeros((*shape, n_covariates)), np.zeros((*shape, n_visits))
    sd = np.zeros(shape)
    chances = stream.child("variance").uniforms(replicates, n_visits)
    for visit, regression in enumerate(regressions):
        sd[:, visit] = np.sqrt(regression.squares / chdtri(regression.degrees, chances[:, visit]))
        size = regression.transform.shape[1]
        normals = stream.child("coefficients", visit).normals(replicates, size)
        place = np.maximum(np.cumsum(regression.kept, axis=1) - 1, 0)  # columns that drop out take no number
        noise = np.take_along_axis(normals, place, axis=1) * regression.kept
        drawn = regression.coefficients + sd[:, [visit]] * noise
        original = np.einsum("rcd,rd->rc", regression.transform, drawn)
        fixed[:, visit] = original[:, :n_covariates]
        carried[:, visit, :visit] = original[:, n_covariates:]
    return ChainParameters(fixed, carried, sd)


def marginal_means(fixed: Numbers, carried: Numbers, covariates: Numbers) -> Numbers:
    """Return the mean of every visit given covariates alone: m_t = x'b_t + Σ_s φ_ts m_s.

    Arguments, row by row: b (n_rows, n_visits, n_covariates), φ (n_rows, n_visits, n_visits), covariates
    (n_rows, n_covariates). Returns (n_rows, n_visits).
    """
    own: Numbers = np.einsum("ivc,ic->iv", fixed, covariates)
    means: Numbers = np.zeros_like(own)
    for visit in range(own.shape[1]):
        means[:, visit] = own[:, visit] + np.einsum("is,is->i", carried[:, visit], means)
    return means


def draw_gaps(
    parameters: ChainParameters,
    covariates: Numbers,
    outcome: Numbers,
    gaps: Flags,
    last: Integers,
    noise: Numbers,
) -> Numbers:
    """Return outcomes with the gaps before each patient's last visit drawn once, visit by visit (Gibbs).

    Given the other visits, y_s is normal with precision 1/σ_s² + Σ_t>s φ_ts²/σ_t², over t up to the last.
    Arguments: row by row as in `marginal_means` (parameters, covariates), outcomes and gaps (n_rows,
    n_visits), the number of visits until the last (n_rows,), and standard normal noise (n_rows, n_visits).
    """
    filled = outcome.copy()
    n_visits = outcome.shape[1]
    followed = np.arange(n_visits) < last[:, None]
    least = np.maximum(SMALLEST_SD * parameters.sd.max(axis=1, keepdims=True), 1e-100)
    precision = np.where(followed, np.maximum(parameters.sd, least) ** -2.0, 0.0)
    own = np.einsum("ivc,ic->iv", parameters.fixed, covariates)
    for visit in range(n_visits):
        without = filled.copy()
        without[:, visit] = 0.0
        rest = without - own - np.einsum("ivs,is->iv", parameters.carried, without)
        pull = -parameters.carried[:, :, visit]
        pull[:, visit] = 1.0
        total = (pull**2 * precision).sum(axis=1)
        mean = -(pull * rest * precision).sum(axis=1) / np.where(total > 0, total, 1.0)
        drawn = mean + noise[:, visit] / np.sqrt(np.where(total > 0, total, 1.0))
        filled[:, visit] = np.where(gaps[:, visit], drawn, filled[:, visit])
    return filled
