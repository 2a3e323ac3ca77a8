"""Responders compared by logistic regression: the marginal log odds ratio, standardised over baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import expit, logit
from calor.trial.analysis.columns import arm_indicators, centred, stratum_indicators
from calor.trial.analysis.data import Flags, ParallelData
from calor.trial.analysis.estimate import Contrast, Estimability, Estimate, t_estimate
from calor.trial.analysis.method import Effect, Method
from calor.trial.analysis.patterns import orthonormal
from calor.trial.analysis.risk_difference import check_responders

MOST_ITERATIONS = 50
TOLERANCE = 1e-10
LARGEST_COEFFICIENT = 15.0
"""A log odds ratio beyond it says that the data separate responders from others: no estimate exists."""


@dataclass(frozen=True)
class Logistic:
    """The log of the odds ratio of response had everybody been in one arm, or everybody in the other.

    logit P(response) = arm + baseline + stratum, where the data have a baseline and strata, by maximum
    likelihood; p_a is the mean over all patients of the fitted probability in arm a, and the effect is
    logit(p_1) - logit(p_0). It is the question of the whole population: the model's own coefficient is a
    ratio at equal baseline, which is another number (odds ratios do not collapse). Randomised arms make
    it consistent whether or not the model is right. Its error is that of the joint estimating equations
    (sandwich), which holds the spread of the baseline too; inference is Wald's, normal.
    Data that a covariate or an arm separates have no finite estimate: such a replicate is `NOT_CONVERGED`.
    Raises InputError where an outcome is neither 0 nor 1.
    Source: Moore and van der Laan (2009), Stat Med 28:39-64; Ge et al. (2011), Drug Inf J 45:481-93.
    """

    missing_data: ClassVar[str] = "patients without outcome or baseline are left out (complete cases)"

    def estimate(self, data: ParallelData, contrast: Contrast) -> Estimate:
        """Return the marginal log odds ratio for every replicate."""
        check_responders(data.outcome)
        fit = fit_logistic(data, contrast)
        active, active_influence = fit.standardised(arm=1.0)
        control, control_influence = fit.standardised(arm=0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            influence = active_influence / (active * (1 - active))[:, None]
            influence -= control_influence / (control * (1 - control))[:, None]
            effect = logit(active) - logit(control)
        error = np.sqrt((influence**2).sum(axis=1)) / np.maximum(fit.used.sum(axis=1), 1)
        estimability = np.select(
            [~fit.determined, ~fit.converged | (np.abs(fit.coefficient) > LARGEST_COEFFICIENT)],
            [Estimability.TOO_FEW, Estimability.NOT_CONVERGED],
            Estimability.ESTIMATED,
        ).astype(np.int8)
        return t_estimate(contrast, effect, error, np.full(len(effect), np.inf), estimability)


@dataclass(frozen=True)
class LogisticFit:
    """A logistic regression of every replicate, on columns that a transform makes orthonormal.

    Arguments: the columns (n_replicates, n_patients, n_columns), those of the arms last and the contrast's
    active arm last of all; the transform (n_replicates, n_columns, n_columns); outcomes, 0 where they do not
    count, and which count (n_replicates, n_patients); coefficients on the transformed columns and the inverse
    of their information; whether the contrast is determined and the fit converged (n_replicates,); and the
    number of columns that say the arm.
    """

    columns: Numbers
    transform: Numbers
    outcome: Numbers
    used: Flags
    coefficients: Numbers
    inverse: Numbers
    determined: Flags
    converged: Flags
    n_arm_columns: int

    @property
    def coefficient(self) -> Numbers:
        """The active arm's own coefficient: the log odds ratio at equal baseline and stratum."""
        return np.asarray(self.coefficients[:, -1] * self.transform[:, -1, -1])

    @property
    def standard_error(self) -> Numbers:
        """The standard error of that coefficient under the model."""
        return np.asarray(np.sqrt(self.inverse[:, -1, -1]) * np.abs(self.transform[:, -1, -1]))

    def standardised(self, arm: float) -> tuple[Numbers, Numbers]:
        """Return the mean fitted response had everybody been in the active arm (1) or the control arm (0).

        Also the influence of each patient on it (n_replicates, n_patients): the patient's own fitted
        response less the mean, and what the patient moves the coefficients.
        """
        columns = self.columns.copy()
        columns[:, :, -self.n_arm_columns :] = 0.0
        columns[:, :, -1] = arm
        columns = np.where(self.used[:, :, None], columns, 0.0) @ self.transform
        count = np.maximum(self.used.sum(axis=1), 1)
        rate = np.where(self.used, expit(np.einsum("rnp,rp->rn", columns, self.coefficients)), 0.0)
        mean = rate.sum(axis=1) / count
        slope = np.einsum("rn,rnp->rp", rate * (1 - rate), columns)
        own = self.columns @ self.transform
        fitted = expit(np.einsum("rnp,rp->rn", own, self.coefficients))
        residual = np.where(self.used, self.outcome - fitted, 0.0)
        moved = np.einsum("rnp,rpq,rq->rn", own, self.inverse, slope, optimize=True) * residual
        return mean, np.where(self.used, rate - mean[:, None], 0.0) + moved


def fit_logistic(data: ParallelData, contrast: Contrast) -> LogisticFit:
    """Return the regression of response on baseline and strata, where the data have them, and arm."""
    used = data.randomised & ~np.isnan(data.outcome)
    columns: list[Numbers] = [np.ones_like(data.outcome)]
    if data.baseline is not None:
        used &= ~np.isnan(data.baseline)
        columns.append(centred(data.baseline, used))
    columns += stratum_indicators(data.stratum, used)
    arms = arm_indicators(data.arm, contrast)
    design = np.where(used[:, :, None], np.stack([*columns, *arms], axis=2), 0.0)
    transform, kept = orthonormal(np.swapaxes(design, 1, 2) @ design)
    outcome = np.where(used, data.outcome, 0.0)
    coefficients, inverse, converged = _fit(design @ transform, outcome, used, kept)
    return LogisticFit(
        columns=design,
        transform=transform,
        outcome=outcome,
        used=used,
        coefficients=coefficients,
        inverse=inverse,
        determined=kept[:, -1],
        converged=converged,
        n_arm_columns=len(arms),
    )


def _fit(design: Numbers, outcome: Numbers, used: Flags, kept: Flags) -> tuple[Numbers, Numbers, Flags]:
    """Return coefficients, inverse information (NaN for none) and whether Newton's method settled."""
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
    inverse = np.full_like(information, np.nan)
    inverse[converged] = np.linalg.inv(information[converged])
    return coefficients, inverse, converged


METHODS = (
    Method(
        name="logistic",
        estimator=Logistic(),
        effect=Effect.LOG_ODDS_RATIO,
        responders=True,
        adjusts_for_baseline=True,
    ),
)
