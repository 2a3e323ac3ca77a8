"""ANCOVA after multiple imputation: missing at random, reference-based, or shifted by delta."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.study.analysis import Assumption
from calor.trial.analysis.ancova import Ancova
from calor.trial.analysis.data import Flags, LongitudinalData, ParallelData
from calor.trial.analysis.estimate import Contrast, Direction, Estimability, Estimate, chosen, t_estimate
from calor.trial.analysis.imputation import Completed, complete

CHUNK_PATIENTS = 40_000
"""Patients, over replicates, that are imputed at a time."""

TIPPING_BISECTIONS = 30


@dataclass(frozen=True)
class MultipleImputation:
    """The ANCOVA of one visit over completed data sets, combined by Rubin's rules.

    Effect: the mean over imputations; variance: W + (1 + 1/M) B; degrees of freedom by Barnard and Rubin.
    Where nothing is missing it is the ANCOVA. Rubin's variance is conservative under reference-based
    assumptions in the frequency sense; it keeps the information that missing data take away.
    Arguments: the stream of the imputations; the assumption about patients who left; the number of
    imputations; delta, added to imputed outcomes of all arms but the control; the visit (-1: the last).
    Raises InputError where there are fewer than 2 imputations.
    Source: Rubin (1987); Barnard and Rubin (1999), Biometrika 86:948-55; Cro et al. (2019), J R Stat Soc A
    182:623-47.
    """

    stream: Stream
    assumption: Assumption = Assumption.MISSING_AT_RANDOM
    n_imputations: int = 20
    delta: float = 0.0
    visit: int = -1

    def __post_init__(self) -> None:
        if self.n_imputations < 2:
            raise InputError.of(f"is {self.n_imputations}", key="n_imputations", allowed="2 or more")
        if not np.isfinite(self.delta):
            raise InputError.of(f"is {self.delta}", key="delta", allowed="a finite number")

    @property
    def missing_data(self) -> str:
        """What the analysis does with missing outcomes."""
        shifted = f", then shifted by {self.delta:g} outside the control arm" if self.delta else ""
        return f"imputed {self.n_imputations} times under {self.assumption}{shifted}"

    def estimate(self, data: LongitudinalData, contrast: Contrast) -> Estimate:
        """Return the combined contrast at the visit for every replicate."""
        parts = [self._estimate(part, contrast) for part in _chunks(data)]
        return t_estimate(
            contrast,
            np.concatenate([part.effect for part in parts]),
            np.concatenate([part.standard_error for part in parts]),
            np.concatenate([part.degrees_of_freedom for part in parts]),
            np.concatenate([part.estimability for part in parts]),
        )

    def tipping_point(
        self, data: LongitudinalData, contrast: Contrast, level: float, largest: float
    ) -> Numbers:
        """Return the smallest harmful shift of imputed outcomes at which the one-sided test fails.

        0 where it fails unshifted, infinite where it still succeeds at the largest shift.
        Arguments: the one-sided level and the largest shift to try, above 0. Returns (n_replicates,).
        Raises InputError where the largest shift is not above 0.
        """
        if not (np.isfinite(largest) and largest > 0):
            raise InputError.of(f"is {largest:g}", key="largest", allowed="a finite number above 0")
        return np.concatenate([self._tipping_point(part, contrast, level, largest) for part in _chunks(data)])

    def _tipping_point(
        self, data: LongitudinalData, contrast: Contrast, level: float, largest: float
    ) -> Numbers:
        completed = self._complete(data, contrast)
        harmful = 1.0 if contrast.direction is Direction.LESS else -1.0
        shifts = [np.full(len(data.outcome), self.delta + harmful * share * largest) for share in (0, 0.5, 1)]
        fits = [_fits(data, contrast, completed, shift) for shift in shifts]

        def fails(share: Numbers) -> Flags:
            estimate = _combined(contrast, completed, _between(fits, share))
            return np.asarray(estimate.p_value_one_sided > level)

        low, high = np.zeros(len(data.outcome)), np.ones(len(data.outcome))
        at_once, at_last = fails(low), fails(high)
        for _ in range(TIPPING_BISECTIONS):
            middle = (low + high) / 2
            failed = fails(middle)
            low, high = np.where(failed, low, middle), np.where(failed, middle, high)
        return np.select([at_once, ~at_last], [0.0, np.inf], high * largest)

    def _estimate(self, data: LongitudinalData, contrast: Contrast) -> Estimate:
        shift = np.full(len(data.outcome), self.delta)
        completed = self._complete(data, contrast)
        return _combined(contrast, completed, _fits(data, contrast, completed, shift))

    def _complete(self, data: LongitudinalData, contrast: Contrast) -> Completed:
        visit = data.visit_index(self.visit)
        return complete(data, contrast, self.assumption, visit, self.n_imputations, self.stream)


@dataclass(frozen=True)
class _Fits:
    """The ANCOVAs of the completed data sets: effects and squared errors (n_imputations, n_replicates), the
    worst estimability (n_replicates,), and the first of them whole, which stands where nothing is missing."""

    effects: Numbers
    variances: Numbers
    estimability: NDArray[np.int8]
    first: Estimate


def _fits(data: LongitudinalData, contrast: Contrast, completed: Completed, shift: Numbers) -> _Fits:
    """Return the ANCOVAs of the completed data sets, shifts (n_replicates,) added to what was imputed."""
    arm = np.where(completed.used, data.arm, -1)
    moved = completed.missing & (arm != contrast.control)
    shifted = completed.outcome + np.where(moved, shift[:, None], 0.0)
    each = [
        Ancova().estimate(ParallelData(outcome, arm, data.baseline, data.stratum), contrast)
        for outcome in shifted
    ]
    return _Fits(
        np.stack([one.effect for one in each]),
        np.stack([one.standard_error**2 for one in each]),
        np.max([one.estimability for one in each], axis=0).astype(np.int8),
        each[0],
    )


def _between(fits: list[_Fits], share: Numbers) -> _Fits:
    """Return the fits at shares (n_replicates,) of the way between those at 0, 1/2 and 1.

    Exact: least squares is linear in the outcome, so effects are linear in a shift and variances quadratic.
    """
    start, middle, end = fits
    weights = ((1 - share) * (1 - 2 * share), 4 * share * (1 - share), share * (2 * share - 1))
    variances = sum(weight * fit.variances for weight, fit in zip(weights, fits, strict=True))
    return _Fits(
        (1 - share) * start.effects + share * end.effects,
        np.maximum(variances, 0.0),
        np.maximum(np.maximum(start.estimability, middle.estimability), end.estimability),
        start.first,
    )


def _combined(contrast: Contrast, completed: Completed, fits: _Fits) -> Estimate:
    """Return Rubin's combination of the completed data sets' ANCOVAs."""
    count = len(fits.effects)
    between = fits.effects.var(axis=0, ddof=1)
    total = fits.variances.mean(axis=0) + (1 + 1 / count) * between
    whole = fits.first.degrees_of_freedom
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (1 + 1 / count) * between / total
        seen = (whole + 1) / (whole + 3) * whole * (1 - share)
        degrees = 1 / (share**2 / (count - 1) + 1 / seen)
    estimability = np.where(completed.enough, fits.estimability, Estimability.TOO_FEW).astype(np.int8)
    combined = t_estimate(contrast, fits.effects.mean(axis=0), np.sqrt(total), degrees, estimability)
    return chosen(np.asarray(~completed.missing.any(axis=1)), fits.first, combined)


def _chunks(data: LongitudinalData) -> list[LongitudinalData]:
    n_replicates, n_patients = data.arm.shape
    size = max(1, CHUNK_PATIENTS // max(1, n_patients))
    return [data.rows(slice(start, start + size)) for start in range(0, max(1, n_replicates), size)]
