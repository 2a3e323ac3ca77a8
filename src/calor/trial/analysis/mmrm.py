"""Mixed model for repeated measures: arms compared at a visit, with every visit's outcomes used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.trial.analysis.ancova import Ancova
from calor.trial.analysis.columns import arm_indicators, centred, stratum_indicators
from calor.trial.analysis.data import Flags, LongitudinalData
from calor.trial.analysis.estimate import (
    ROUNDING_OF_SUMS,
    Contrast,
    Estimability,
    Estimate,
    chosen,
    t_estimate,
)
from calor.trial.analysis.kenward_roger import kenward_roger
from calor.trial.analysis.method import Method, Reads
from calor.trial.analysis.patterns import PatternSums, orthonormal, pattern_sums
from calor.trial.analysis.reml import Gls, fit_reml, generalised_least_squares, ordinary_least_squares

CHUNK_BYTES = 16_000_000
"""Working memory of a chunk of replicates: about what a processor's cache holds, which is fastest."""


@dataclass(frozen=True)
class Mmrm:
    """The difference of two arms at one visit from all visits; covariance unstructured, REML, Kenward-Roger.

    Mean at each visit: arm, baseline and strata, each with its own coefficient at every visit. Where nothing
    is missing the estimate is the ANCOVA of that visit, and so is its exact t inference.
    Arguments: the visit, by its index (-1: the last). Raises InputError where the data lack the visit.
    Source: Mallinckrodt et al. (2008), Drug Inf J 42:303-19; Kenward and Roger (1997), Biometrics 53:983-97.
    """

    visit: int = -1
    missing_data: ClassVar[str] = (
        "missing at random given baseline and seen visits; patients without baseline or visits are left out"
    )

    def estimate(self, data: LongitudinalData, contrast: Contrast) -> Estimate:
        """Return the contrast at the visit for every replicate."""
        visit = data.visit_index(self.visit)
        used = data.randomised & ~np.isnan(data.baseline) & ~np.isnan(data.outcome).all(axis=2)
        complete = _all_seen(data.outcome, used)
        columns = [
            np.ones_like(data.baseline),
            centred(data.baseline, used),
            *stratum_indicators(data.stratum, used),
        ]
        model = RepeatedModel(visit, len(columns), baseline_response=False)
        shared = np.stack(columns, axis=2)
        estimate = model.estimate(shared, data.outcome, data.arm, used, ~complete, contrast)
        return chosen(complete, Ancova().estimate(data.at_visit(visit), contrast), estimate)


@dataclass(frozen=True)
class Clda:
    """Constrained longitudinal data analysis: the baseline is a response whose mean the arms share.

    Covariance unstructured over baseline and visits, REML, Kenward-Roger. Strata act on baseline and visits.
    A patient without any visit still informs the baseline's mean.
    Arguments: the visit, by its index (-1: the last). Raises InputError where the data lack the visit.
    Source: Liang and Zeger (2000), Sankhya B 62:134-48; Liu et al. (2009), Stat Med 28:2509-30.
    """

    visit: int = -1
    missing_data: ClassVar[str] = (
        "missing at random given what is observed of baseline and visits; all randomised patients are used"
    )

    def estimate(self, data: LongitudinalData, contrast: Contrast) -> Estimate:
        """Return the contrast at the visit for every replicate."""
        visit = data.visit_index(self.visit)
        responses = np.concatenate([data.baseline[:, :, None], data.outcome], axis=2)
        used = data.randomised & ~np.isnan(responses).all(axis=2)
        columns = [np.ones_like(data.baseline), *stratum_indicators(data.stratum, used)]
        model = RepeatedModel(visit + 1, len(columns), baseline_response=True)
        everyone = np.ones(len(used), dtype=bool)
        return model.estimate(np.stack(columns, axis=2), responses, data.arm, used, everyone, contrast)


