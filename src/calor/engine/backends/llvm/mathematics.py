"""Exponential, logarithm and power of whole vectors, written out so that no lane waits for a library call.

exp is within 1 unit in the last place, log within 1, pow within 2 (1 + |y log x|). Below the normal range exp
gives 0 and log minus infinity. Rare functions call the C library lane by lane.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from calor.engine.backends.llvm.builder import Code, Value
from calor.engine.backends.llvm.packing import joined, parts
from calor.engine.symbolic.semantics import SMALLEST

_LOG2_E = 1.4426950408889634
_LN2 = 0.6931471805599453
_LN2_HIGH = 6.93147180369123816490e-01  # ln 2 in two parts: the first has room for an exact product
_LN2_LOW = 1.90821492927058770002e-10
_ROUNDING = 6755399441055744.0  # 1.5 x 2^52: adding it leaves the rounded integer in the low bits
_LARGEST, _SMALLEST = 709.782712893384, -708.3964185322641

# (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2, by interpolation at Chebyshev nodes: relative error of e^r 1.6e-17
_EXPONENTIAL = (
    0.5,
    0.16666666666666669,
    0.04166666666662413,
    0.008333333333330062,
    0.0013888888917213717,
    0.00019841269863053618,
    2.4801521295954376e-05,
    2.7557268459997064e-06,
    2.7620088445409746e-07,
    2.510038549551032e-08,
)

# (2^r - 1) / r on |r| <= 1/2, by interpolation at Chebyshev nodes: relative error of 2^r 2.0e-17
_POWER_OF_TWO = (
    0.6931471805599453,
    0.24022650695910097,
    0.0555041086648216,
    0.009618129107606888,
    0.0013333558146416936,
    0.0001540353044173605,
    1.525273382983612e-05,
    1.3215442587921336e-06,
    1.0178062445845584e-07,
    7.072585949340003e-09,
    4.454960598224245e-10,
)

# log2((1 + s) / (1 - s)) / s in powers of s^2 on |s| <= (sqrt 2 - 1)^2, by the same means: error 2.0e-16
_BINARY_LOGARITHM = (
    2.885390081777927,
    0.9617966939243345,
    0.5770780172463331,
    0.4121984020475349,
    0.3206163881861808,
    0.2614442475595067,
    0.24291610755816842,
)

# 2 atanh(s) = log((1 + s) / (1 - s)), coefficients of s^2, s^4, ...: P. T. P. Tang, ACM TOMS 16, 1990,
# in the form of Sun's fdlibm (error below 2^-58)
_LOGARITHM = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
_HALF_ROOT = 0x3FE6A09E00000000  # the bits of about sqrt(1/2)
_ONE = 0x3FF0000000000000
PACKED = 4
"""Powers that are computed side by side, so that one's steps need not wait for another's."""
_TWO_52 = 0x4330000000000000


def polynomial(code: Code, x: Value, coefficients: tuple[float, ...]) -> Value:
    """Return c0 + c1 x + c2 x^2 + ..., in pairs so that the sums do not wait for each other (Estrin)."""
    terms: list[Value] = []
    for low in range(0, len(coefficients), 2):
        pair = coefficients[low : low + 2]
        constant = code.constant(pair[0], x.type)
        terms.append(x * pair[1] + constant if len(pair) == 2 else constant)
    power = x
    while len(terms) > 1:
        power = power * power
        terms = [
            terms[i + 1] * power + terms[i] if i + 1 < len(terms) else terms[i]
            for i in range(0, len(terms), 2)
        ]
    return terms[0]


def exponential(code: Code, x: Value) -> Value:
    """Return e^x: x = n ln 2 + r, e^r by a polynomial, 2^n into the exponent's bits."""
    shifted = x * _LOG2_E + _ROUNDING
    n = shifted - _ROUNDING
    r = x - n * _LN2_HIGH
    r = r - n * _LN2_LOW
    scaled = _scaled(code, polynomial(code, r, _EXPONENTIAL) * (r * r) + (r + 1.0), shifted)
    scaled = code.select(x < _SMALLEST, 0.0, scaled)
    scaled = code.select(x > _LARGEST, math.inf, scaled)
    return code.select(x.differs(x), x, scaled)


def power_of_two(code: Code, x: Value) -> Value:
    """Return 2^x, x brought into -1022 to 1023: x = n + r, nothing lost in the reduction."""
    within = code.smaller(code.larger(x, -1022.0), 1023.0)
    shifted = within + _ROUNDING
    r = within - (shifted - _ROUNDING)
    return _scaled(code, polynomial(code, r, _POWER_OF_TWO) * r + 1.0, shifted)


def _scaled(code: Code, x: Value, shifted: Value) -> Value:
    """Return x 2^n, n standing in the low bits of `shifted`."""
    bits = code.as_integers(shifted)
    exponent = code.op(bits.type, f"shl {bits.type} {bits.text}, splat (i64 52)")
    return code.cast("bitcast", code.as_integers(x) + exponent, x.type)


def _split(code: Code, x: Value) -> tuple[Value, Value]:
    """Return k and m for a positive normal x = 2^k m, sqrt(1/2) <= m < sqrt(2)."""
    bits = code.as_integers(x) + (_ONE - _HALF_ROOT)
    exponent = code.op(bits.type, f"lshr {bits.type} {bits.text}, splat (i64 52)")
    with_2_52 = code.cast("bitcast", exponent | code.constant(_TWO_52, bits.type), x.type)
    fraction = bits & code.constant(0x000FFFFFFFFFFFFF, bits.type)
    return with_2_52 - (2.0**52 + 1023.0), code.cast("bitcast", fraction + _HALF_ROOT, x.type)


