"""Boundaries of group-sequential tests: the critical value at each look for a given type I error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError, UnsupportedError
from calor.core.special import brentq, ndtr, ndtri
from calor.study.spending import Spending
from calor.trial.theory.plan import SequentialPlan
from calor.trial.theory.sequential import Continuation, narrowest_scales, stopping_probabilities

LARGEST_CRITICAL_VALUE = 30.0
"""Beyond it, a normal statistic's tail probability is not a number a computer holds with precision."""

SMALLEST_CRITICAL_VALUE = -10.0


@dataclass(frozen=True)
class Boundaries:
    """The boundaries of a group-sequential test, (n_looks,) each.

    `critical_values` are on the z scale (two-sided: plus and minus), `alpha_spent` is the type I error spent
    up to each look, `stage_levels` the one-sided level 1 - Φ(critical value).
    """

    plan: SequentialPlan
    critical_values: Numbers
    alpha_spent: Numbers

    @property
    def information(self) -> Numbers:
        """The information fraction of each look."""
        return np.array(self.plan.information)

    @property
    def stage_levels(self) -> Numbers:
        """The one-sided level at each look."""
        return np.asarray(ndtr(-self.critical_values), dtype=np.float64)

    @property
    def lower(self) -> Numbers:
        """The lower bounds: minus the critical values in a two-sided test, else minus infinity."""
        if self.plan.sided == 2:
            return -self.critical_values
        return np.full(len(self.critical_values), -np.inf)


def boundaries(plan: SequentialPlan) -> Boundaries:
    """Return the critical values that give a plan its type I error.

    O'Brien-Fleming, Pocock and Wang-Tsiatis: c_k = C t_k^(Δ - 1/2) with Δ = 0, 1/2 and the parameter;
    Haybittle-Peto: a constant, then the last value that fills alpha up; spending functions: each look fills
    up to α(t_k). Raises InputError where no last critical value keeps the type I error.
    Source: O'Brien and Fleming (1979), Biometrics 35:549-56; Pocock (1977), Biometrika 64:191-9; Wang and
    Tsiatis (1987), Biometrics 43:193-9; Lan and DeMets (1983), Biometrika 70:659-63; Kim and DeMets (1987),
    Biometrika 74:149-54.
    """
    if plan.spending is Spending.HAYBITTLE_PETO:
        critical = _haybittle_peto(plan)
    elif plan.spending in {Spending.OBRIEN_FLEMING, Spending.POCOCK, Spending.WANG_TSIATIS}:
        critical = _power_family(plan)
    else:
        critical = _spend(plan, alpha_spent(plan))
    return Boundaries(plan, critical, np.cumsum(_crossing(plan, critical)))


def alpha_spent(plan: SequentialPlan) -> Numbers:
    """Return the type I error that a spending function allows up to each look, (n_looks,).

    asOF: 2 s (1 - Φ(z(1 - α / 2s) / √t)) for s sides; asP: α ln(1 + (e - 1) t); KD: α t^γ.
    """
    time = np.array(plan.information)
    if plan.spending is Spending.OBRIEN_FLEMING_TYPE_SPENDING:
        quantile = -ndtri(plan.alpha / (2 * plan.sided))
        return np.asarray(2 * plan.sided * ndtr(-quantile / np.sqrt(time)))
    if plan.spending is Spending.POCOCK_TYPE_SPENDING:
        return np.asarray(plan.alpha * np.log1p((math.e - 1) * time))
    return np.asarray(plan.alpha * time**plan.shape)


def _crossing(plan: SequentialPlan, critical: Numbers) -> Numbers:
    """Return the probability of crossing first at each look when there is no effect."""
    lower = -critical if plan.sided == 2 else np.full(len(critical), -np.inf)
    stopping = stopping_probabilities(lower, critical, np.array(plan.information), 0.0)
    return stopping.above + (stopping.below if plan.sided == 2 else 0.0)


def _power_family(plan: SequentialPlan) -> Numbers:
    shape = np.array(plan.information) ** (plan.shape - 0.5)

    def excess(constant: float) -> float:
        return float(_crossing(plan, constant * shape).sum() - plan.alpha)

    least = float(-ndtri(plan.alpha / plan.sided)) * 0.99  # looking more than once only raises the last value
    most = 1.0 + float(-ndtri(plan.alpha / plan.sided / len(shape))) / float(shape.min())
    return np.asarray(brentq(excess, least, most, xtol=1e-13, rtol=1e-14) * shape)


def _haybittle_peto(plan: SequentialPlan) -> Numbers:
    early = np.full(len(plan.information) - 1, plan.shape)
    spent = _crossing(plan, np.append(early, np.inf)).sum()
    if spent >= plan.alpha:
        raise InputError.of(
            f"is {plan.shape:g}, which spends {spent:.4g} before the last look", key="parameter",
            allowed=f"a larger constant, so that less than {plan.alpha:g} is spent", hint="3 is usual",
        )  # fmt: skip
    return _spend(plan, np.full(len(plan.information), plan.alpha), early)


def _spend(plan: SequentialPlan, spent: Numbers, given: Numbers | None = None) -> Numbers:
    """Return critical values that spend what is allowed up to each look, after those already given."""
    information = np.array(plan.information)
    scales = narrowest_scales(information)
    critical = np.zeros(len(information))
    state, used = Continuation.start(), 0.0
    for look, fraction in enumerate(information):
        if given is not None and look < len(given):
            critical[look] = given[look]
        else:
            critical[look] = _critical_value(state, float(fraction), (spent[look] - used) / plan.sided)
        used += plan.sided * state.above(critical[look], float(fraction), 0.0)
        lower = -critical[look] if plan.sided == 2 else -np.inf
        state = state.go_on(lower, critical[look], float(fraction), 0.0, scales[look])
    return critical


def _critical_value(state: Continuation, information: float, probability: float) -> float:
    """Return the value that the next statistic exceeds with a probability, of those that went on."""

    def excess(bound: float) -> float:
        return state.above(bound, information, 0.0) - probability

    if excess(LARGEST_CRITICAL_VALUE) >= 0:
        raise UnsupportedError.of(
            f"spends {max(probability, 0.0):.3g} of the type I error at information {information:g}",
            key="information",
            hint="leave out looks this early or this close together",
        )
    return float(brentq(excess, SMALLEST_CRITICAL_VALUE, LARGEST_CRITICAL_VALUE, xtol=1e-13, rtol=1e-14))
