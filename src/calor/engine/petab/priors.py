"""Log densities of priors, as PEtab writes them."""

from __future__ import annotations

import math
from typing import Any

from calor.engine.petab.problem import Prior, Scale


def log_density(prior: Prior, value: float) -> float:
    """Return the log density of a prior at a parameter's linear value, minus infinity beyond its domain.

    A prior on a transformed scale is the density of the transformed parameter, without a Jacobian; one with
    bounds is cut off there and divided by what is left of it.
    """
    from scipy import stats  # takes long to load

    if prior.within is not None and not prior.within[0] <= value <= prior.within[1]:
        return -math.inf
    if prior.scale is not Scale.LINEAR:
        if value <= 0.0:
            return -math.inf
        value = math.log10(value) if prior.scale is Scale.DECADIC else math.log(value)
    distribution = _distribution(stats, prior.family, prior.numbers)
    kept = 1.0
    if prior.within is not None:
        low, high = distribution.cdf(prior.within)
        kept = float(high - low)
    return float(distribution.logpdf(value)) - math.log(kept) if kept > 0.0 else -math.inf


def _distribution(stats: Any, family: str, numbers: tuple[float, ...]) -> Any:
    """Return SciPy's distribution of a family; its numbers are PEtab's."""
    first, last = numbers[0], numbers[-1]
    match family:
        case "cauchy":
            return stats.cauchy(first, last)
        case "chisquare":
            return stats.chi2(first)
        case "exponential":
            return stats.expon(scale=first)
        case "gamma":
            return stats.gamma(first, scale=last)
        case "laplace":
            return stats.laplace(first, last)
        case "log-laplace":
            return stats.loglaplace(1.0 / last, scale=math.exp(first))
        case "log-normal":
            return stats.lognorm(last, scale=math.exp(first))
        case "log-uniform":
            return stats.loguniform(first, last)
        case "normal":
            return stats.norm(first, last)
        case "rayleigh":
            return stats.rayleigh(scale=first)
        case "uniform":
            return stats.uniform(first, last - first)
    raise ValueError(f"no prior family {family}")
