"""How large a state is: the scale of its own that its error is measured by, the same rule in every backend.

The error of a step is measured, state by state, in units of

    rtol max(|y|, |y after the step|) + atol s

where s is the state's *size*: the largest |y| that this patient's state has had, at the start, after whatever
happened to it, and at the end of every step. What falls from much to nothing is thus held to a share of what
it was. No number here has a unit: a model in other units takes the same steps.

A state that begins at zero has had no size, and one far down a chain rises as a high power of time, which no
first step can follow to a share of its own height, however short. For such states a patient looks ahead: a
few linearly implicit Euler steps, each `LENGTHENED` times longer than the one before, show roughly how large
they are going to be; from beside zero, where the slopes of roots are infinite. `SHARE` of that is their size
until they have become larger. A patient looks ahead before its first step, before the first after every kind
of interruption, and where a step failed in which something begins.

The first step takes states by a hundredth of their sizes, at most a hundredth of the time to go.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers

UNSEEN = 1e-290
"""The size of a state that has been nothing but zero."""

FIRST_CHANGE = 0.01
"""The change of the states in a first step, relative to their sizes; the longest first step, relative to the
time to go."""

WITHOUT_RATES = 1e-6
"""The first step relative to the time to go where no state that has a size changes."""

LOOKS, LENGTHENED = 24, 4.0
"""How often a patient looks ahead at most, and by how much each look is longer than the one before."""

SHARE = 0.01
"""The size of a state that begins, relative to the largest seen ahead; too small only makes steps shorter."""

BELIEVED = 100.0
"""What is seen ahead counts as long as no state that has a size exceeds it so many times."""

LEAST = 1e-60
"""The least size for a method whose tolerances must not be zero, relative to the largest of any state."""


def first_step(states: Numbers, rates: Numbers, sizes: Numbers, to_go: float) -> float:
    """Return the length of a first step.

    Arguments: states, their rates and sizes (n_states,); the time to go.
    Source: E. Hairer, S. Nørsett and G. Wanner, Solving Ordinary Differential Equations I, II.4.
    """
    seen = sizes > UNSEEN
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        change = np.linalg.norm(rates[seen] / sizes[seen])
        ratio = FIRST_CHANGE * float(np.linalg.norm(states[seen] / sizes[seen]) / change)
    return min(ratio, FIRST_CHANGE * to_go) if 0.0 < ratio < np.inf else WITHOUT_RATES * to_go


def look_ahead(
    rates: Callable[[float, Numbers], Numbers],
    jacobian: Callable[[float, Numbers], Numbers],
    time: float,
    states: Numbers,
    sizes: Numbers,
    step: float,
    end: float,
    mass: Numbers,
) -> Numbers:
    """Return the sizes (n_states,), with those of states that had none as they are seen ahead.

    Arguments: the rates and their Jacobian as functions of time and states; the time; states and sizes
    (n_states,); the length of the first look; the time to look no further than; and the matrix
    (n_states, n_states) by which the rates of change are multiplied, the unit matrix without constraints.
    """
    unseen, largest = sizes <= UNSEEN, np.zeros_like(sizes)
    ahead = np.where(unseen, states + step * rates(time, states), states)
    for _ in range(LOOKS):
        if not (unseen.any() and time < end):
            break
        step = min(step, end - time)
        slopes, changes = jacobian(time, ahead), rates(time, ahead)
        try:
            moved = np.linalg.solve(mass / step - slopes, changes)
        except np.linalg.LinAlgError:
            break
        ahead = ahead + np.where(_reached(slopes, changes), moved, 0.0)
        if not np.all(np.abs(ahead) <= np.where(unseen, np.inf, BELIEVED * sizes)):
            break
        largest = np.maximum(largest, np.abs(ahead))
        time, step = time + step, step * LENGTHENED
    return np.where(unseen, np.maximum(SHARE * largest, sizes), sizes)


def _reached(slopes: Numbers, changes: Numbers) -> NDArray[np.bool_]:
    """Return which states move at all, by rates of their own or of states that act on them.

    Arguments: the Jacobian (n_states, n_states) and the rates (n_states,). A dense solver leaves rounding in
    the others, which is no size.
    """
    reached: NDArray[np.bool_] = changes != 0.0
    for _ in range(len(reached)):
        more = reached | (slopes[:, reached] != 0.0).any(axis=1)
        if np.array_equal(more, reached):
            break
        reached = more
    return reached


def with_least(sizes: Numbers) -> Numbers:
    """Return sizes (n_states,) of which none is zero, for a method whose tolerances must not be."""
    return np.asarray(np.maximum(sizes, LEAST * sizes.max()))
