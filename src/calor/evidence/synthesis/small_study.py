"""Whether small studies show other effects than large ones: regression tests, the rank test, trim and fill.

Asymmetry has many causes besides unpublished studies, and with fewer than ten studies these tests say little.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError, UnsupportedError
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.pooling import MetaAnalysis, pool

STANDARD_ERROR = "standard error"
EXACT_RANKS_UP_TO = 500
"""With more studies the exact distribution of ranks takes long and no longer differs from the normal one."""


@dataclass(frozen=True)
class RegressionTest:
    """The test that the effect does not depend on the standard error: z, or t with `df`.

    `limit` and `limit_ci95` are the effect expected of a study without sampling error.
    """

    statistic: float
    df: int | None
    p: float
    limit: float
    limit_ci95: tuple[float, float]


@dataclass(frozen=True)
class RankTest:
    """Kendall's rank correlation of standardised effects with their variances, and its p value."""

    tau: float
    p: float


class Side(StrEnum):
    """The side of the funnel on which studies are missing."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class TrimAndFill:
    """How many studies seem to be missing, on which side, and the analysis with their mirror images."""

    side: Side
    missing: int
    analysis: MetaAnalysis


def egger_test(estimates: Sequence[float], variances: Sequence[float]) -> RegressionTest:
    """Return Egger's test of funnel asymmetry.

    Equation: y_i = a + b se_i, weights 1/v_i, error variance phi v_i, phi estimated; t = b/SE(b) with k - 2
    degrees of freedom. This is a common-effect regression with Knapp-Hartung's factor.
    Raises InputError for fewer than three studies, or when all variances are the same.
    Source: Egger et al. 1997, doi:10.1136/bmj.315.7109.629; metafor's `regtest(model = "lm")`.
    """
    return _regression_test(estimates, variances, Method.FE, knapp_hartung=True)


def random_effects_egger_test(
    estimates: Sequence[float], variances: Sequence[float], *, method: Method = Method.REML
) -> RegressionTest:
    """Return the test of funnel asymmetry by random-effects regression on the standard error (z).

    Raises InputError for fewer than three studies, or when all variances are the same.
    Source: Sterne and Egger 2005, doi:10.1002/0470870168.ch6; metafor's `regtest` with its default model.
    """
    return _regression_test(estimates, variances, method, knapp_hartung=False)


def _regression_test(
    estimates: Sequence[float], variances: Sequence[float], method: Method, *, knapp_hartung: bool
) -> RegressionTest:
    _refuse_equal_variances(variances)
    errors = [math.sqrt(variance) for variance in variances]
    found = pool(
        estimates, variances, method=method, knapp_hartung=knapp_hartung, moderators={STANDARD_ERROR: errors}
    )
    slope = found.coefficients[1]
    return RegressionTest(slope.statistic, slope.df, slope.p, found.estimate, found.ci95)


def rank_test(estimates: Sequence[float], variances: Sequence[float]) -> RankTest:
    """Return Begg and Mazumdar's test: Kendall's tau of standardised effects with variances.

    Equation: y*_i = (y_i - beta)/sqrt(v_i - 1/sum(1/v)), beta the common effect; p exact without ties
    (up to 500 studies), else by the normal approximation with the variance corrected for ties.
    Raises InputError for fewer than three studies, or when all variances are the same.
    Source: Begg and Mazumdar 1994, doi:10.2307/2533446; metafor's `ranktest`.
    """
    common = pool(estimates, variances, method=Method.FE)
    _refuse_equal_variances(variances)
    v = np.asarray(variances, dtype=np.float64)
    standardised = (np.asarray(estimates) - common.estimate) / np.sqrt(v - 1.0 / np.sum(1.0 / v))
    tied = len(np.unique(v)) < len(v) or len(np.unique(standardised)) < len(v)
    normal = tied or len(v) > EXACT_RANKS_UP_TO
    from scipy import stats  # takes half a second to load

    found = stats.kendalltau(standardised, v, method="asymptotic" if normal else "exact")
    if not math.isfinite(found.statistic):
        raise UnsupportedError.of(
            "the rank test of effects that are all the same", hint="leave the small-study tests out"
        )
    return RankTest(float(found.statistic), float(found.pvalue))


def trim_and_fill(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    method: Method = Method.REML,
    side: Side | None = None,
) -> TrimAndFill:
    """Return the analysis with mirror images of the studies whose counterparts seem to be missing.

    Equation: with ranks of |y - beta| and S the ranks' sum on the fuller side,
    L0 = (4 S - k (k + 1))/(2 k - 1) studies are missing; beta is refitted without that many of the most
    extreme studies of the fuller side until L0 stays the same.
    Arguments: effects, variances, the method of every fit, and the side where studies are missing (by default
    the side that the regression on the standard error points to).
    Raises InputError for fewer than three studies or equal variances, UnsupportedError if L0 never settles.
    Source: Duval and Tweedie 2000, doi:10.1111/j.0006-341X.2000.00455.x; metafor's `trimfill`.
    """
    if side is None:
        slope = _regression_test(estimates, variances, method, knapp_hartung=False).statistic
        side = Side.RIGHT if slope < 0.0 else Side.LEFT
    sign = -1.0 if side is Side.RIGHT else 1.0
    order = np.argsort(sign * np.asarray(estimates, dtype=np.float64), kind="stable")
    y = sign * np.asarray(estimates, dtype=np.float64)[order]
    v = np.asarray(variances, dtype=np.float64)[order]
    missing, centre = _settled_number_missing(y, v, method)
    filled_y = np.concatenate([y, 2.0 * centre - y[len(y) - missing :]])
    filled_v = np.concatenate([v, v[len(v) - missing :]])
    return TrimAndFill(side, missing, pool(list(sign * filled_y), list(filled_v), method=method))


def _settled_number_missing(y: Numbers, v: Numbers, method: Method) -> tuple[int, float]:
    """Return the number missing on the left of sorted effects, and the centre of those that remain."""
    k, missing, seen = len(y), 0, set()
    while True:
        centre = pool(list(y[: k - missing]), list(v[: k - missing]), method=method).estimate
        distance = y - centre
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(distance), kind="stable")] = np.arange(1, k + 1)
        signed_rank = float(np.sum(ranks[distance > 0.0]))
        estimated = max(0, round((4.0 * signed_rank - k * (k + 1)) / (2 * k - 1)))
        if estimated == missing:
            return missing, centre
        if estimated in seen or estimated > k - 2:
            raise UnsupportedError.of(
                "trim and fill does not settle on these effects", hint="leave the small-study tests out"
            )
        seen.add(missing := estimated)


def _refuse_equal_variances(variances: Sequence[float]) -> None:
    if len(variances) < 3:
        raise InputError.of(f"{len(variances)} studies show no asymmetry", allowed="at least 3 studies")
    if max(variances) - min(variances) <= 1e-12 * max(variances):
        raise InputError.of(
            "the variances are all the same, so small studies cannot be told from large ones", key="vi"
        )
