"""Curves fitted to the means of several doses, and their average: MCP-Mod's second step on all replicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from calor.core.arrays import Numbers
from calor.study import Shape
from calor.trial.analysis.dose_shapes import SHAPES

FIRST_GRID = {0: 1, 1: 41, 2: 25}
"""Places of each parameter on the first grid, by the number of parameters."""

NEXT_GRID, ZOOMS = 7, 7
"""Places of each parameter about the best one, whose distance is a third of that before, and how often."""

STEP = 1e-4
"""The relative step of a derivative."""


@dataclass(frozen=True)
class ArmMeans:
    """The means of the control and of every dose, in the order of the doses, with their covariance.

    Arguments: the doses from 0 on (k,); means (r, k); covariance (r, k, k), of full rank.
    """

    doses: Numbers
    means: Numbers
    covariance: Numbers

    @property
    def whitening(self) -> Numbers:
        """What turns the means into independent ones of variance 1, (r, k, k)."""
        return np.asarray(np.linalg.inv(np.linalg.cholesky(self.covariance)))


@dataclass(frozen=True)
class FittedCurve:
    """A shape fitted to the means.

    Arguments: the shape; its parameters (r, p); the coefficients of its columns, the control's mean first
    (r, q); the covariance of coefficients and parameters (r, q + p, q + p); and the generalised AIC (r,).
    """

    shape: Shape
    parameters: Numbers
    coefficients: Numbers
    covariance: Numbers
    aic: Numbers

    def effects(self, doses: Numbers) -> tuple[Numbers, Numbers]:
        """Return the difference to the control at doses (m,) and its standard error, (r, m) each."""
        gradient = self._gradient(doses) - self._gradient(np.zeros(1))
        terms = _columns(self.shape, doses, self.parameters) - _columns(
            self.shape, np.zeros(1), self.parameters
        )
        effect = np.einsum("rmq,rq->rm", terms, self.coefficients)
        variance = np.einsum("rmi,rij,rmj->rm", gradient, self.covariance, gradient)
        return effect, np.sqrt(np.maximum(variance, 0.0))

    def _gradient(self, doses: Numbers) -> Numbers:
        return _gradient(self.shape, doses, self.parameters, self.coefficients)


@dataclass(frozen=True)
class CurveAverage:
    """The average of several fitted curves by their AIC weights (n_curves, r)."""

    curves: tuple[FittedCurve, ...]
    weights: Numbers

    def effects(self, doses: Numbers) -> tuple[Numbers, Numbers]:
        """Return the average difference to the control at doses (m,) and its standard error, (r, m) each.

        error = Σ w √(error_m² + (effect_m - average)²).
        Source: Buckland, Burnham and Augustin (1997), Biometrics 53:603-18.
        """
        found = [curve.effects(doses) for curve in self.curves]
        effects, errors = (np.array(each) for each in zip(*found, strict=True))
        weights = self.weights[:, :, None]
        average = (weights * effects).sum(axis=0)
        return average, (weights * np.sqrt(errors**2 + (effects - average) ** 2)).sum(axis=0)


def average_curve(means: ArmMeans, shapes: Sequence[Shape]) -> CurveAverage:
    """Return shapes fitted by generalised least squares, weighted by exp(-AIC / 2).

    Source: Pinheiro et al. (2014), Stat Med 33:1646-61; Schorning et al. (2016), Stat Med 35:4021-40.
    """
    curves = tuple(fitted(means, shape) for shape in dict.fromkeys(shapes))
    aic = np.array([curve.aic for curve in curves])
    weights = np.exp(-(aic - aic.min(axis=0)) / 2)
    return CurveAverage(curves, weights / weights.sum(axis=0))


def fitted(means: ArmMeans, shape: Shape) -> FittedCurve:
    """Return a shape fitted to the means of every replicate.

    Given the shape's parameters, its coefficients are linear; the parameters are those of the least squares
    on a grid within the shape's bounds, which closes in on the best place of each replicate.
    """
    whitening = means.whitening
    parameters = _best_parameters(means, shape, whitening)
    columns = whitening @ _columns(shape, means.doses, parameters)
    outcome = np.einsum("rij,rj->ri", whitening, means.means)
    coefficients = np.einsum("rqk,rk->rq", np.linalg.pinv(columns), outcome)
    residual = outcome - np.einsum("rkq,rq->rk", columns, coefficients)
    gradient = whitening @ _gradient(shape, means.doses, parameters, coefficients)
    precision = np.swapaxes(gradient, 1, 2) @ gradient
    count = coefficients.shape[1] + parameters.shape[1]
    aic = (residual**2).sum(axis=1) + 2 * count
    covariance = np.asarray(np.linalg.pinv(precision, hermitian=True), dtype=np.float64)
    return FittedCurve(shape, parameters, coefficients, covariance, aic)


def _best_parameters(means: ArmMeans, shape: Shape, whitening: Numbers) -> Numbers:
    """Return the parameters of the least weighted squares, (r, p)."""
    limits = np.log(np.array(SHAPES[shape].limits(float(means.doses.max())))).reshape(-1, 2)
    count, replicates = len(limits), len(means.means)
    if not count:
        return np.zeros((replicates, 0))
    places = FIRST_GRID[count]
    steps = (limits[:, 1] - limits[:, 0]) / (places - 1)
    grid = np.array(list(product(*(np.linspace(low, high, places) for low, high in limits))))
    best = _best_of(means, shape, whitening, np.broadcast_to(grid, (replicates, *grid.shape)))
    around = np.array(list(product(np.linspace(-1, 1, NEXT_GRID), repeat=count)))
    for _ in range(ZOOMS):
        near = np.clip(best[:, None, :] + around * steps, limits[:, 0], limits[:, 1])
        best = _best_of(means, shape, whitening, near)
        steps = steps * 2 / (NEXT_GRID - 1)
    return np.asarray(np.exp(best))


def _best_of(means: ArmMeans, shape: Shape, whitening: Numbers, logs: Numbers) -> Numbers:
    """Return, of candidate parameters as logarithms (r, g, p), those of the least squares, (r, p)."""
    curves = SHAPES[shape].curve(means.doses, np.exp(logs))
    white = np.einsum("rij,rgj->rgi", whitening, curves)
    level = whitening.sum(axis=2)
    level = level / np.linalg.norm(level, axis=1, keepdims=True)
    outcome = np.einsum("rij,rj->ri", whitening, means.means)
    outcome = outcome - level * np.einsum("ri,ri->r", level, outcome)[:, None]
    apart = white - level[:, None, :] * np.einsum("ri,rgi->rg", level, white)[:, :, None]
    squares = np.einsum("rgi,rgi->rg", apart, apart)
    explained = np.einsum("rgi,ri->rg", apart, outcome) ** 2
    share = np.divide(explained, squares, out=np.zeros_like(squares), where=squares > 1e-12)
    chosen = share.argmax(axis=1)
    return np.asarray(np.take_along_axis(logs, chosen[:, None, None], axis=1)[:, 0])


def _columns(shape: Shape, doses: Numbers, parameters: Numbers) -> Numbers:
    """Return the columns that the coefficients multiply, (r, m, q): 1 and the curve; a parabola's three."""
    ones = np.ones((len(parameters), len(doses)))
    if shape is Shape.QUADRATIC:
        return np.stack([ones, ones * doses, ones * doses**2], axis=2)
    return np.stack([ones, ones * SHAPES[shape].curve(doses, parameters)], axis=2)


def _gradient(shape: Shape, doses: Numbers, parameters: Numbers, coefficients: Numbers) -> Numbers:
    """Return the derivative of the curve at doses by coefficients and parameters, (r, m, q + p)."""
    columns = [_columns(shape, doses, parameters)]
    for place in range(parameters.shape[1]):
        step = np.zeros_like(parameters)
        step[:, place] = STEP * parameters[:, place]
        change = SHAPES[shape].curve(doses, parameters + step) - SHAPES[shape].curve(doses, parameters - step)
        slope = change / (2 * step[:, place : place + 1])
        columns.append((coefficients[:, 1:2] * slope)[:, :, None])
    return np.concatenate(columns, axis=2)
