"""Gaussian elimination of a sparse matrix planned once, so that it can be written without loops.

Pivots stay on the diagonal, in the order of least fill (Markowitz: the product of what else stands in the
row and the column). Matrices I/(γh) - J allow that unless h is too large; the code that runs the plan
watches the pivots and says where they failed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Place = tuple[int, int]


@dataclass(frozen=True)
class Elimination:
    """What to compute, in order.

    Arguments: the size; the pivots in order; for each pivot the rows below it (`lower`) and the columns
    right of it (`upper`); and every place that is not zero, fill included, sorted.
    """

    size: int
    pivots: tuple[int, ...]
    lower: tuple[tuple[int, ...], ...]
    upper: tuple[tuple[int, ...], ...]
    places: tuple[Place, ...]

    @property
    def multiplications(self) -> int:
        """The number of fused multiplications of the factorisation."""
        return sum(
            len(rows) * (len(columns) + 1) for rows, columns in zip(self.lower, self.upper, strict=True)
        )


def plan(size: int, pattern: Iterable[Place]) -> Elimination:
    """Plan the elimination of a matrix whose nonzero places are `pattern` and the diagonal."""
    rows: list[set[int]] = [{i} for i in range(size)]
    columns: list[set[int]] = [{i} for i in range(size)]
    for row, column in pattern:
        rows[row].add(column)
        columns[column].add(row)
    places = {(i, j) for i in range(size) for j in rows[i]}
    left = set(range(size))
    pivots: list[int] = []
    lower: list[tuple[int, ...]] = []
    upper: list[tuple[int, ...]] = []
    while left:
        pivot = min(left, key=lambda k: ((len(rows[k]) - 1) * (len(columns[k]) - 1), k))
        left.remove(pivot)
        below = sorted(columns[pivot] - {pivot})
        right = sorted(rows[pivot] - {pivot})
        for row in below:
            rows[row].discard(pivot)
            for column in right:
                rows[row].add(column)
                columns[column].add(row)
                places.add((row, column))
        for column in right:
            columns[column].discard(pivot)
        pivots.append(pivot)
        lower.append(tuple(below))
        upper.append(tuple(right))
    return Elimination(size, tuple(pivots), tuple(lower), tuple(upper), tuple(sorted(places)))
