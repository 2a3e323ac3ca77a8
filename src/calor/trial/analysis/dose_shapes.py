"""Shapes of dose-response curves: what each adds to placebo at a dose, up to its height.

emax d / (ED50 + d); sigmoid-emax d^h / (ED50^h + d^h); linear d; exponential exp(d / δ) - 1; quadratic
d + δ d² (fitted: any parabola); logistic 1 / (1 + exp((ED50 - d) / δ)).
Source: Pinheiro, Bretz and Branson (2006), in Ting (ed.), Dose Finding in Drug Development, chapter 10.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.study.dose_finding import Shape

Curve = Callable[[Numbers, Numbers], Numbers]
"""From doses (..., k) and parameters (..., p) to the curve at the doses (..., k)."""


@dataclass(frozen=True)
class ShapeOfCurve:
    """A shape: its curve, and the least and largest value of each parameter as multiples of the largest dose.

    A parameter without a unit (`plain`) is not multiplied. The bounds are those of DoseFinding.
    """

    curve: Curve
    bounds: tuple[tuple[float, float], ...] = ()
    plain: tuple[bool, ...] = ()
    linear_terms: int = 1

    def limits(self, largest: float) -> tuple[tuple[float, float], ...]:
        """Return the bounds of each parameter for a largest dose."""
        return tuple(
            (low, high) if plain else (low * largest, high * largest)
            for (low, high), plain in zip(self.bounds, self.plain, strict=True)
        )


def _emax(dose: Numbers, by: Numbers) -> Numbers:
    return np.asarray(dose / (by[..., :1] + dose))


def _sigmoid(dose: Numbers, by: Numbers) -> Numbers:
    share = np.divide(dose, by[..., :1])
    raised = share ** by[..., 1:2]
    return np.asarray(raised / (1 + raised))


def _logistic(dose: Numbers, by: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp((by[..., :1] - dose) / by[..., 1:2])))


def _exponential(dose: Numbers, by: Numbers) -> Numbers:
    return np.asarray(np.expm1(dose / by[..., :1]))


def _linear(dose: Numbers, by: Numbers) -> Numbers:
    return np.asarray(dose + 0 * by.sum(axis=-1, keepdims=True))


def _quadratic(dose: Numbers, by: Numbers) -> Numbers:
    return np.asarray(dose + by[..., :1] * dose**2)


SHAPES: dict[Shape, ShapeOfCurve] = {
    Shape.EMAX: ShapeOfCurve(_emax, ((0.001, 1.5),), (False,)),
    Shape.SIGMOID_EMAX: ShapeOfCurve(_sigmoid, ((0.001, 1.5), (0.5, 10.0)), (False, True)),
    Shape.LINEAR: ShapeOfCurve(_linear),
    Shape.EXPONENTIAL: ShapeOfCurve(_exponential, ((0.1, 2.0),), (False,)),
    Shape.QUADRATIC: ShapeOfCurve(_quadratic, linear_terms=2),
    Shape.LOGISTIC: ShapeOfCurve(_logistic, ((0.001, 1.5), (0.01, 0.5)), (False, False)),
}
