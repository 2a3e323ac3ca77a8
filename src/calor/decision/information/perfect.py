"""The value of knowing everything."""

from __future__ import annotations

from calor.decision.information.decision import Decision
from calor.decision.information.draws import Draws
from calor.decision.information.estimate import Estimate
from calor.decision.information.resampling import Resamples


def evpi(draws: Draws, decision: Decision, resamples: Resamples) -> Estimate:
    """Return the expected value of perfect information, a person: one half decides, the other values."""
    raise NotImplementedError
