"""The sequences of arms that patients can be allocated to: for each, the arm of each period by position."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from calor.core.arrays import Numbers

Sequences = tuple[tuple[int, ...], ...]


@cache
def single_periods(n_arms: int) -> Sequences:
    """Return parallel arms: sequences of one period."""
    return tuple((arm,) for arm in range(n_arms))


@cache
def williams(n_arms: int) -> Sequences:
    """Return the sequences of a Williams design: every arm follows every other equally often.

    An even number of arms takes as many sequences, an odd one twice as many; two arms give AB and BA.
    Source: Williams (1949), Aust J Sci Res A 2:149-68.
    """
    first = [0]
    low, high = 1, n_arms - 1
    while len(first) < n_arms:
        first.append(low)
        low += 1
        if len(first) < n_arms:
            first.append(high)
            high -= 1
    rows = [tuple((arm + shift) % n_arms for arm in first) for shift in range(n_arms)]
    if n_arms % 2:
        rows += [row[::-1] for row in rows]
    return tuple(rows)


@cache
def balaam(n_arms: int) -> Sequences:
    """Return Balaam's sequences of two periods: every ordered pair of arms, each with itself too.

    Source: Balaam (1968), Biometrics 24:61-73.
    """
    return tuple(product(range(n_arms), repeat=2))


@cache
def in_cycles(cycles: int) -> Sequences:
    """Return two arms in cycles of two periods, for every order within each cycle."""
    orders = product(((0, 1), (1, 0)), repeat=cycles)
    return tuple(tuple(arm for pair in order for arm in pair) for order in orders)


def design_columns(sequences: Sequences, n_arms: int, *, carry_over: bool = False) -> Numbers:
    """Return the columns of a crossover's model, (n_sequences, n_periods, n_columns).

    One column a period, then with `carry_over` one for each arm but the first in the period before, then one
    for each arm but the first.
    """
    arms = np.array(sequences)
    n_periods = arms.shape[1]
    periods = np.broadcast_to(np.eye(n_periods), (len(arms), n_periods, n_periods))
    given = np.eye(n_arms)[arms][:, :, 1:]
    before = np.zeros_like(given)
    before[:, 1:] = given[:, :-1]
    return np.concatenate([periods, *([before] if carry_over else []), given], axis=2)


def told_apart(sequences: Sequences, n_arms: int, *, carry_over: bool = False) -> bool:
    """Return whether differences within patients tell every arm from the others and from the periods.

    With `carry_over` also from what the arm of the period before leaves behind.
    """
    columns = design_columns(sequences, n_arms, carry_over=carry_over)
    within = (columns - columns.mean(axis=1, keepdims=True)).reshape(-1, columns.shape[2])
    others = within[:, : -(n_arms - 1)]
    return bool(np.linalg.matrix_rank(within) - np.linalg.matrix_rank(others) == n_arms - 1)
