"""Meta-analysis and meta-regression of effects with known sampling variances.

Model: y_i = x_i' beta + u_i + e_i, u_i ~ N(0, tau2), e_i ~ N(0, v_i); without moderators x_i = 1 and beta is
the pooled effect. The order of the work can be read off `pool`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError, UnsupportedError
from calor.core.special import chdtrc, fdtrc, ndtr, stdtr
from calor.evidence.effects.spread import critical_value
from calor.evidence.synthesis.heterogeneity import (
    heterogeneity_variance,
    q_profile_interval,
    standard_error_of_tau2,
    typical_variance,
)
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.weighted import Data, fit

INTERCEPT = "intercept"


@dataclass(frozen=True)
class Coefficient:
    """One coefficient: estimate, standard error, test against zero (z, or t with `df`), 95% interval."""

    name: str
    estimate: float
    se: float
    statistic: float
    df: int | None
    p: float
    ci95: tuple[float, float]


@dataclass(frozen=True)
class ModeratorTest:
    """The test that every moderator's coefficient is zero: chi2 with `df`, or F with `df` and `df2`."""

    statistic: float
    df: int
    df2: int | None
    p: float


@dataclass(frozen=True)
class MetaAnalysis:
    """What a meta-analysis found.

    `estimate`, `se` and `ci95` belong to the first coefficient: the pooled effect, or with moderators the
    intercept, which is the effect where every moderator is zero. `prediction_interval95` is for the true
    effect of a new study there; None for a common effect. `i2` is in percent. `weights` sum to one. `tau2_se`
    is known for REML only; `tau2_ci95` and `i2_ci95` are by Q-profile, None for a common effect.
    """

    method: Method
    knapp_hartung: bool
    studies: tuple[str, ...]
    coefficients: tuple[Coefficient, ...]
    covariance: tuple[tuple[float, ...], ...]
    moderator_test: ModeratorTest | None
    tau2: float
    tau2_se: float | None
    tau2_ci95: tuple[float, float] | None
    i2: float
    i2_ci95: tuple[float, float] | None
    h2: float
    q: float
    q_df: int
    q_p: float
    prediction_interval95: tuple[float, float] | None
    weights: tuple[float, ...]

    @property
    def estimate(self) -> float:
        """The pooled effect, or the intercept of a meta-regression."""
        return self.coefficients[0].estimate

    @property
    def se(self) -> float:
        """The standard error of the estimate."""
        return self.coefficients[0].se

    @property
    def ci95(self) -> tuple[float, float]:
        """The 95% confidence interval of the estimate."""
        return self.coefficients[0].ci95

    @property
    def p(self) -> float:
        """The p value of the estimate against zero."""
        return self.coefficients[0].p


def pool(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    method: Method = Method.REML,
    knapp_hartung: bool = False,
    moderators: Mapping[str, Sequence[float]] | None = None,
    studies: Sequence[str] | None = None,
) -> MetaAnalysis:
    """Return the meta-analysis of effects, or their meta-regression on moderators.

    Equation: beta = (X'WX)^-1 X'Wy, w = 1/(v + tau2); its covariance is (X'WX)^-1, with Knapp-Hartung times
    Q(tau2)/(k - p), and a t with k - p degrees of freedom then replaces the normal. The prediction interval
    is beta_0 +- c sqrt(se^2 + tau2) with the same c (metafor's `predict` with its default `pi.type`).
    Arguments: k estimates and k sampling variances (> 0); moderators by name, k numbers each; labels.
    Raises InputError for numbers that cannot be pooled (one study with random effects among them), and
    UnsupportedError for Knapp-Hartung where the effects fit the model exactly, so that it gives no interval.
    Source: DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2; Knapp and Hartung 2003,
    doi:10.1002/sim.1482; Higgins et al. 2009, doi:10.1111/j.1467-985X.2008.00552.x.
    """
    names, data = _prepared(estimates, variances, moderators or {})
    labels = labels_of(studies, data.studies)
    _refuse_too_few(data, method, knapp_hartung)
    tau2 = heterogeneity_variance(data, method)
    best = fit(data, tau2)
    df = data.residual_freedom if knapp_hartung else None
    covariance = best.covariance * (_knapp_hartung_factor(data, tau2) if knapp_hartung else 1.0)
    coefficients = _coefficients(names, best.coefficients, covariance, df)
    q = fit(data, 0.0).generalised_q
    profile = None if method is Method.FE else q_profile_interval(data)
    i2, h2 = _inconsistency(data, method, tau2, q)
    return MetaAnalysis(
        method=method,
        knapp_hartung=knapp_hartung,
        studies=labels,
        coefficients=coefficients,
        covariance=tuple(tuple(float(value) for value in row) for row in covariance),
        moderator_test=_moderator_test(best.coefficients[1:], covariance[1:, 1:], df),
        tau2=tau2,
        tau2_se=standard_error_of_tau2(data, method, tau2),
        tau2_ci95=profile,
        i2=i2,
        i2_ci95=None if profile is None else (_i2(data, profile[0]), _i2(data, profile[1])),
        h2=h2,
        q=q,
        q_df=data.residual_freedom,
        q_p=float(chdtrc(data.residual_freedom, q)) if data.residual_freedom else 1.0,
        prediction_interval95=None if method is Method.FE else _prediction(coefficients[0], tau2),
        weights=tuple(float(weight) for weight in best.weights / np.sum(best.weights)),
    )


