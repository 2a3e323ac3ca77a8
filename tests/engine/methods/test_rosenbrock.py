"""The methods' coefficients satisfy their conditions, and a wrong coefficient does not."""

import dataclasses

import numpy as np
import pytest

from calor.engine.methods.rodas5p import RODAS5P
from calor.engine.methods.rosenbrock import density, rooted_trees


def test_the_number_of_rooted_trees_is_known():
    # Cayley 1857; Sloane's A000081
    assert [len(rooted_trees(order)) for order in range(1, 8)] == [1, 1, 2, 4, 9, 20, 48]


def test_a_bushy_and_a_tall_tree_have_the_known_densities():
    tall = ((((),),),)
    bushy = ((), (), ())
    assert density(tall) == 24
    assert density(bushy) == 4


def test_rodas5p_satisfies_every_condition_of_order_five():
    conditions = dict(RODAS5P.defects())
    assert {"a row sum of α", "a row sum of Γ", "order 5", "order 4 of the error estimate"} <= set(conditions)
    assert max(conditions.values()) < 1e-10


def test_rodas5p_is_not_of_order_six_nor_is_its_estimate_of_order_five():
    assert RODAS5P._order_defect(RODAS5P.weights(), 6) > 1e-5
    _, gamma = RODAS5P._untransformed
    assert RODAS5P._order_defect((RODAS5P.m - RODAS5P.error) @ gamma, 5) > 1e-5


def test_a_wrong_digit_is_refused():
    wrong = RODAS5P.a.copy()
    wrong[4, 2] += 1e-7
    with pytest.raises(ValueError, match=r"Rodas5P: .* a coefficient is wrong"):
        dataclasses.replace(RODAS5P, a=wrong)


def test_rodas5p_damps_stiff_parts_fully():
    # stiffly accurate: R(z) -> 0 as z -> -infinity; R(z) = 1 + z b (I - z (α + Γ))⁻¹ 1
    alpha, gamma = RODAS5P._untransformed
    beta = alpha + gamma
    for z in (-1e6, -1e8):
        r = 1 + z * RODAS5P.weights() @ np.linalg.solve(np.eye(8) - z * beta, np.ones(8))
        assert abs(r) < 1e-3


def test_rodas5p_is_stable_on_the_imaginary_axis():
    alpha, gamma = RODAS5P._untransformed
    for y in np.geomspace(1e-2, 1e4, 200):
        z = 1j * y
        r = 1 + z * RODAS5P.weights() @ np.linalg.solve(np.eye(8) - z * (alpha + gamma), np.ones(8))
        assert abs(r) <= 1 + 1e-9
