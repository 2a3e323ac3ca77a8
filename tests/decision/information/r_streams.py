"""R's random numbers (Mersenne Twister, inversion), so that a published sample can be made again without R.

Sources of the algorithms: Matsumoto & Nishimura 1998; Cheng 1978 (beta, BB and BC); Ahrens & Dieter 1972
(exponential, SA) and 1982 (gamma, GD). Checked against the sample of R's voi 1.0.3 in `test_chemotherapy.py`.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

_LOG_4 = 1.3862944
_LN2_SERIES = np.cumsum([math.log(2) ** k / math.factorial(k) for k in range(1, 17)])
_GAMMA_Q = (0.04166669, 0.02083148, 0.00801191, 0.00144121, -7.388e-5, 2.4511e-4, 2.424e-4)
_GAMMA_A = (0.3333333, -0.250003, 0.2000062, -0.1662921, 0.1423657, -0.1367177, 0.1233795)


class RStream:
    """The stream of `set.seed(seed)`; each method gives n numbers as R's function of that name does."""

    def __init__(self, seed: int) -> None:
        words = []
        for index in range(50 + 625):
            seed = (69069 * seed + 1) % 2**32
            if index > 50:
                words.append(seed)
        twister = np.random.MT19937()
        twister.state = {"bit_generator": "MT19937", "state": {"key": np.array(words, np.uint32), "pos": 624}}
        self._twister = twister

    def unif(self) -> float:
        return min(
            max(float(self._twister.random_raw()) * 2.0**-32, 2.328306437080797e-10),
            1 - 2.328306437080797e-10,
        )

    def norm(self) -> float:
        high = float(int(134217728 * self.unif()))
        return float(ndtri((high + self.unif()) / 134217728))

    def exp(self) -> float:
        whole, u = 0.0, 2 * self.unif()
        while u <= 1:
            whole, u = whole + _LN2_SERIES[0], 2 * u
        u -= 1
        if u <= _LN2_SERIES[0]:
            return float(whole + u)
        index, least = 0, self.unif()
        while True:
            least, index = min(least, self.unif()), index + 1
            if u <= _LN2_SERIES[index]:
                return float(whole + least * _LN2_SERIES[0])

    def rnorm(self, n: int, mean: float, deviation: float) -> np.ndarray:
        return np.array([mean + deviation * self.norm() for _ in range(n)])

    def rbeta(self, n: int, first: float, second: float) -> np.ndarray:
        draw = self._beta_large if min(first, second) > 1 else self._beta_small
        return np.array([draw(first, second) for _ in range(n)])

    def rgamma(self, n: int, shape: float, rate: float) -> np.ndarray:
        return np.array([self._gamma(shape) / rate for _ in range(n)])

    def _beta_large(self, first: float, second: float) -> float:
        a, b = min(first, second), max(first, second)
        total = a + b
        beta = math.sqrt((total - 2) / (2 * a * b - total))
        gamma = a + 1 / beta
        while True:
            u1, u2 = self.unif(), self.unif()
            v = beta * math.log(u1 / (1 - u1))
            w = a * math.exp(v)
            z = u1 * u1 * u2
            r = gamma * v - _LOG_4
            s = a + r - w
            if (
                s + 2.609438 >= 5 * z
                or s > math.log(z)
                or r + total * math.log(total / (b + w)) >= math.log(z)
            ):
                return b / (b + w) if first != a else w / (b + w)

    def _beta_small(self, first: float, second: float) -> float:
        a, b = min(first, second), max(first, second)
        total, beta, delta = a + b, 1 / a, 1 + b - a
        k1 = delta * (0.0138889 + 0.0416667 * a) / (b * beta - 0.777778)
        k2 = 0.25 + (0.5 + 0.25 / delta) * a
        while True:
            u1, u2 = self.unif(), self.unif()
            v = beta * math.log(u1 / (1 - u1))
            w = b * math.exp(v)
            z = u1 * u1 * u2
            if u1 < 0.5:
                if 0.25 * u2 + z - u1 * u2 >= k1:
                    continue
            elif z <= 0.25:
                break
            elif z >= k2:
                continue
            if total * (math.log(total / (a + w)) + v) - _LOG_4 >= math.log(z):
                break
        return a / (a + w) if first == a else w / (a + w)

    def _gamma(self, shape: float) -> float:
        """A gamma number of a shape between 1 and 3.686."""
        s2 = shape - 0.5
        s = math.sqrt(s2)
        t = self.norm()
        x = s + 0.5 * t
        if t >= 0:
            return x * x
        u = self.unif()
        if (5.656854 - s * 12) * u <= t**3:
            return x * x
        if x > 0 and math.log(1 - u) <= _gamma_quotient(shape, s, s2, t):
            return x * x
        b, spread, c = 0.463 + s + 0.178 * s2, 1.235, 0.195 / s - 0.079 + 0.16 * s
        while True:
            e = self.exp()
            u = 2 * self.unif() - 1
            t = b + math.copysign(spread * e, u)
            if t < -0.71874483771719:
                continue
            quotient = _gamma_quotient(shape, s, s2, t)
            if quotient > 0 and c * abs(u) <= math.expm1(quotient) * math.exp(e - 0.5 * t * t):
                x = s + 0.5 * t
                return x * x


def _gamma_quotient(shape: float, s: float, s2: float, t: float) -> float:
    q0 = sum(q * (1 / shape) ** (power + 1) for power, q in enumerate(_GAMMA_Q))
    v = t / (2 * s)
    if abs(v) <= 0.25:
        return q0 + 0.5 * t * t * sum(a * v ** (power + 1) for power, a in enumerate(_GAMMA_A))
    return q0 - s * t + 0.25 * t * t + 2 * s2 * math.log1p(v)
