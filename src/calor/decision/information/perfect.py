"""The value of knowing everything (EVPI).

    EVPI = E[max_d b_d(world)] - max_d E[b_d(world)]

A decision that is made with a noisy mean over few people and valued with the same mean gains from the noise.
So both are done with the true values of the worlds, as far as the bank shows them (`bank_noise`). Deciding
with one half of the people and valuing with the other is not used: it errs to the low side.
"""

from __future__ import annotations

import numpy as np

from calor.core.linear_algebra import one_thread
from calor.decision.information.decision import Decision, gains
from calor.decision.information.draws import Draws
from calor.decision.information.estimate import Estimate
from calor.decision.information.moments import averaged, with_resamples
from calor.decision.information.resampling import Resamples


@one_thread()
def evpi(draws: Draws, decision: Decision, resamples: Resamples) -> Estimate:
    """Return the expected value of perfect information, in the payoffs' unit a person."""
    true = gains(draws, decision)
    weights = with_resamples(draws, resamples)
    now = np.max(averaged(weights, true), axis=1)
    worth = averaged(weights, true.max(axis=1)) - now
    return Estimate.of(worth[0], worth[1:], 0.0)
