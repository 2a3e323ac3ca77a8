"""The vector functions against the C library, value by value."""

import ctypes
import math

import numpy as np
import pytest

from calor.core import machine
from calor.core.targets import target
from calor.engine.backends.llvm import mathematics
from calor.engine.backends.llvm.builder import POINTER, Code
from calor.engine.backends.llvm.source import module_text

RANDOM = np.random.default_rng(5)


def evaluated(write, *columns):
    """Return write(code, *vectors) for columns of numbers, through compiled code."""
    lanes = target().lanes
    vector = f"<{lanes} x double>"
    names = [f"x{i}" for i in range(len(columns))]
    arguments = [*((name, POINTER) for name in names), ("out", POINTER)]
    code = Code("apply", arguments, lanes=lanes, linkage="dso_local")
    operands = [code.load(vector, code.arguments[name]) for name in names]
    code.store(write(code, *operands), code.arguments["out"])
    code.give_back()
    library = machine.compiled(module_text([code]))
    apply = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(arguments))(library.address("apply"))
    n = len(columns[0])
    padded = [np.resize(np.asarray(c, dtype=float), -(-n // lanes) * lanes) for c in columns]
    out = np.empty_like(padded[0])
    for i in range(0, len(out), lanes):
        apply(*[c[i:].ctypes.data for c in padded], out[i:].ctypes.data)
    return out[:n]


def units_in_last_place(found, exact):
    return np.abs(found - exact) / np.spacing(np.abs(exact))


def test_exponential_is_within_one_unit_in_the_last_place():
    x = np.concatenate([RANDOM.uniform(-700, 700, 4000), RANDOM.normal(size=4000), [0.0, 709.7, -708.3]])
    assert units_in_last_place(evaluated(mathematics.exponential, x), np.exp(x)).max() <= 1.0


def test_exponential_overflows_underflows_and_keeps_nan():
    found = evaluated(mathematics.exponential, [710.0, math.inf, -750.0, -math.inf, math.nan])
    np.testing.assert_array_equal(found, [math.inf, math.inf, 0.0, 0.0, math.nan])


def test_logarithm_is_within_one_unit_in_the_last_place():
    x = np.concatenate([np.exp(RANDOM.uniform(-700, 700, 4000)), RANDOM.uniform(0.5, 2.0, 4000), [1.0]])
    assert units_in_last_place(evaluated(mathematics.logarithm, x), np.log(x)).max() <= 1.0


def test_logarithm_of_what_has_none():
    found = evaluated(mathematics.logarithm, [0.0, -1.0, math.inf, math.nan])
    np.testing.assert_array_equal(found, [-math.inf, math.nan, math.inf, math.nan])


def power(code, base, exponent):
    return mathematics.Powers(code).powers([mathematics.Power(base, exponent, None, None)])[0]


def test_powers_are_as_accurate_as_their_logarithm_is_large():
    base = np.exp(RANDOM.uniform(-30, 30, 8000))
    exponent = RANDOM.uniform(-8, 8, 8000)
    error = units_in_last_place(evaluated(power, base, exponent), base**exponent)
    assert np.all(error <= 2.0 * (1.0 + np.abs(exponent * np.log(base))))


@pytest.mark.parametrize("exponent", [-3.0, -2.0, 1.0, 2.0, 5.0])
def test_whole_powers_of_negative_numbers_have_their_sign(exponent):
    base = -np.exp(RANDOM.uniform(-5, 5, 100))
    found = evaluated(power, base, np.full(100, exponent))
    np.testing.assert_allclose(found, base**exponent, rtol=1e-13)


def test_broken_powers_of_negative_numbers_are_those_of_zero():
    np.testing.assert_array_equal(evaluated(power, [-2.0, -1e-9], [0.5, 1.7]), [0.0, 0.0])


def test_zero_to_a_positive_power_is_zero():
    found = evaluated(power, [0.0, -0.0, 0.0, 0.0, 0.0], [2.0, 3.0, 0.5, 0.01, 0.0])
    np.testing.assert_array_equal(found, [0.0, 0.0, 0.0, 0.0, 1.0])


def test_zero_to_a_negative_power_is_large_and_finite_lest_a_derivative_spoil_a_step():
    np.testing.assert_allclose(evaluated(power, [0.0, 0.0], [-0.5, -1.0]), [1e75, 1e150], rtol=1e-12)


def test_a_power_of_what_is_no_number_is_none():
    found = evaluated(power, [math.nan] * 3 + [2.0], [2.5, 2.0, -0.5, math.nan])
    np.testing.assert_array_equal(found, [math.nan] * 4)
    np.testing.assert_allclose(evaluated(power, [math.inf], [-2.0]), [0.0], atol=1e-300)
