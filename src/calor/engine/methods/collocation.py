"""Radau collocation in Legendre polynomials, for rates that are affine in what they change.

A step of size h takes a state, at the place θ within the step, as

    x(θ) = x₀ + 2 c₀ θ + Σ cₖ (Pₖ₊₁ - Pₖ₋₁),    0 < k < s,    Pₖ = Pₖ(2θ - 1),

whose rate h x' is 2 (2k + 1) cₖ in Pₖ. It meets the differential equation at the s nodes of Radau's
right-hand quadrature: order 2s - 1 at the step's end, L-stable, a dense output of order s. At the nodes
Pₛ = Pₛ₋₁, so that there x has the coefficients

    x̂₀ = x₀ + c₀ - c₁,    x̂ₖ = cₖ₋₁ - cₖ₊₁,    x̂ₛ₋₁ = cₛ₋₂ + cₛ₋₁,

and x' = g - Λx, with Λ constant and gₖ the coefficients of g, needs no iteration:

    2 (2k + 1) cₖ + hΛ x̂ₖ = h gₖ,

three diagonals, whose pivots from below are at least 2 (2k + 1) for every hΛ >= 0.

Source: E. Hairer and G. Wanner, Solving Ordinary Differential Equations II, sections IV.5 and IV.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from calor.core.arrays import Numbers


@dataclass(frozen=True)
class Collocation:
    """Radau collocation with given nodes (s,) in a step from 0 to 1, the last of them 1."""

    nodes: Numbers

    @property
    def stages(self) -> int:
        """The number s of nodes."""
        return len(self.nodes)

    @cached_property
    def from_coefficients(self) -> Numbers:
        """What turns Legendre coefficients into values at the nodes (s nodes, s)."""
        x = 2.0 * self.nodes - 1.0
        values = [np.ones_like(x), x]
        for k in range(1, self.stages - 1):
            values.append(((2 * k + 1) * x * values[k] - k * values[k - 1]) / (k + 1))
        return np.stack(values, axis=1)

    @cached_property
    def to_coefficients(self) -> Numbers:
        """What turns values at the nodes into Legendre coefficients (s, s nodes).

        By the quadrature, which is exact for products of two polynomials below degree s.
        """
        values = self.from_coefficients
        weights = self.nodes / (self.stages * values[:, -1]) ** 2
        return np.asarray((2.0 * np.arange(self.stages) + 1.0)[:, None] * (weights[:, None] * values).T)


RADAU_6 = Collocation(
    np.array(
        [
            *(0.03980985705146874, 0.19801341787360818, 0.43797481024738616),
            *(0.6954642733536361, 0.9014649142011736, 1.0),
        ]
    )
)