def _coefficients(
    names: Sequence[str], values: Numbers, covariance: Numbers, df: int | None
) -> tuple[Coefficient, ...]:
    """Return coefficients with their tests. Arguments: names, estimates (p,), covariance (p, p), freedom."""
    return tuple(
        _coefficient(name, float(value), math.sqrt(float(variance)), df)
        for name, value, variance in zip(names, values, np.diagonal(covariance), strict=True)
    )


def _prepared(
    estimates: Sequence[float], variances: Sequence[float], moderators: Mapping[str, Sequence[float]]
) -> tuple[tuple[str, ...], Data]:
    """Return the names of the coefficients and the checked data with its design matrix."""
    y = np.asarray(estimates, dtype=np.float64)
    for name, values in moderators.items():
        if len(values) != len(y):
            raise InputError.of(f"has {len(values)} values for {len(y)} studies", key=name)
    columns = [np.ones(len(y)), *(np.asarray(values, dtype=np.float64) for values in moderators.values())]
    data = Data(y, np.asarray(variances, dtype=np.float64), np.column_stack(columns))
    return (INTERCEPT, *moderators), data


def labels_of(studies: Sequence[str] | None, k: int) -> tuple[str, ...]:
    """Return the studies' labels, numbered from 1 where none are given. Raises InputError unless k."""
    if studies is None:
        return tuple(str(number) for number in range(1, k + 1))
    if len(studies) != k:
        raise InputError.of(f"{len(studies)} labels for {k} studies", key="study")
    return tuple(studies)


def _refuse_too_few(data: Data, method: Method, knapp_hartung: bool) -> None:
    if data.residual_freedom > 0 or (method is Method.FE and not knapp_hartung):
        return
    raise InputError.of(
        f"{data.studies} {'study' if data.studies == 1 else 'studies'} for {data.coefficients} "
        f"{'coefficient' if data.coefficients == 1 else 'coefficients'} leave heterogeneity undetermined",
        allowed=f"at least {data.coefficients + 1} studies",
        hint=_ways_out(data, method, knapp_hartung),
    )


def _ways_out(data: Data, method: Method, knapp_hartung: bool) -> str:
    """Return what can be done about too few studies, of what was asked for."""
    without = " without Knapp-Hartung" if knapp_hartung else ""
    common = "leave Knapp-Hartung out" if method is Method.FE else f"use a common effect (FE){without}"
    return f"take out moderators, or {common}" if data.coefficients > 1 else common


def _knapp_hartung_factor(data: Data, tau2: float) -> float:
    """Return Q(tau2)/(k - p). Source: Knapp and Hartung 2003, doi:10.1002/sim.1482."""
    at = fit(data, tau2)
    scale = float(np.max(at.weights * data.estimates**2))
    if at.generalised_q <= 1e-24 * scale or at.generalised_q == 0.0:
        raise UnsupportedError.of(
            "Knapp-Hartung gives an interval of no width: the effects fit the model exactly",
            hint="leave Knapp-Hartung out",
        )
    return at.generalised_q / data.residual_freedom


def _coefficient(name: str, estimate: float, se: float, df: int | None) -> Coefficient:
    statistic = estimate / se
    tail = ndtr(-abs(statistic)) if df is None else stdtr(df, -abs(statistic))
    half_width = critical_value(0.95, df) * se
    interval = (estimate - half_width, estimate + half_width)
    return Coefficient(
        name=name,
        estimate=estimate,
        se=se,
        statistic=statistic,
        df=df,
        p=float(min(1.0, 2.0 * tail)),
        ci95=interval,
    )


def _moderator_test(values: Numbers, covariance: Numbers, df: int | None) -> ModeratorTest | None:
    """Return the Wald test of the moderators: chi2, or F with Knapp-Hartung; None without moderators."""
    count = len(values)
    if count == 0:
        return None
    scales = np.sqrt(np.diag(covariance))
    standardised = values / scales
    wald = float(standardised @ np.linalg.solve(covariance / np.outer(scales, scales), standardised))
    if df is None:
        return ModeratorTest(wald, count, None, float(chdtrc(count, wald)))
    return ModeratorTest(wald / count, count, df, float(fdtrc(count, df, wald / count)))


def _inconsistency(data: Data, method: Method, tau2: float, q: float) -> tuple[float, float]:
    """Return I2 in percent and H2.

    Equation: with random effects I2 = 100 tau2/(tau2 + s2) and H2 = tau2/s2 + 1, s2 the typical variance;
    with a common effect I2 = 100 max(0, (Q - df)/Q) and H2 = Q/df. Both 0 and 1 when k = p.
    Source: Higgins and Thompson 2002, doi:10.1002/sim.1186.
    """
    if data.residual_freedom == 0:
        return 0.0, 1.0
    if method is Method.FE:
        excess = (q - data.residual_freedom) / q if q > 0.0 else 0.0
        return 100.0 * max(0.0, excess), q / data.residual_freedom
    return _i2(data, tau2), tau2 / typical_variance(data) + 1.0


def _i2(data: Data, tau2: float) -> float:
    """Return I2 in percent at a heterogeneity: 100 tau2/(tau2 + s2)."""
    return 100.0 * tau2 / (tau2 + typical_variance(data))


def _prediction(first: Coefficient, tau2: float) -> tuple[float, float]:
    """Return the interval of the true effect of a new study: estimate +- c sqrt(se^2 + tau2)."""
    half_width = critical_value(0.95, first.df) * math.sqrt(first.se**2 + tau2)
    return first.estimate - half_width, first.estimate + half_width
