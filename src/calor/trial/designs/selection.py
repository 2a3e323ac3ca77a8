"""The estimate in a subgroup that was chosen because it looked better, less most of what the choice adds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import log_ndtr
from calor.trial.analysis import Direction, Estimate
from calor.trial.designs.conductor import Flags


def bias_corrected(
    plain: Estimate,
    first: tuple[Estimate, Estimate],
    chosen: Flags,
    shares: tuple[Numbers, Numbers],
    margin: float,
) -> Estimate:
    """Return the plain estimate less the bias of a choice of the subgroup, evaluated at the estimates.

    The subgroup is chosen where T, its benefit at stage 1 less that of everybody, exceeds a margin m. With p
    the subgroup's share of stage 1 and s the standard error in everybody, T has the variance
    v = s² (1 - p) / p;
    its covariance with the subgroup's estimate is v, and with everybody's 0. A choice of the subgroup
    therefore adds √v φ(u) / Φ(u) to its estimate at stage 1, u = (τ - m) / √v with τ the mean of T, and that
    times the stage's share of the subgroup's patients to the plain one. Where the trial goes on in everybody
    nothing is added. τ is taken from the plain estimate in the subgroup and stage 1 in the others.

    Arguments: the plain estimate of both stages in the population in which each trial ended; stage 1 in
    everybody and in the subgroup; where the subgroup was chosen (r,); p and the share of the subgroup's
    patients that stage 1 enrolled (r,); and the margin.
    Source: the bias of Whitehead (1986), Biometrika 73:573-81, taken off once, for the choice of a
    population; Stallard and Todd (2005), J R Stat Soc A 168:263-76.
    """
    in_all, in_subgroup = first
    less = plain.contrast.direction is Direction.LESS
    sign = -1.0 if less else 1.0
    share, of_first = shares
    known = chosen & plain.estimated & in_all.estimated & in_subgroup.estimated & (share < 1)
    spread = np.where(known, in_all.standard_error * np.sqrt((1 - share) / np.maximum(share, 1e-9)), 1.0)
    seen = sign * (in_subgroup.effect - in_all.effect)
    mean = seen + (1 - share) * sign * (plain.effect - in_subgroup.effect)
    distance = np.where(known, (mean - margin) / spread, 0.0)
    ratio = np.exp(-(distance**2) / 2 - log_ndtr(distance)) / np.sqrt(2 * np.pi)
    added = np.where(known, of_first * spread * ratio, 0.0)
    return replace(plain, effect=plain.effect - sign * added)
