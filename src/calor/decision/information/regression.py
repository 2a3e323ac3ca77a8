"""Regression that is never in-sample: out-of-fold splines with ridge, forests out of bag."""

from __future__ import annotations

from calor.decision.information.draws import Draws, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.resampling import Resamples


def share_by_regression(draws: Draws, study: Study, resamples: Resamples, *, seed: int) -> Estimate:
    """Return the share of variance that a study removes, linear or not, by out-of-fold regression."""
    raise NotImplementedError
