"""Radau collocation: its nodes, its order, its damping and its dense output."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.polynomial import Legendre

from calor.core.arrays import Numbers
from calor.engine.methods.collocation import RADAU_6, Collocation

# Nodes of the right-hand quadrature with 2 and 3 points, by their formulas.
RADAU_2 = Collocation(np.array([1 / 3, 1.0]))
RADAU_3 = Collocation(np.array([(4 - 6**0.5) / 10, (4 + 6**0.5) / 10, 1.0]))


def coefficients(
    method: Collocation, h: float, rate: float, start: float, g: Callable[..., Numbers]
) -> Numbers:
    """Solve the equations of the module for x' = g(t) - rate x from 0, (stages,)."""
    s = method.stages
    shape = np.zeros((s, s))
    for k in range(s):
        if k > 0:
            shape[k, k - 1] = 1.0
        if k < s - 1:
            shape[k, k + 1] = -1.0
    shape[0, 0] = shape[-1, -1] = 1.0
    right = h * (method.to_coefficients @ g(h * method.nodes))
    right[0] -= h * rate * start
    return np.linalg.solve(np.diag(2.0 * (2.0 * np.arange(s) + 1.0)) + h * rate * shape, right)


def within(c: Numbers, start: float, theta: Numbers) -> Numbers:
    """Return a state within the step, from the definition."""
    found = start + 2.0 * c[0] * theta
    for k in range(1, len(c)):
        found = found + c[k] * (legendre(k + 1)(theta) - legendre(k - 1)(theta))
    return found


def legendre(k: int) -> Legendre:
    return Legendre.basis(k, domain=[0.0, 1.0])


@pytest.mark.parametrize("method", [RADAU_2, RADAU_3, RADAU_6])
def test_the_nodes_are_those_of_the_quadrature(method: Collocation) -> None:
    s = method.stages
    at_nodes = (legendre(s) - legendre(s - 1))(method.nodes)
    np.testing.assert_allclose(at_nodes, 0.0, atol=2e-15 * s**2)
    assert method.nodes[-1] == 1.0
    np.testing.assert_allclose(method.to_coefficients @ method.from_coefficients, np.eye(s), atol=1e-14)


def test_what_drives_a_state_by_a_polynomial_is_integrated_exactly() -> None:
    c = coefficients(RADAU_6, 1.0, 0.0, 2.0, lambda t: 6.0 * t**5 - 3.0 * t**2)
    theta = np.linspace(0.0, 1.0, 7)
    np.testing.assert_allclose(within(c, 2.0, theta), 2.0 + theta**6 - theta**3, rtol=1e-14)


@pytest.mark.parametrize(("method", "h"), [(RADAU_2, 0.1), (RADAU_3, 0.1), (RADAU_6, 3.0)])
def test_the_order_is_twice_the_stages_less_one_at_the_end_and_the_stages_within(
    method: Collocation, h: float
) -> None:
    def errors(h: float) -> tuple[float, float]:
        theta = np.linspace(0.0, 1.0, 101)
        found = within(coefficients(method, h, 1.0, 1.0, np.cos), 1.0, theta)
        exact = (np.cos(h * theta) + np.sin(h * theta) + np.exp(-h * theta)) / 2
        return abs(found[-1] - exact[-1]), abs(found - exact).max()

    (end, inside), (half_end, half_inside) = errors(h), errors(h / 2)
    # The error of one step falls by one order more than the method's.
    assert np.log2(end / half_end) == pytest.approx(2 * method.stages, abs=0.2)
    assert np.log2(inside / half_inside) == pytest.approx(method.stages + 1, abs=0.4)


@pytest.mark.parametrize("stiffness", [1e3, 1e8, 1e15])
def test_what_is_very_quick_is_where_it_is_drawn_to_after_one_step(stiffness: float) -> None:
    c = coefficients(RADAU_6, 1.0, stiffness, 5.0, lambda t: stiffness * np.exp(-t))
    assert within(c, 5.0, np.array([1.0]))[0] == pytest.approx(np.exp(-1.0), abs=30.0 / stiffness + 1e-5)


@pytest.mark.parametrize("z", [0.0, 1e-9, 0.3, 5.0, 60.0, 1e6, 1e15])
def test_no_pivot_falls_below_its_diagonal_entry(z: float) -> None:
    last = RADAU_6.stages - 1
    pivot = 2.0 * (2 * last + 1) + z
    for k in range(last - 1, -1, -1):
        pivot = 2.0 * (2 * k + 1) + (z if k == 0 else 0.0) + z * z / pivot
        assert pivot >= 2.0 * (2 * k + 1)
