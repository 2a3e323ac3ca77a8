"""The sequences of arms that patients can be allocated to."""

from __future__ import annotations

from functools import cache


@cache
def sequences_of(n_arms: int, *, crossover: bool) -> tuple[tuple[int, ...], ...]:
    """Return, for each sequence, the arm of each period; parallel arms are sequences of one period."""
    return williams(n_arms) if crossover else tuple((arm,) for arm in range(n_arms))


def williams(n_arms: int) -> tuple[tuple[int, ...], ...]:
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
