"""Aggregated N-of-1 trials: differences within the cycles of each patient, and what patients share.

The difference of cycle k of patient i is d_ik = δ + u_i + π_k x_ik + e_ik: the mean effect, what the patient
gains more or less than the mean, the second period of the cycle against the first (x = 1 where the active arm
is second, else -1), and noise. u ~ N(0, λ σ²), e ~ N(0, σ²). A level of the patient and of each cycle drops
out of the differences.
Source: Zucker et al. (1997), J Clin Epidemiol 50:401-10; Senn (2019), Stat Methods Med Res 28:372-83.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from calor.core.arrays import Numbers
from calor.study import Misfit, NOf1, Protocol
from calor.trial.analysis.compound_symmetry import SymmetricFit, fit_compound_symmetry
from calor.trial.analysis.data import CrossoverData
from calor.trial.analysis.estimate import Contrast, Estimate
from calor.trial.analysis.individuals import IndividualEffects
from calor.trial.analysis.method import METHOD, Method, Reads
from calor.trial.analysis.symmetric_model import SymmetricModel, last_coefficient, symmetric_model


@dataclass(frozen=True)
class NOf1Mixed:
    """The mean effect of an N-of-1 series: patients' effects at random, REML, Kenward-Roger.

    The error of the mean holds how much the effect differs between patients. The variance of u is estimated
    as a covariance, which may be negative; the single patients' effects are predicted with it or with 0.
    """

    missing_data: ClassVar[str] = "cycles without an outcome in both periods are left out"

    def estimate(self, data: CrossoverData, contrast: Contrast) -> Estimate:
        """Return the mean effect for every replicate."""
        return last_coefficient(differences(data, contrast), contrast)

    def individuals(self, data: CrossoverData, contrast: Contrast) -> IndividualEffects:
        """Return each patient's own difference, and its best prediction from all patients.

        The error of a prediction is that at the estimated variances (Henderson), which makes it too small
        where few patients tell how much they differ.
        """
        model = differences(data, contrast)
        fit = fit_of(model, None)
        return individuals_at(model, fit_of(model, np.maximum(fit.ratio, 0.0)))


def differences(data: CrossoverData, contrast: Contrast) -> SymmetricModel:
    """Return the model of active minus control within the cycles, each of two periods in turn."""
    first, second = data.outcome[:, :, ::2], data.outcome[:, :, 1::2]
    active_second = data.treatment[:, :, 1::2] == contrast.active
    sign = np.where(active_second, 1.0, -1.0)
    n_cycles = first.shape[2]
    cycle = np.arange(n_cycles)
    of_order = [np.where(cycle == number, sign, 0.0) for number in range(n_cycles)]
    return symmetric_model(sign * (second - first), data.randomised, [*of_order, np.ones_like(sign)])


def fit_of(model: SymmetricModel, ratio: Numbers | None) -> SymmetricFit:
    """Return the fit at a ratio λ (n_replicates,), or by REML; NaN for a replicate without an estimate."""
    enough = model.enough
    sums = model.sums.where(enough)
    part = fit_compound_symmetry(sums, None if ratio is None else ratio[enough])
    columns = {}
    for name, values in vars(part).items():
        columns[name] = np.full((len(enough), *values.shape[1:]), np.nan)
        columns[name][enough] = values
    return SymmetricFit(**columns)


def individuals_at(model: SymmetricModel, fit: SymmetricFit) -> IndividualEffects:
    """Return the effects of patients at a ratio λ, with their errors.

    With m cycles and B = mλ / (1 + mλ), u is predicted by B times the patient's mean residual, with the
    error variance λσ² / (1 + mλ) beside that of the coefficients.
    """
    count = model.seen.sum(axis=2)
    held = np.maximum(count, 1)[..., None]
    row = model.design.sum(axis=2) / held
    mean = np.where(model.seen, model.outcome, 0.0).sum(axis=2) / held[..., 0]
    effect = fit.coefficients[:, -1] * model.scale
    residual = mean - np.einsum("rnc,rc->rn", row, fit.coefficients)
    ratio, variance = fit.ratio[:, None], fit.residual_variance[:, None]
    weight = count * ratio / (1 + count * ratio)
    asked = np.zeros_like(row)
    asked[..., -1] = model.scale[:, None]

    def of_coefficients(share: Numbers) -> Numbers:
        left = asked - share[..., None] * row
        return np.asarray(np.einsum("rnc,rcd,rnd->rn", left, fit.covariance, left))

    own_variance = variance / held[..., 0] + of_coefficients(np.ones_like(weight))
    shrunken_variance = variance * ratio / (1 + count * ratio) + of_coefficients(weight)
    there = count > 0
    return IndividualEffects(
        own=np.where(there, effect[:, None] + residual, np.nan),
        own_error=np.where(there, np.sqrt(own_variance), np.nan),
        shrunken=effect[:, None] + np.where(there, weight * residual, 0.0),
        shrunken_error=np.sqrt(shrunken_variance),
        degrees_of_freedom=(count - there).sum(axis=1) - (model.kept.sum(axis=1) - 1.0),
    )


def of_cycles(trial: Protocol) -> Iterator[Misfit]:
    """Yield that a trial has no cycles."""
    if trial.design.crossed and not isinstance(trial.design, NOf1):
        what = f"analysis method {trial.analysis.method!r} reads cycles: it is for design type n-of-1"
        yield Misfit(what, METHOD)


METHODS = (
    Method(
        name="n-of-1-mixed",
        estimator=NOf1Mixed(),
        reads=Reads.PERIODS,
        rules=of_cycles,
        individuals=NOf1Mixed().individuals,
    ),
)
