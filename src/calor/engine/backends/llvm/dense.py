"""What a leading step's dense output is made of, and how states and their slopes are read from it.

A segment keeps, for every leading state, both ends of the step and some coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from calor.engine.backends.llvm.builder import Code, Value


class Within(Protocol):
    """Somewhere within each lane's segment."""

    def state(self, pieces: Sequence[Value]) -> Value:
        """Return a state there, from both of its ends and its coefficients."""
        ...

    def slope(self, pieces: Sequence[Value]) -> Value:
        """Return a state's slope there, by the place within the segment."""
        ...


class Dense(Protocol):
    """A kind of dense output."""

    def prepare(self, code: Code, work: Value) -> None:
        """Write what prepares it after a step."""
        ...

    def at(self, theta: Value) -> Within:
        """Return what reads states at a place."""
        ...


class RosenbrockDense:
    """The dense output of a Rosenbrock method: three coefficients."""

    def prepare(self, code: Code, work: Value) -> None:
        """Write what prepares it after a step."""
        code.call("interpolation_leading", "void", work)

    def at(self, theta: Value) -> Within:
        """Return what reads states at a place."""
        return _WithinRosenbrock(theta, 1.0 - theta)


@dataclass(frozen=True)
class _WithinRosenbrock:
    theta: Value
    rest: Value

    def state(self, pieces: Sequence[Value]) -> Value:
        start, end, k1, k2, k3 = pieces
        theta, rest = self.theta, self.rest
        return start + theta * ((end - start) + rest * (k1 + theta * (k2 + theta * k3)))

    def slope(self, pieces: Sequence[Value]) -> Value:
        start, end, k1, k2, k3 = pieces
        theta, rest = self.theta, self.rest
        bend = k1 + theta * (k2 + theta * k3)
        return (end - start) + (rest - theta) * bend + theta * rest * (k2 + theta * k3 * 2.0)


@dataclass(frozen=True)
class LegendreDense:
    """The dense output of `methods.collocation`: its coefficients but for the first, which both ends tell."""

    stages: int

    def prepare(self, code: Code, work: Value) -> None:
        """The step leaves it behind."""

    def at(self, theta: Value) -> Within:
        """Return what reads states at a place."""
        x = theta * 2.0 - 1.0
        values = [theta.code.constant(1.0, theta.type), x]
        for k in range(1, self.stages):
            values.append(x * values[k] * ((2 * k + 1) / (k + 1)) - values[k - 1] * (k / (k + 1)))
        return _WithinLegendre(theta, tuple(values))


@dataclass(frozen=True)
class _WithinLegendre:
    theta: Value
    legendre: tuple[Value, ...]

    def state(self, pieces: Sequence[Value]) -> Value:
        start, end, *coefficients = pieces
        found = start + self.theta * (end - start)
        for k, coefficient in enumerate(coefficients, 1):
            found = found + coefficient * (self.legendre[k + 1] - self.legendre[k - 1])
        return found

    def slope(self, pieces: Sequence[Value]) -> Value:
        start, end, *coefficients = pieces
        found = end - start
        for k, coefficient in enumerate(coefficients, 1):
            found = found + coefficient * (self.legendre[k] * (2.0 * (2 * k + 1)))
        return found
