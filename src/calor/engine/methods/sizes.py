"""How large a state is: the scale of its own that its error is measured by, the same rule in every backend.

The error of a step is measured, state by state, in units of

    rtol max(|y|, |y after the step|) + atol s

where s is the state's *size*: the largest |y| that this patient's state has had, at the start, after whatever
happened to it, and at the end of every step. What falls from much to nothing is thus held to a share of what
it was; what begins at zero is held to what it has become, so that only rtol counts as long as it grows. No
number here has a unit: a model in other units takes the same steps.

A state that begins at zero far down a chain rises as a high power of time, which no first step can follow to
a share of its own height, however short. Where an attempted step is right for all states that have a size,
what it makes of the others is therefore their size from then on, though the step is tried again for their
sake: they are so large soon.

The first step takes states by a hundredth of their sizes, at most a hundredth of the time to go.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

UNSEEN = 1e-290
"""The size of a state that has been nothing but zero."""

FIRST_CHANGE = 0.01
"""The change of the states in a first step, relative to their sizes; the longest first step, relative to the
time to go."""

WITHOUT_RATES = 1e-6
"""The first step relative to the time to go where no state that has a size changes."""

LOOKS_AHEAD = 8
"""How many steps a multistep method, which cannot take an attempt back, looks ahead for what begins."""

LEAST = 1e-60
"""The least size that such a method is given, relative to the largest of any state."""


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
) -> Numbers:
    """Return the sizes (n_states,), with those of unseen states found by some linearly implicit Euler steps.

    Arguments: the rates and their Jacobian as functions of time and states; the time; states and sizes
    (n_states,); and how far to look.
    """
    found, part, ahead = sizes.copy(), step / LOOKS_AHEAD, states.copy()
    for look in range(LOOKS_AHEAD):
        if not np.any(found <= UNSEEN):
            break
        here = time + look * part
        try:
            moved = np.linalg.solve(np.eye(len(ahead)) / part - jacobian(here, ahead), rates(here, ahead))
        except np.linalg.LinAlgError:
            break
        if not np.all(np.isfinite(moved)):
            break
        ahead = ahead + moved
        found = np.where(sizes <= UNSEEN, np.maximum(found, np.abs(ahead)), found)
    return found


def with_least(sizes: Numbers) -> Numbers:
    """Return sizes (n_states,) of which none is zero, for a method whose tolerances must not be."""
    return np.asarray(np.maximum(sizes, LEAST * sizes.max()))
