"""Rosenbrock methods with dense output, as coefficients that prove their own order.

A step from (t, y) of size h solves, for each stage i,

    (I/(γh) - J) uᵢ = f(t + cᵢh, y + Σⱼ aᵢⱼ uⱼ) + Σⱼ (Cᵢⱼ/h) uⱼ + h dᵢ ∂f/∂t

and ends at y + Σᵢ mᵢ uᵢ. Inside the step, y(θ) = (1-θ) y₀ + θ (y₁ + (1-θ)(k₁ + θ(k₂ + θ k₃))) with
k = H u.

Source of the form: E. Hairer and G. Wanner, Solving Ordinary Differential Equations II, section IV.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations_with_replacement

import numpy as np

from calor.core.arrays import Numbers

Tree = tuple["Tree", ...]
"""A rooted tree: the tuple of the trees at its root."""

TOLERANCE = 1e-9
"""How exactly coefficients given to 16 digits must satisfy their conditions."""


@dataclass(frozen=True)
class RosenbrockMethod:
    """A stiffly accurate Rosenbrock method in the transformed form above.

    Arguments: name, source, order, order of the embedded error estimate and of the dense output; γ; the
    strictly lower triangular a and C (stages, stages); c and d (stages,); m (stages,); the weights of the
    error estimate (stages,); and H (3, stages). Raises ValueError where row sums or order conditions fail.
    """

    name: str
    source: str
    order: int
    error_order: int
    dense_order: int
    gamma: float
    a: Numbers
    c_matrix: Numbers
    c: Numbers
    d: Numbers
    m: Numbers
    error: Numbers
    dense: Numbers

    def __post_init__(self) -> None:
        for what, defect in self.defects():
            if not defect < TOLERANCE:
                raise ValueError(f"{self.name}: {what} fails by {defect:.3g}; a coefficient is wrong")

    @property
    def stages(self) -> int:
        """The number of stages."""
        return len(self.c)

    @cached_property
    def _untransformed(self) -> tuple[Numbers, Numbers]:
        """The matrices α and Γ of the form in which order conditions are written."""
        gamma = np.asarray(np.linalg.inv(np.eye(self.stages) / self.gamma - self.c_matrix), dtype=np.float64)
        return np.asarray(self.a @ gamma), gamma

    def weights(self, theta: float = 1.0) -> Numbers:
        """Return the weights b(θ) of the stages in y(θ) = y₀ + Σ bᵢ(θ) kᵢ, θ in [0, 1]."""
        _, gamma = self._untransformed
        k1, k2, k3 = self.dense
        transformed = theta * (self.m + (1 - theta) * (k1 + theta * (k2 + theta * k3)))
        return np.asarray(transformed @ gamma)

    def defects(self) -> Iterator[tuple[str, float]]:
        """Yield every condition (row sums, order, error estimate, dense output) with its defect."""
        alpha, gamma = self._untransformed
        yield "a row sum of α", float(np.abs(alpha.sum(axis=1) - self.c).max())
        yield "a row sum of Γ", float(np.abs(gamma.sum(axis=1) - self.d).max())
        embedded = (self.m - self.error) @ gamma
        for order in range(1, self.order + 1):
            yield f"order {order}", self._order_defect(self.weights(), order)
        for order in range(1, self.error_order + 1):
            yield f"order {order} of the error estimate", self._order_defect(embedded, order)
        for theta in (0.25, 0.5, 0.75):
            for order in range(1, self.dense_order + 1):
                yield (
                    f"order {order} of the dense output",
                    self._order_defect(self.weights(theta), order, theta),
                )

    def _order_defect(self, weights: Numbers, order: int, theta: float = 1.0) -> float:
        return max(
            abs(float(weights @ self._elementary_weights(tree)) - theta**order / density(tree))
            for tree in rooted_trees(order)
        )

    def _elementary_weights(self, tree: Tree) -> Numbers:
        """Return Φᵢ(tree): β = α + Γ follows a vertex with one branch, α one with several."""
        alpha, gamma = self._untransformed
        if not tree:
            return np.ones(self.stages)
        if len(tree) == 1:
            return np.asarray((alpha + gamma) @ self._elementary_weights(tree[0]))
        return np.asarray(np.prod([alpha @ self._elementary_weights(child) for child in tree], axis=0))


def size(tree: Tree) -> int:
    """Return the number of vertices."""
    return 1 + sum(size(child) for child in tree)


def density(tree: Tree) -> int:
    """Return γ(tree), the product of the sizes of all its subtrees."""
    product = size(tree)
    for child in tree:
        product *= density(child)
    return product


@lru_cache
def rooted_trees(order: int) -> tuple[Tree, ...]:
    """Return the rooted trees with `order` vertices (1, 1, 2, 4, 9, 20, ...)."""
    return tuple(sorted({tuple(sorted(forest)) for forest in _forests(order - 1, order - 1)}))


def _forests(vertices: int, largest: int) -> Iterator[Tree]:
    """Yield the multisets of trees of at most `largest` vertices with `vertices` vertices in all."""
    if vertices == 0:
        yield ()
        return
    if largest == 0:
        return
    for count in range(vertices // largest + 1):
        for rest in _forests(vertices - count * largest, largest - 1):
            for chosen in combinations_with_replacement(rooted_trees(largest), count):
                yield (*chosen, *rest)
