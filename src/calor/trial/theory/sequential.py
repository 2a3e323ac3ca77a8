"""When a sequence of correlated normal statistics first leaves its bounds.

At look k the statistic Z_k has mean drift √t_k, where t_k is the fraction of the final information, and
cov(Z_j, Z_k) = √(t_j / t_k). The density of Z_k on the region of continuation follows from that of Z_{k-1} by
one integral, which Gauss-Legendre panels narrower than the densities' own scale take to rounding error.
Source: Armitage, McPherson and Rowe (1969), J R Stat Soc A 132:235-44; Jennison and Turnbull (2000), Group
Sequential Methods, chapter 19.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.special import ndtr

NODES_PER_PANEL = 20
PANEL_SCALES = 3.0
"""Panel width in units of the narrowest density that meets on it; 20 nodes then err by less than 1e-15."""

TAIL = 9.5
"""Standard deviations beyond which a normal density holds less than 1e-20."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(NODES_PER_PANEL)


@dataclass(frozen=True)
class Continuation:
    """The density of the statistic among the trials that go on after a look.

    Arguments: the look's information fraction (0 before the first), integration nodes on the statistic's
    scale, and the probability mass at each node.
    """

    information: float
    nodes: Numbers
    masses: Numbers

    @classmethod
    def start(cls) -> Continuation:
        """Return the state before the first look: all trials at 0."""
        return cls(0.0, np.zeros(1), np.ones(1))

    def _standardised(self, bound: Numbers, information: float, drift: float) -> Numbers:
        """Return (bound √t - z √t_before - drift Δt) / √Δt for each bound (rows) and node (columns)."""
        step = information - self.information
        mean = self.nodes * np.sqrt(self.information) + drift * step
        return np.asarray((bound[:, None] * np.sqrt(information) - mean[None, :]) / np.sqrt(step))

    def above(self, bound: float, information: float, drift: float) -> float:
        """Return the probability of going on until now and lying above a bound at the next look."""
        distance = self._standardised(np.array([bound]), information, drift)[0]
        return float(ndtr(-distance) @ self.masses)

    def below(self, bound: float, information: float, drift: float) -> float:
        """Return the probability of going on until now and lying below a bound at the next look."""
        distance = self._standardised(np.array([bound]), information, drift)[0]
        return float(ndtr(distance) @ self.masses)

    def go_on(
        self,
        lower: float,
        upper: float,
        information: float,
        drift: float,
        narrowest: float,
        reach: float = TAIL,
    ) -> Continuation:
        """Return the state after the next look, for those between its bounds.

        `narrowest` is the scale of the narrowest density that the next nodes must resolve, `reach` how far
        from its mean the statistic is followed.
        """
        mean = drift * np.sqrt(information)
        nodes, weights = _panels(max(lower, mean - reach), min(upper, mean + reach), narrowest)
        distance = self._standardised(nodes, information, drift)
        density = np.exp(-0.5 * distance**2) @ self.masses
        density *= np.sqrt(information / (2 * np.pi * (information - self.information)))
        return Continuation(information, nodes, weights * density)


def _panels(lower: float, upper: float, narrowest: float) -> tuple[Numbers, Numbers]:
    """Return Gauss-Legendre nodes and weights on panels that cover an interval (empty: no nodes)."""
    if upper <= lower:
        return np.zeros(0), np.zeros(0)
    count = int(np.ceil((upper - lower) / (PANEL_SCALES * narrowest)))
    edges = np.linspace(lower, upper, count + 1)
    half = np.diff(edges) / 2
    middle = edges[:-1] + half
    return (middle[:, None] + half[:, None] * _NODES).ravel(), (half[:, None] * _WEIGHTS).ravel()


def narrowest_scales(information: Numbers, start: float = 0.0) -> Numbers:
    """Return, for each look, the scale of the narrowest density on its statistic: (n_looks,).

    The density at look k is at least as wide as √(Δt_k / t_k); the step to look k + 1 weighs its nodes on the
    scale √(Δt_{k+1} / t_k). `start` is the information before the first of these looks.
    """
    before = np.diff(information, prepend=start)
    after = np.append(before[1:], np.inf)
    return np.asarray(np.sqrt(np.minimum(np.minimum(before, after) / information, 1.0)))


@dataclass(frozen=True)
class Stopping:
    """The probability of first leaving the bounds above, and below, at each look: (n_looks,) each."""

    above: Numbers
    below: Numbers


def stopping_probabilities(
    lower: Numbers, upper: Numbers, information: Numbers, drift: float, state: Continuation | None = None
) -> Stopping:
    """Return where and when the statistics first leave their bounds.

    Arguments: bounds on the z scale (may be infinite) and information fractions, (n_looks,) each; the mean
    of the statistic at information 1; and what is known of the statistic before the first of these looks
    (all trials at 0, where nothing is given).
    """
    state = Continuation.start() if state is None else state
    scales = narrowest_scales(information, state.information)
    above, below = np.zeros(len(information)), np.zeros(len(information))
    for look, fraction in enumerate(information):
        above[look] = state.above(upper[look], fraction, drift)
        below[look] = state.below(lower[look], fraction, drift)
        if look < len(information) - 1:
            state = state.go_on(lower[look], upper[look], fraction, drift, scales[look])
    return Stopping(above, below)
