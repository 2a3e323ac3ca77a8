"""How likely the measurements are: residuals and log densities of the noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.engine.petab.problem import Noise, Scale


@dataclass(frozen=True)
class Weighed:
    """Measurements of one observable: residuals in units of the noise, log densities, (n,) each."""

    residuals: Numbers
    log_densities: Numbers


def transformed(values: Numbers, scale: Scale) -> Numbers:
    """Return values on a scale; not-a-number where they have no logarithm."""
    if scale is Scale.LINEAR:
        return values
    with np.errstate(all="ignore"):
        return np.log10(values) if scale is Scale.DECADIC else np.log(values)


def weigh(measured: Numbers, simulated: Numbers, noise: Numbers, scale: Scale, kind: Noise) -> Weighed:
    """Return how likely measurements are.

        r = (T(m) - T(y)) / s,   log p = log |dT/dm| + log of the density of r, divided by s

    T is the scale's transformation, so p is the density of the measurement itself. Arguments: measured and
    simulated values, linear (n,); the noise, a standard deviation or Laplace scale of T(m) (n,), above 0.
    """
    with np.errstate(all="ignore"):
        residuals = (transformed(measured, scale) - transformed(simulated, scale)) / noise
        if kind is Noise.NORMAL:
            density = -0.5 * math.log(2.0 * math.pi) - np.log(noise) - 0.5 * residuals**2
        else:
            density = -np.log(2.0 * noise) - np.abs(residuals)
        if scale is not Scale.LINEAR:
            density = density - np.log(measured)
        if scale is Scale.DECADIC:
            density = density - math.log(math.log(10.0))
    return Weighed(residuals, density)
