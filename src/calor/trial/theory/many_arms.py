"""Boundaries of trials that compare several arms with one control at several looks.

Arms share nothing but the control, so given the path of the control they are independent: with ρ = √(w / w0)
for arms of share w and a control of share w0, the statistic of an arm lies below u at information t where its
own Brownian motion B(t) lies below ρ A(t) + u √(t (1 + ρ²)), A being the control's. The probability that no
arm is rejected is the mean over A of the K-th power of one arm's, an integral over the control's path alone.
Source: Dunnett (1955), J Am Stat Assoc 50:1096-121; Magirr, Jaki and Whitehead (2012), Biometrika 99:494-501.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import UnsupportedError
from calor.core.special import brentq, ndtr, ndtri
from calor.study.spending import Spending
from calor.trial.theory.boundaries import alpha_spent
from calor.trial.theory.plan import SequentialPlan

MOST_LOOKS = 4
"""Looks at several arms; the integral has a dimension for each."""

NODES = {1: (64, 64), 2: (48, 48), 3: (32, 32), 4: (20, 30)}
"""Nodes of the control's and of an arm's integrals, by the number of looks; more change no seventh digit."""

TAIL = 6.5
"""Standard deviations beyond which an arm is not followed."""

LARGEST_CRITICAL_VALUE = 12.0


@dataclass(frozen=True)
class ManyArmPlan:
    """What defines a sequential test of several arms against one control.

    Arguments: the looks with the error that each may spend (one-sided); the number of active arms; and the
    share of each of them to that of the control. Raises UnsupportedError beyond four looks.
    """

    looks: SequentialPlan
    arms: int
    ratio: float = 1.0

    def __post_init__(self) -> None:
        if len(self.looks.information) > MOST_LOOKS:
            raise UnsupportedError.of(
                f"{len(self.looks.information)} looks at several arms are not supported",
                key="looks",
                allowed=f"at most {MOST_LOOKS}",
            )


def error_up_to(plan: ManyArmPlan, critical: Numbers, lower: Numbers | None = None) -> float:
    """Return the probability, without effect, that some arm passes its critical value by some look.

    Arguments: the plan; critical values of as many looks as they are (m,); and bounds below which an arm is
    dropped for good at every look but the last (m - 1,), without them none is.
    """
    count = len(critical)
    information = np.array(plan.looks.information[:count])
    root = np.sqrt(plan.ratio)
    spread = np.sqrt(information * (1 + plan.ratio))
    floor = np.full(count - 1, -np.inf) if lower is None else lower
    return 1.0 - _mean_over_control(information, plan.arms, root, critical * spread, floor * spread[:-1])


@lru_cache(maxsize=64)
def many_arm_boundaries(plan: ManyArmPlan) -> tuple[float, ...]:
    """Return the critical values, the same for each arm, that give a plan its familywise error.

    They hold whichever arms are dropped at a look and for whatever reason: those that are dropped are counted
    as if they could still be rejected. Families and spending functions are those of `boundaries`.
    """
    looks = plan.looks
    if looks.spending is Spending.HAYBITTLE_PETO:
        early = np.full(len(looks.information) - 1, looks.shape)
        return tuple(_filled_up(plan, np.full(len(looks.information), looks.alpha), early))
    if looks.spending in {Spending.OBRIEN_FLEMING, Spending.POCOCK, Spending.WANG_TSIATIS}:
        shape = np.array(looks.information) ** (looks.shape - 0.5)

        def excess(constant: float) -> float:
            return error_up_to(plan, constant * shape) - looks.alpha

        most = float(-ndtri(looks.alpha / plan.arms / len(shape))) + 1.0
        least = float(-ndtri(looks.alpha)) * 0.99 * min(1.0, float(1 / shape.max()))
        return tuple(brentq(excess, least, most, xtol=1e-11) * shape)
    return tuple(_filled_up(plan, alpha_spent(looks), np.zeros(0)))


def _filled_up(plan: ManyArmPlan, spent: Numbers, given: Numbers) -> Numbers:
    """Return critical values that spend what is allowed up to each look, after those that are given."""
    critical = given
    for allowed in spent[len(given) :]:

        def excess(bound: float, before: Numbers = critical, allowed: float = allowed) -> float:
            return error_up_to(plan, np.append(before, bound)) - allowed

        if excess(LARGEST_CRITICAL_VALUE) >= 0:
            raise UnsupportedError.of(
                f"look {len(critical) + 1} is left without type I error",
                key="looks",
                hint="leave it out, or spend less before it",
            )
        critical = np.append(critical, brentq(excess, -6.0, LARGEST_CRITICAL_VALUE, xtol=1e-11))
    return critical


def _mean_over_control(information: Numbers, arms: int, root: float, upper: Numbers, lower: Numbers) -> float:
    """Return the probability that no arm is rejected; bounds are those of an arm when the control is at 0."""
    n_control, n_arm = NODES[len(information)]
    scores, weights = _hermite(n_control)
    steps = np.sqrt(np.diff(information, prepend=0.0))
    control, weight = np.zeros(()), np.ones(())
    arm, mass = np.zeros(1), np.ones(1)
    ended = np.zeros(())
    for look, step in enumerate(steps):
        control = control[..., None] + step * scores
        weight = weight[..., None] * weights
        arm, mass, ended = arm[..., None, :], mass[..., None, :], ended[..., None]
        above = root * control + upper[look]
        if look == len(steps) - 1:
            last = (ndtr((above[..., None] - arm) / step) * mass).sum(axis=-1)
            return float((weight * (ended + last) ** arms).sum())
        below = root * control + lower[look]
        ended = ended + (ndtr((below[..., None] - arm) / step) * mass).sum(axis=-1)
        reach = TAIL * np.sqrt(information[look])
        arm, mass = _moved(
            arm, mass, step, np.clip(below, -reach, reach), np.clip(above, -reach, reach), n_arm
        )
    raise AssertionError("a trial has a last look")


def _moved(
    arm: Numbers, mass: Numbers, step: float, below: Numbers, above: Numbers, count: int
) -> tuple[Numbers, Numbers]:
    """Return nodes and masses of an arm after a step, between two bounds.

    Arguments: nodes and masses before (..., m); the step's standard deviation; bounds (...); how many nodes.
    """
    nodes, weights = np.polynomial.legendre.leggauss(count)
    half = np.maximum(above - below, 0.0)[..., None] / 2
    places = below[..., None] + half * (1 + nodes)
    distance = (places[..., :, None] - arm[..., None, :]) / step
    density = (np.exp(-0.5 * distance**2) * mass[..., None, :]).sum(axis=-1) / (step * np.sqrt(2 * np.pi))
    return places, half * weights * density


@lru_cache(maxsize=8)
def _hermite(count: int) -> tuple[Numbers, Numbers]:
    """Return nodes and weights of the mean over a standard normal number."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / weights.sum()


