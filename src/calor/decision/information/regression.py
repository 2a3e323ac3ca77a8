"""Regression that is never in-sample: splines with ridge and forests, both out of fold.

A regression that is valued on the worlds it has learnt from invents information. Here the prediction for a
world never comes from that world. All rivals are pooled, with the rival as a factor: those of one are too
few.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.linear_algebra import one_thread
from calor.core.streams import Stream
from calor.decision.information.bank_noise import true_means, true_targets
from calor.decision.information.draws import Draws, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.moments import averaged, with_resamples
from calor.decision.information.resampling import Resamples

FOLDS, FOREST_FOLDS = 10, 5
MOST_SPLINES = 3
"""Up to so many features splines are used, forests beyond: splines know no interaction of a higher order."""

_KNOTS = 8
_TREES = 60
_LEAF = 5
_PENALTIES = np.logspace(-6, 4, 21)


@one_thread()
def share_by_regression(draws: Draws, study: Study, resamples: Resamples, *, seed: int) -> Estimate:
    """Return the share of variance that a study removes, linear or not, by out-of-fold regression.

    One result is drawn in each world; the quantity is predicted from it by splines in each statistic and
    their products, which do not see the rival.
    """
    if draws.certain:
        return Estimate.of(0.0, np.zeros(resamples.count))
    targets = draws.quantity[:, :, None]
    means = true_means(draws, targets, study)
    quantity = true_targets(draws, targets)
    noise = Stream(seed, ("information", "results")).normals(draws.worlds, study.statistics)
    seen = means + np.einsum("nst,nt->ns", np.linalg.cholesky(study.sampling), noise)
    pooled = np.zeros((draws.worlds, 0))
    predicted = calibrated(_splines(seen, pooled, quantity, draws, seed), quantity, draws)
    weights = with_resamples(draws, resamples)
    centred = quantity[:, 0] - draws.weights @ quantity[:, 0]
    variance = averaged(weights, centred**2) - averaged(weights, centred) ** 2
    left = averaged(weights, (quantity - predicted)[:, 0] ** 2)
    share = 1 - left / variance
    return Estimate.of(share[0], share[1:], 0.0, 1.0)


def predicted_from(draws: Draws, features: Numbers, targets: Numbers, *, seed: int) -> Numbers:
    """Return what features (n_worlds, m) and the rival say about targets (n_worlds, k), never in-sample.

    Without features each world is given the mean of its rival's other worlds (in other folds).
    """
    factor = rival_factor(draws)
    if features.shape[1] <= MOST_SPLINES:
        return calibrated(_splines(features, factor, targets, draws, seed), targets, draws)
    return predicted_by_forest(np.concatenate([factor, features], axis=1), targets, draws, seed=seed)


def calibrated(predicted: Numbers, targets: Numbers, draws: Draws) -> Numbers:
    """Return predictions scaled about the mean so that their variance is what they explain of the targets.

    Predictions that were not made in-sample wander more than what they explain, and a maximum over options
    would count that as information. What explains nothing becomes the mean.
    """
    mean = draws.weights @ targets
    away = predicted - draws.weights @ predicted
    explained = np.einsum("w,wk,wk->k", draws.weights, away, targets - mean)
    wandered = np.einsum("w,wk,wk->k", draws.weights, away, away)
    slope = np.where(wandered > 0, np.maximum(explained, 0.0) / np.where(wandered > 0, wandered, 1.0), 0.0)
    return np.asarray(mean + slope * away)


def rival_factor(draws: Draws) -> Numbers:
    """Return one column for each rival that any world has, or none where there is but one, (n_worlds, r)."""
    present = np.unique(draws.rival)
    if len(present) == 1:
        return np.zeros((draws.worlds, 0))
    return np.asarray(draws.rival[:, None] == present[None, :], dtype=np.float64)


def _splines(features: Numbers, factor: Numbers, targets: Numbers, draws: Draws, seed: int) -> Numbers:
    """Return out-of-fold predictions of targets from cubic splines, products and the rival's own slopes."""
    from sklearn.linear_model import RidgeCV

    predicted = np.empty_like(targets)
    for learning, asked in _folds(draws, seed):
        weights = draws.weights[learning] / draws.weights[learning].mean()
        mean = weights @ targets[learning] / len(learning)
        columns = _columns(features, factor, learning)
        if columns.shape[1] == 0:
            predicted[asked] = mean
            continue
        ridge = RidgeCV(alphas=_PENALTIES, alpha_per_target=targets.shape[1] > 1)
        ridge.fit(columns[learning], targets[learning], sample_weight=weights)
        predicted[asked] = ridge.predict(columns[asked]).reshape(len(asked), -1)
    return predicted


def _columns(features: Numbers, factor: Numbers, learning: NDArray[np.int64]) -> Numbers:
    """Return the columns of a regression (n_worlds, ...), whose knots and scales the learning worlds set."""
    from sklearn.preprocessing import SplineTransformer

    spread = features[learning].std(axis=0)
    varying = features[:, spread > 0]
    columns = [factor]
    if varying.shape[1] > 0:
        standard = (varying - varying[learning].mean(axis=0)) / spread[spread > 0]
        splines = SplineTransformer(n_knots=_KNOTS, knots="quantile", extrapolation="linear")
        curved = splines.fit(standard[learning]).transform(standard)
        columns += [standard, curved]
        columns += [factor[:, [one]] * curved for one in range(factor.shape[1])]
        columns += [standard[:, [one]] * standard[:, one + 1 :] for one in range(standard.shape[1] - 1)]
    return np.concatenate(columns, axis=1)


def predicted_by_forest(features: Numbers, targets: Numbers, draws: Draws, *, seed: int) -> Numbers:
    """Return calibrated out-of-fold predictions of targets (n_worlds, k) from random forests.

    Not out of bag: trees draw worlds by their weight, so that one with a large weight is in every bag.
    """
    from sklearn.ensemble import RandomForestRegressor

    predicted = np.empty_like(targets)
    for learning, asked in _folds(draws, seed, FOREST_FOLDS):
        forest = RandomForestRegressor(
            n_estimators=_TREES,
            min_samples_leaf=_LEAF,
            max_features=0.5,
            random_state=Stream(seed, ("information", "forest")).key[0] % 2**32,
        )
        learnt = targets[learning] if targets.shape[1] > 1 else targets[learning, 0]
        forest.fit(features[learning], learnt, sample_weight=draws.weights[learning] * draws.worlds)
        predicted[asked] = forest.predict(features[asked]).reshape(len(asked), -1)
    return calibrated(predicted, targets, draws)


def _folds(
    draws: Draws, seed: int, count: int = FOLDS
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the worlds that are learnt from and those that are predicted, balanced over rivals."""
    uniforms = Stream(seed, ("information", "folds")).uniforms(draws.worlds, 1)[:, 0]
    order = np.lexsort((uniforms, draws.rival))
    fold = np.empty(draws.worlds, dtype=np.int64)
    fold[order] = np.arange(draws.worlds) % count
    for number in range(count):
        asked = np.flatnonzero(fold == number)
        if len(asked):
            yield np.flatnonzero(fold != number), asked
