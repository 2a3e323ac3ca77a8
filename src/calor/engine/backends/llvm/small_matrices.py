"""Small matrices of vectors, written out. An entry that is None is zero."""

from __future__ import annotations

from functools import reduce

from calor.engine.backends.llvm.builder import Value

Entry = Value | None
Matrix = list[list[Entry]]


def product(first: Matrix, second: Matrix) -> Matrix:
    """Return the product of two matrices."""
    return [
        [
            reduce(_sum, (_times(a, b) for a, b in zip(row, column, strict=True)), None)
            for column in zip(*second, strict=True)
        ]
        for row in first
    ]


def summed(first: Matrix, second: Matrix) -> Matrix:
    """Return the sum of two matrices."""
    return [
        [_sum(a, b) for a, b in zip(row, other, strict=True)]
        for row, other in zip(first, second, strict=True)
    ]


def difference(first: Matrix, second: Matrix) -> Matrix:
    """Return the difference of two matrices."""
    return [
        [_difference(a, b) for a, b in zip(row, other, strict=True)]
        for row, other in zip(first, second, strict=True)
    ]


def scaled(matrix: Matrix, factor: Value | float) -> Matrix:
    """Return a matrix times a number."""
    return [[None if entry is None else entry * factor for entry in row] for row in matrix]


def inverse(matrix: Matrix) -> Matrix:
    """Return the inverse, by elimination without row exchanges."""
    left = [list(row) for row in matrix]
    for p, row in enumerate(left):
        pivot = row[p]
        assert pivot is not None
        share = 1.0 / pivot
        row[p] = None
        row[:] = [_times(entry, share) for entry in row]
        for i, other in enumerate(left):
            factor = other[p]
            if i == p or factor is None:
                continue
            other[:] = [_difference(a, _times(factor, b)) for a, b in zip(other, row, strict=True)]
            other[p] = -factor * share
        row[p] = share
    return left


def _times(a: Entry, b: Entry) -> Entry:
    return None if a is None or b is None else a * b


def _sum(a: Entry, b: Entry) -> Entry:
    return b if a is None else a if b is None else a + b


def _difference(a: Entry, b: Entry) -> Entry:
    return a if b is None else -b if a is None else a - b
