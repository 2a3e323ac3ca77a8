"""Responders compared by logistic regression: the log odds ratio at equal baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from calor.core.special import expit
from calor.trial.analysis.columns import arm_indicators, centred, stratum_indicators
from calor.trial.analysis.data import Flags, Floats, ParallelData
from calor.trial.analysis.estimate import Contrast, Estimability, Estimate, t_estimate
from calor.trial.analysis.patterns import orthonormal
from calor.trial.analysis.risk_difference import check_responders

MOST_ITERATIONS = 50
TOLERANCE = 1e-10
LARGEST_COEFFICIENT = 15.0
"""A log odds ratio beyond it says that the data separate responders from others: no estimate exists."""


@dataclass(frozen=True)
class Logistic:
    """The log odds ratio of response by maximum likelihood, with Wald's normal inference.

    logit P(response) = arm + baseline + stratum, where the data have a baseline and strata. Data that a
    covariate or an arm separates have no finite estimate: such a replicate is `NOT_CONVERGED`.
    Raises InputError where an outcome is neither 0 nor 1.
    """

    missing_data: ClassVar[str] = "patients without outcome or baseline are left out (complete cases)"

    def estimate(self, data: ParallelData, contrast: Contrast) -> Estimate:
        """Return the log odds ratio for every replicate."""
        check_responders(data.outcome)
        used = data.randomised & ~np.isnan(data.outcome)
        columns: list[Floats] = [np.ones_like(data.outcome)]
        if data.baseline is not None:
            used &= ~np.isnan(data.baseline)
            columns.append(centred(data.baseline, used))
        columns += stratum_indicators(data.stratum, used)
        columns += arm_indicators(data.arm, contrast)
        design = np.where(used[:, :, None], np.stack(columns, axis=2), 0.0)
        transform, kept = orthonormal(np.swapaxes(design, 1, 2) @ design)
        fit = _fit(design @ transform, np.where(used, data.outcome, 0.0), used, kept)
        scale = transform[:, -1, -1]
        effect, error = fit.coefficients[:, -1] * scale, np.sqrt(fit.variance_of_last) * np.abs(scale)
        estimability = np.select(
            [~kept[:, -1], ~fit.converged | (np.abs(effect) > LARGEST_COEFFICIENT)],
            [Estimability.TOO_FEW, Estimability.NOT_CONVERGED],
            Estimability.ESTIMATED,
        ).astype(np.int8)
        return t_estimate(contrast, effect, error, np.full(len(effect), np.inf), estimability)


@dataclass(frozen=True)
class _Fit:
    coefficients: Floats
    variance_of_last: Floats
    converged: Flags


def _fit(design: Floats, outcome: Floats, used: Flags, kept: Flags) -> _Fit:
    """Return the maximum-likelihood fit on orthonormal columns, by Newton's method."""
    n_replicates, _, size = design.shape
    dropped = np.einsum("ri,ij->rij", ~kept, np.eye(size))
    coefficients = np.zeros((n_replicates, size))
    information = np.broadcast_to(np.eye(size), (n_replicates, size, size)).copy()
    converged = np.zeros(n_replicates, dtype=bool)
    limit = 4 * LARGEST_COEFFICIENT * np.sqrt(design.shape[1])
    running = np.arange(n_replicates)
    for _ in range(MOST_ITERATIONS):
        rows = design[running]
        rate = expit(np.einsum("rnp,rp->rn", rows, coefficients[running]))
        weight = np.where(used[running], rate * (1 - rate), 0.0)
        score = np.einsum("rnp,rn->rp", rows, np.where(used[running], outcome[running] - rate, 0.0))
        information[running] = np.swapaxes(rows * weight[:, :, None], 1, 2) @ rows + dropped[running]
        regular = np.linalg.eigvalsh(information[running])[:, 0] > 1e-9
        running, score = running[regular], score[regular]
        step = np.linalg.solve(information[running], score[:, :, None])[:, :, 0]
        coefficients[running] += step
        done = np.abs(step).max(axis=1, initial=0.0) < TOLERANCE
        converged[running[done]] = True
        lost = np.abs(coefficients[running]).max(axis=1, initial=0.0) > limit
        running = running[~done & ~lost]
        if not len(running):
            break
    variance = np.full(n_replicates, np.nan)
    variance[converged] = np.linalg.inv(information[converged])[:, -1, -1]
    return _Fit(coefficients, variance, converged)
