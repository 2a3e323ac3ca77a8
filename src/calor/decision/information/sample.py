"""The value of a study to a decision (EVSI), at any size, without simulated results.

A result y is read through one number, the linear Bayes estimate of the gains that matches their moments,

    z = u' C_gm (C_mm + V)^-1 y,

u the direction in which the study moves the gains most. In world w it is normal about z_w with a standard
deviation s_w, so what is then expected of an option is sum_w p_w g_wd phi((z - z_w) / s_w) / s_w. The best
option changes at a few places on the line of z, and what the worlds gain from it is a sum of normal
probabilities:

    EVSI = sum_w p_w sum_d g_wd P(d is best | w) - max_d E g_d

It lies between 0 and the value of perfect information by its form, and a study of another size needs another
V.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.linear_algebra import one_thread
from calor.core.special import ndtr
from calor.decision.information.bank_noise import true_means
from calor.decision.information.decision import Decision, gains
from calor.decision.information.draws import Draws, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.moments import averaged, moments_under
from calor.decision.information.resampling import Resamples
from calor.decision.information.shares import says_nothing

_PLACES = 200
"""Places on the line of z that are tried, evenly, and again as many where the worlds lie."""
_AT_ONCE = 2**21
"""Densities that are held in memory at once."""


def evsi(draws: Draws, decision: Decision, study: Study, resamples: Resamples) -> Estimate:
    """Return the expected value of the study's information, in the payoffs' unit a person."""
    return evsi_over_sizes(draws, decision, study, resamples, patients=1.0, sizes=[1])[0]


@one_thread()
def evsi_over_sizes(
    draws: Draws,
    decision: Decision,
    study: Study,
    resamples: Resamples,
    *,
    patients: float,
    sizes: Sequence[int],
) -> tuple[Estimate, ...]:
    """Return the EVSI, a person, at each size of a study that has `patients` as it stands."""
    true = gains(draws, decision)
    if says_nothing(study):
        return tuple(Estimate.of(0.0, np.zeros(resamples.count)) for _ in sizes)
    means = true_means(draws, decision.gains, study)
    return tuple(
        _evsi(draws, decision, study.of_size(size / patients), true, means, resamples) for size in sizes
    )


def _evsi(
    draws: Draws, decision: Decision, study: Study, true: Numbers, means: Numbers, resamples: Resamples
) -> Estimate:
    """Return the EVSI where the true gains (n_worlds, d) and expected statistics (n_worlds, s) are known."""
    direction = _direction(draws, decision, study)
    centres = means @ direction
    spreads = np.sqrt(np.maximum(np.einsum("s,wst,t->w", direction, study.sampling, direction), 0.0))
    gained = np.zeros(draws.worlds)
    if np.any(spreads > 0):
        gained = _gained(draws.weights, true, centres, np.maximum(spreads, 1e-9 * spreads.max()))
    now = draws.weights @ true
    worth = float(draws.weights @ gained)
    if worth <= now.max():
        gained, worth = true[:, int(now.argmax())], float(now.max())
    # The rule is the best one for these worlds: what a resample changes of it is of second order.
    resampled = averaged(resamples.weights, gained) - averaged(resamples.weights, true).max(axis=1)
    return Estimate.of(worth - now.max(), resampled, 0.0)


def _direction(draws: Draws, decision: Decision, study: Study) -> Numbers:
    """Return the combination of the statistics (s,) that the gains are read from."""
    moments = moments_under(draws.weights[None, :], decision.gains, study)
    slopes = moments.slopes[0]
    moved = slopes @ moments.between[0].T
    return np.asarray(np.linalg.eigh((moved + moved.T) / 2)[1][:, -1] @ slopes)


def _gained(weights: Numbers, true: Numbers, centres: Numbers, spreads: Numbers) -> Numbers:
    """Return what each world gains, on average over results, if the best option is taken, (n_worlds,)."""
    ends = (centres - 4 * spreads).min(), (centres + 4 * spreads).max()
    inside = np.quantile(centres, np.linspace(0.0, 1.0, _PLACES))
    places = np.unique(np.concatenate([np.linspace(*ends, _PLACES), inside]))
    # Between two places nothing is seen, so the rule is made with no finer a scatter than their distance.
    widths = np.gradient(places)
    step = max(1, _AT_ONCE // len(centres))
    best = np.concatenate(
        [
            _best(places[at : at + step], widths[at : at + step], weights, true, centres, spreads)
            for at in range(0, len(places), step)
        ]
    )
    changes = np.flatnonzero(np.diff(best))
    gained = true[:, best[0]].copy()
    for change in changes:
        above = ndtr((centres - (places[change] + places[change + 1]) / 2) / spreads)
        gained += above * (true[:, best[change + 1]] - true[:, best[change]])
    return gained


def _best(
    places: Numbers,
    widths: Numbers,
    weights: Numbers,
    true: Numbers,
    centres: Numbers,
    spreads: Numbers,
) -> NDArray[np.int64]:
    """Return the option of which most is expected at places on the line of z, (n_places,)."""
    scatter = np.maximum(spreads, widths[:, None])
    density = np.exp(-0.5 * ((places[:, None] - centres) / scatter) ** 2) * (weights / scatter)
    return np.asarray(np.argmax(np.einsum("zw,wd->zd", density, true), axis=1))