@dataclass(frozen=True)
class RepeatedModel:
    """A repeated-measures model of arms with an unstructured covariance.

    Arguments: the response at which arms are compared, the number of covariates that all arms share, and
    whether response 0 is the baseline, on which arms do not act.
    """

    response: int
    n_shared: int
    baseline_response: bool

    def estimate(
        self,
        shared: Numbers,
        responses: Numbers,
        arm: NDArray[np.int64],
        used: Flags,
        wanted: Flags,
        contrast: Contrast,
    ) -> Estimate:
        """Return the contrast of the wanted replicates; the others count as too few.

        Arguments: shared covariates (n_replicates, n_patients, n_shared), responses (n_replicates,
        n_patients, n_responses) with NaN where missing, arm and who counts (n_replicates, n_patients), and
        flags (n_replicates,).
        """
        n_replicates = len(responses)
        effect, error, degrees = (np.full(n_replicates, np.nan) for _ in range(3))
        estimability = np.full(n_replicates, Estimability.TOO_FEW, dtype=np.int8)
        arms = np.stack(arm_indicators(arm, contrast), axis=2)
        for rows in _chunks(np.flatnonzero(wanted), responses.shape[2], self.n_shared + arms.shape[2]):
            covariates = np.concatenate([shared[rows], arms[rows]], axis=2)
            sums = pattern_sums(covariates, responses[rows], used[rows])
            effect[rows], error[rows], degrees[rows], estimability[rows] = self._fit(sums)
        return t_estimate(contrast, effect, error, degrees, estimability)

    def _fit(self, sums: PatternSums) -> tuple[Numbers, Numbers, Numbers, NDArray[np.int8]]:
        """Return effect, standard error, degrees of freedom and estimability of the last covariate."""
        transform, kept = orthonormal(sums.xx.sum(axis=1))
        sums = sums.with_covariates(transform)
        allowed = np.repeat(kept[:, None, :], sums.n_responses, axis=1)
        if self.baseline_response:
            allowed[:, 0, self.n_shared :] = False
        estimability = _estimability(sums, kept)
        effect, error, degrees = (np.full(len(kept), np.nan) for _ in range(3))
        ready = estimability == Estimability.ESTIMATED
        scale = transform[:, -1, -1]
        plain, varies = _variation(sums.rows(ready), allowed[ready])
        effect[ready] = plain.coefficients[:, -1, self.response] * scale[ready]
        estimability[ready] = np.select(
            [~varies[:, self.response], ~varies.all(axis=1)],
            [Estimability.NO_VARIATION, Estimability.NOT_CONVERGED],
            Estimability.ESTIMATED,
        )
        rows = np.flatnonzero(estimability == Estimability.ESTIMATED)
        fitted = fit_reml(sums.rows(rows), allowed[rows])
        estimability[rows[~fitted.converged]] = Estimability.NOT_CONVERGED
        rows, sigma = rows[fitted.converged], fitted.sigma[fitted.converged]
        if len(rows):
            part, free = sums.rows(rows), allowed[rows]
            fit = generalised_least_squares(part, sigma, free)
            weights = np.zeros(free.shape)
            weights[:, self.response, -1] = scale[rows]
            small = kenward_roger(part, fit, weights.reshape(len(rows), -1))
            effect[rows] = fit.coefficients[:, -1, self.response] * scale[rows]
            error[rows] = np.sqrt(small.variance)
            degrees[rows] = small.degrees_of_freedom
        return effect, error, degrees, estimability


def _variation(sums: PatternSums, allowed: Flags) -> tuple[Gls, Flags]:
    """Return each response's own fit, and whether its residuals vary (n_replicates, n_responses)."""
    plain, squares = ordinary_least_squares(sums, allowed)
    size = np.einsum("rkaa->ra", sums.yy)
    return plain, np.asarray(np.sqrt(np.maximum(squares, 0.0)) > ROUNDING_OF_SUMS * np.sqrt(size))


def _estimability(sums: PatternSums, kept: Flags) -> NDArray[np.int8]:
    """Return which replicates have data enough for the contrast and the covariance.

    Every pair of responses must be seen together in more patients than there are covariates and responses,
    and at each response the covariates must still be told apart.
    """
    n_covariates = kept.sum(axis=1)
    together = sums.seen_together().min(axis=(1, 2))
    seen = sums.observed.astype(np.float64)
    at_response = (
        np.einsum("ka,rkij->raij", seen, sums.xx)
        + np.einsum("ri,ij->rij", ~kept, np.eye(kept.shape[1]))[:, None]
    )
    apart = np.linalg.eigvalsh(at_response).min(axis=(1, 2)) > 1e-8
    enough = kept[:, -1] & apart & (together > n_covariates + sums.n_responses)
    return np.where(enough, Estimability.ESTIMATED, Estimability.TOO_FEW).astype(np.int8)


def _all_seen(outcome: Numbers, used: Flags) -> Flags:
    """Return which replicates miss no visit of any patient who counts."""
    return np.asarray(~(np.isnan(outcome).any(axis=2) & used).any(axis=1))


def _chunks(rows: NDArray[np.int64], n_responses: int, n_covariates: int) -> list[NDArray[np.int64]]:
    """Return replicates in groups whose largest working array fits in memory."""
    entries = n_responses * (n_responses + 1) // 2
    bytes_each = 8 * 3 * entries * (n_responses * n_covariates) ** 2 + 8 * n_responses**4 * 4
    size = max(1, min(1000, CHUNK_BYTES // bytes_each))
    return [rows[start : start + size] for start in range(0, len(rows), size)]


METHODS = (
    Method(name="mmrm", estimator=Mmrm(), reads=Reads.VISITS, adjusts_for_baseline=True, tips=True),
    Method(name="clda", estimator=Clda(), reads=Reads.VISITS, adjusts_for_baseline=True, tips=True),
)
