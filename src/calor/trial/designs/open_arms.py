"""Trials whose arms end at different times: who is enrolled, which arms look best, and their intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis import Direction, Estimate
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Flags


def enrolled_until(arms: Positions, until: Positions, whole: Positions) -> Flags:
    """Return which places are filled where each active arm enrols up to a place of its own, (r, n).

    Arguments: the arm of each place, the control 0 (r, n); the places up to which each active arm enrols
    (r, n_active); and those up to which the control does (r,).
    """
    last = np.take_along_axis(np.column_stack([whole, until]), arms, axis=1)
    return np.asarray(np.arange(arms.shape[1])[None, :] < last)


def best_of(scores: Numbers, count: int) -> Flags:
    """Return the so many largest scores of each row above -inf, the first of equal ones, (r, n_arms)."""
    rank = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray((rank < count) & (scores > -np.inf))


def with_bounds(plain: Estimate, towards_none: Numbers, towards_more: Numbers) -> Estimate:
    """Return an estimate whose interval ends at normal scores on either side of it, (r,) each.

    Arguments: the estimate; the scores of the bound of least benefit, and of the bound of most.
    """
    least, most = plain.less_benefit(towards_none), plain.less_benefit(-towards_more)
    lower, upper = (most, least) if plain.contrast.direction is Direction.LESS else (least, most)
    return replace(
        plain,
        lower=np.where(plain.estimated, lower, plain.lower),
        upper=np.where(plain.estimated, upper, plain.upper),
    )