def selection_critical_value(
    alpha: float, arms: int, kept: int, information: float, ratio: float = 1.0
) -> float:
    """Return the critical value of the last look where the best arms alone go on after a first one.

    The `kept` arms with the best statistics at an information go on; each of them is rejected where its last
    statistic reaches the value. Given the control's last value, with f and F the law of an arm at the first
    look and q(x) the probability that it is not rejected from x on, none is with the probability
    kept C(K, kept) ∫ f(x) F(x)^(K - kept) q(x) (∫_x^∞ f q)^(kept - 1) dx, x the worst that goes on.
    Source: Thall, Simon and Ellenberg (1988), Biometrika 75:303-10; Wason et al. (2017), Stat Methods Med Res
    26:508-24.
    """

    def excess(critical: float) -> float:
        return 1.0 - _none_of_the_best(critical, arms, kept, information, ratio) - alpha

    return float(brentq(excess, 0.0, LARGEST_CRITICAL_VALUE, xtol=1e-11))


def _none_of_the_best(critical: float, arms: int, kept: int, information: float, ratio: float) -> float:
    scores, weights = _hermite(NODES[1][0])
    bound = np.sqrt(ratio) * scores + critical * np.sqrt(1 + ratio)
    nodes, shares = np.polynomial.legendre.leggauss(80)

    def stays(x: Numbers) -> Numbers:
        """Return density at the first look times the probability of no rejection, in units of its SD."""
        density = np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)
        rest = (bound.reshape(-1, *[1] * (x.ndim)) - np.sqrt(information) * x) / np.sqrt(1 - information)
        return np.asarray(density * ndtr(rest))

    x = TAIL * nodes
    half = (TAIL - x) / 2
    beyond = x[:, None] + half[:, None] * (1 + nodes)
    better = (stays(beyond) * (half[:, None] * shares)).sum(axis=-1)
    choices = kept * comb(arms, kept)
    integrand = choices * ndtr(x) ** (arms - kept) * stays(x) * better ** (kept - 1)
    return float(weights @ (integrand * TAIL * shares).sum(axis=-1))
