"""How much of the uncertainty about a quantity a study would remove."""

from __future__ import annotations

from calor.decision.information.draws import Draws, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.resampling import Resamples


def share_of_variance(draws: Draws, study: Study, resamples: Resamples) -> Estimate:
    """Return the expected share of the variance of the quantity that a study would remove (split halves)."""
    raise NotImplementedError


def mutual_information(share: Estimate) -> Estimate:
    """Return the mutual information (nats) that belongs to a share under normal laws, -log(1 - share)/2."""
    raise NotImplementedError


def says_nothing(study: Study) -> bool:
    """Return whether what a study would see is the same in every world: it teaches nothing, by structure."""
    raise NotImplementedError
