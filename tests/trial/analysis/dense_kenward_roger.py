"""Kenward and Roger (1997) written out patient by patient with full matrices: slow, and easy to check."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def entries(size: int) -> list[Floats]:
    """Return the derivatives of an unstructured covariance by its entries."""
    derivatives = []
    for row in range(size):
        for column in range(row, size):
            derivative = np.zeros((size, size))
            derivative[row, column] = derivative[column, row] = 1.0
            derivatives.append(derivative)
    return derivatives


def restricted_score(
    designs: list[Floats], responses: list[Floats], seen: list[Floats], sigma: Floats
) -> Floats:
    """Return the gradient of the restricted log-likelihood by the entries of sigma."""
    inverses = [np.linalg.inv(sigma[np.ix_(s, s)]) for s in seen]
    information = sum(x.T @ v @ x for x, v in zip(designs, inverses, strict=True))
    phi = np.linalg.inv(information)
    beta = phi @ sum(x.T @ v @ y for x, v, y in zip(designs, inverses, responses, strict=True))
    score = []
    for derivative in entries(len(sigma)):
        total = 0.0
        for x, v, y, s in zip(designs, inverses, responses, seen, strict=True):
            d = derivative[np.ix_(s, s)]
            residual = y - x @ beta
            total -= np.trace(v @ d) - np.trace(phi @ x.T @ v @ d @ v @ x) - residual @ v @ d @ v @ residual
        score.append(total / 2)
    return np.array(score)


def adjusted(
    designs: list[Floats],
    seen: list[Floats],
    sigma: Floats,
    contrast: Floats,
    derivatives: list[Floats] | None = None,
) -> tuple[float, float]:
    """Return the adjusted variance of a contrast and its degrees of freedom.

    `derivatives` are those of sigma by its parameters; all its entries where none are given.
    """
    derivatives = entries(len(sigma)) if derivatives is None else derivatives
    inverses = [np.linalg.inv(sigma[np.ix_(s, s)]) for s in seen]
    phi = np.linalg.inv(sum(x.T @ v @ x for x, v in zip(designs, inverses, strict=True)))
    count = len(derivatives)
    p = [np.zeros_like(phi) for _ in range(count)]
    q = [[np.zeros_like(phi) for _ in range(count)] for _ in range(count)]
    information = np.zeros((count, count))
    for x, v, s in zip(designs, inverses, seen, strict=True):
        d = [derivative[np.ix_(s, s)] for derivative in derivatives]
        for i in range(count):
            p[i] -= x.T @ v @ d[i] @ v @ x
            for j in range(count):
                q[i][j] += x.T @ v @ d[i] @ v @ d[j] @ v @ x
                information[i, j] += np.trace(v @ d[i] @ v @ d[j]) / 2
    for i in range(count):
        for j in range(count):
            information[i, j] -= np.trace(phi @ q[i][j]) - np.trace(phi @ p[i] @ phi @ p[j]) / 2
    w = np.linalg.inv(information)
    inner = sum(w[i, j] * (q[i][j] - p[i] @ phi @ p[j]) for i in range(count) for j in range(count))
    variance = contrast @ phi @ contrast
    gradient = np.array([contrast @ phi @ p[i] @ phi @ contrast for i in range(count)])
    return (
        float(variance + 2 * contrast @ phi @ inner @ phi @ contrast),
        float(2 * variance**2 / (gradient @ w @ gradient)),
    )