def logarithm_of_normal(code: Code, x: Value) -> Value:
    """Return log x of a positive normal number: log(1 + f) = f - (f^2/2 - r), with r of the size of f^3."""
    k, m = _split(code, x)
    f = m - 1.0
    s = f / (f + 2.0)
    z = s * s
    low = s * (polynomial(code, z, _LOGARITHM) * z + f * f * 0.5)
    return k * _LN2_HIGH - ((f * f * 0.5 - (low + k * _LN2_LOW)) - f)


def binary_logarithm(code: Code, x: Value) -> Value:
    """Return the logarithm to base 2 of a positive normal number, within 3 units in the last place."""
    k, m = _split(code, x)
    s = (m - 1.0) / (m + 1.0)
    return polynomial(code, s * s, _BINARY_LOGARITHM) * s + k


def logarithm(code: Code, x: Value) -> Value:
    """Return log x, minus infinity at 0, NaN below."""
    result = logarithm_of_normal(code, x)
    result = code.select(x < math.inf, result, x)
    result = code.select(x < 2.2250738585072014e-308, -math.inf, result)
    return code.select(x < 0.0, math.nan, result)


@dataclass(frozen=True)
class Power:
    """A power that is wanted.

    A negative base counts as zero where the exponent is not whole, which keeps a state that a step takes a
    rounding error below zero from ending the simulation. A base nearer to zero than `least` (a normal number)
    counts as that, but nothing to a positive power is nothing: 1e-150^0.05 is 3e-8. `below_zero` is what
    `sign_below_zero` gives for the exponent, and `positive` whether it is, if known.
    """

    base: Value
    exponent: Value
    below_zero: Value | float | None
    positive: bool | None
    least: float = SMALLEST

    @property
    def signed(self) -> bool:
        """Whether a negative base may count."""
        return self.below_zero != 0.0


class Powers:
    """Powers within one function, those of one base sharing its logarithm."""

    def __init__(self, code: Code, *, inline: bool = True) -> None:
        self._code = code
        self._inline = inline
        self._logarithms: dict[tuple[str, bool], Value] = {}

    def powers(self, wanted: Sequence[Power]) -> list[Value]:
        """Return powers that need none of each other, computed side by side."""
        unknown = {(each.base.text, each.signed): each for each in wanted}
        unknown = {key: each for key, each in unknown.items() if key not in self._logarithms}
        guarded = [self._guarded(each) for each in unknown.values()]
        logarithms = self._packed("binary_logarithm", binary_logarithm, guarded)
        for key, base, logarithm in zip(unknown, guarded, logarithms, strict=True):
            self._logarithms[key] = self._code.select(base < math.inf, logarithm, base)
        scaled = [each.exponent * self._logarithms[each.base.text, each.signed] for each in wanted]
        sizes = self._packed("power_of_two", power_of_two, scaled)
        return [self._signed(*pair) for pair in zip(wanted, sizes, strict=True)]

    def _guarded(self, power: Power) -> Value:
        size = self._code.intrinsic("fabs", power.base) if power.signed else power.base
        return self._code.larger(size, power.least)

    def _signed(self, power: Power, size: Value) -> Value:
        """Return a power of any base from that of its size."""
        code, base, exponent = self._code, power.base, power.exponent
        vanishes = base.equals(0.0) if power.signed else base <= 0.0
        if power.signed:
            sign = sign_below_zero(code, exponent) if power.below_zero is None else power.below_zero
            size = code.select(base < -power.least, size * sign, size)
        if power.positive is False:
            return size
        return code.select(vanishes if power.positive else vanishes & (exponent > 0.0), 0.0, size)

    def _packed(self, name: str, write: Callable[[Code, Value], Value], values: list[Value]) -> list[Value]:
        """Return a function of some values, which are joined to one vector where they are two or four."""
        code = self._code
        if not self._inline:
            return [code.call(name, value.type, value) for value in values]
        if len(values) == PACKED - 1:
            return [*self._packed(name, write, values[:-1]), write(code, values[-1])]
        return parts(code, write(code, joined(code, values)), len(values)) if values else []


def shared_functions(lanes: int) -> list[Code]:
    """Return `binary_logarithm` and `power_of_two` as functions, for models with very many powers."""
    vector = f"<{lanes} x double>"
    functions = []
    for name, write in (("binary_logarithm", binary_logarithm), ("power_of_two", power_of_two)):
        code = Code(name, [("x", vector)], vector, lanes=lanes, attributes="noinline nounwind")
        code.give_back(write(code, code.arguments["x"]))
        functions.append(code)
    return functions


def sign_below_zero(code: Code, exponent: Value) -> Value:
    """Return what |x|^exponent is multiplied by for x < 0: 1 if even, -1 if odd, 0 if not whole."""
    half = exponent * 0.5
    sign = code.select(code.intrinsic("floor", half).equals(half), code.constant(1.0, code.vector), -1.0)
    return code.select(code.intrinsic("floor", exponent).equals(exponent), sign, 0.0)


def by_lane(code: Code, name: str, x: Value) -> Value:
    """Return a C library function of every lane."""
    result = x
    for lane in range(code.lanes):
        result = code.insert(result, code.call(name, "double", code.extract(x, lane)), lane)
    return result
