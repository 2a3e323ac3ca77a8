"""Two stages combined by the inverse normal method: the test, and the estimate that goes with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import ndtr, ndtri, stdtr
from calor.trial.analysis import Direction, Estimate

LARGEST_SCORE = 38.0
"""A normal score beyond which a p value is no longer a number a computer holds."""

ERRORS_AROUND = 15.0
"""Standard errors around the stages' estimates within which bounds are looked for."""

BISECTIONS = 48


def simes(first: Numbers, second: Numbers) -> Numbers:
    """Return Simes' p value of two hypotheses, min(2 min(p, q), max(p, q)).

    Source: Simes (1986), Biometrika 73:751-4.
    """
    return np.asarray(np.minimum(2 * np.minimum(first, second), np.maximum(first, second)))


def combined(first: Numbers, second: Numbers, share: float) -> Numbers:
    """Return the inverse normal combination of two stages' one-sided p values as a normal score.

    Arguments: p values (r,), and the planned share of the first stage.
    Source: Lehmacher and Wassmer (1999), Biometrics 55:1286-90.
    """
    scores = [np.clip(-ndtri(p), -LARGEST_SCORE, LARGEST_SCORE) for p in (first, second)]
    return np.asarray(np.sqrt(share) * scores[0] + np.sqrt(1 - share) * scores[1])


def combination_estimate(
    plain: Estimate, stages: tuple[Estimate, Estimate], tests: tuple[Numbers, Numbers], share: float
) -> Estimate:
    """Return the estimate and interval of the inverse normal combination of two stages.

    With p_i(b) the one-sided p value of stage i against a benefit of b or less, the estimate solves
    C(p_1(b), p_2(b)) = 0 (median-unbiased where nothing is chosen), the bound of most benefit C = -z, and the
    bound of least benefit C = z with each p value multiplied by the number of populations that were tested at
    its stage (Bonferroni), so that a choice between them costs no coverage. Where a stage has no estimate the
    plain one stands, without bounds.

    Arguments: the plain estimate of both stages together; the stages' own; the number of tests at each
    stage (r,); and the planned share of the first stage.
    Source: Brannath, König and Bauer (2006), Stat Med 25:3366-81; Posch et al. (2005), Stat Med 24:3697-714.
    """
    level = float(ndtri((1 + plain.contrast.confidence) / 2))
    less = plain.contrast.direction is Direction.LESS
    benefits = [-stage.effect if less else stage.effect for stage in stages]
    known = stages[0].estimated & stages[1].estimated & plain.estimated

    def score(benefit: Numbers, factors: tuple[Numbers, Numbers]) -> Numbers:
        p_values = []
        for found, stage, factor in zip(benefits, stages, factors, strict=True):
            p = _tail(stage.degrees_of_freedom, (found - benefit) / stage.standard_error)
            p_values.append(np.where(known, np.minimum(factor * p, 1.0), 1.0))
        return combined(p_values[0], p_values[1], share)

    def solve(target: float, factors: tuple[Numbers, Numbers]) -> Numbers:
        errors = [ERRORS_AROUND * np.where(known, stage.standard_error, 1.0) for stage in stages]
        starts = [np.where(known, found, 0.0) for found in benefits]
        low = np.minimum(starts[0] - errors[0], starts[1] - errors[1])
        high = np.maximum(starts[0] + errors[0], starts[1] + errors[1])
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            above = score(middle, factors) > target
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return (low + high) / 2

    once = (np.ones(len(known)), np.ones(len(known)))
    least, middle, most = solve(level, tests), solve(0.0, once), solve(-level, once)
    lower, upper = (-most, -least) if less else (least, most)
    return replace(
        plain,
        effect=np.where(known, -middle if less else middle, plain.effect),
        lower=np.where(known, lower, -np.inf),
        upper=np.where(known, upper, np.inf),
    )


def _tail(degrees: Numbers, statistic: Numbers) -> Numbers:
    """Return the probability of a larger t statistic (infinite degrees: normal)."""
    finite = np.isfinite(degrees)
    return np.where(finite, stdtr(np.where(finite, degrees, 1.0), -statistic), ndtr(-statistic))
