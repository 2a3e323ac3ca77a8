"""Further studies for a finished fit: its draws weighed by what they say, nothing fitted again.

w' = w x likelihood of the further studies. Exact where the draws can bear it, which their effective size
shows. A parameter that only the further studies depend on is drawn from its prior.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from calor.calibration.batches import Batches
from calor.calibration.fit import FitSettings, RivalFit
from calor.calibration.gaussian import Gaussian
from calor.calibration.problem import Observations, Simulator
from calor.calibration.weights import Weights
from calor.core.arrays import Numbers
from calor.core.streams import Stream

DRAWS_SEEDS, REPEAT_SEEDS = 15_000_000, 19_000_000
"""Seeds of virtual people, beyond those of any fit."""


@dataclass(frozen=True)
class Further:
    """Further studies.

    Arguments: their observations, the simulator of their summaries, and the names of its scores.
    """

    observations: Observations
    simulate: Simulator
    names: tuple[str, ...]


def joined_names(names: tuple[str, ...], further: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a fit's scores with those that only further studies have, these last."""
    return (*names, *(name for name in further if name not in names))


def updated(
    fit: RivalFit, names: tuple[str, ...], further: Further, settings: FitSettings, batches: Batches
) -> RivalFit:
    """Return a fit that knows the further studies too.

    A draw at which a further summary could not be simulated is left out and counted.

    Arguments: the fit and the names of its scores; the further studies; the size of the fit; how to simulate.
    """
    together = joined_names(names, further.names)
    draws = _with_prior(fit, names, together, settings.seed)
    columns = [together.index(name) for name in further.names]
    points = draws[:, columns]
    summaries = batches.simulate("further", further.simulate, points, DRAWS_SEEDS)
    some = slice(settings.repeats)
    noise = batches.variances(
        "further-repeats", further.simulate, points[some], summaries[some], REPEAT_SEEDS
    )
    usable = np.asarray(np.isfinite(summaries).all(axis=1))
    of_each = further.observations.log_likelihoods(summaries[usable], noise)
    terms = of_each.sum(axis=1)
    raw = fit.weights.shares[usable] * np.exp(terms - terms.max())
    gained = float(np.log(raw.sum()) + terms.max())
    grown = len(together) - len(names)
    return replace(
        fit,
        draws=draws[usable],
        summaries=np.column_stack([fit.summaries, summaries])[usable],
        weights=Weights(raw / raw.sum()),
        left_out=fit.left_out + int((~usable).sum()),
        linearised=_grown(fit.linearised, grown),
        log_evidence=fit.log_evidence + gained,
        evidence_of_starts=fit.evidence_of_starts + gained,
        terms=np.column_stack([fit.terms[usable], of_each]),
        means_of_starts=_padded(fit.means_of_starts, summaries.shape[1]),
        emulator_variance=np.concatenate([fit.emulator_variance, np.zeros_like(noise)]),
        log_likelihood_fitted=fit.log_likelihood_fitted[usable] + terms,
        log_likelihood_fresh=fit.log_likelihood_fresh[usable] + terms,
    )


def _with_prior(fit: RivalFit, names: tuple[str, ...], together: tuple[str, ...], seed: int) -> Numbers:
    """Return the draws with scores of the prior for the names that the fit does not have."""
    stream = Stream(seed).child("further", fit.rival)
    new = [stream.child(name).normals(len(fit.draws), 1) for name in together[len(names) :]]
    return np.column_stack([fit.draws, *new])


def _grown(gaussian: Gaussian, by: int) -> Gaussian:
    """Return a normal distribution with further scores that have their prior."""
    size = len(gaussian.mean)
    covariance = np.eye(size + by)
    covariance[:size, :size] = gaussian.covariance
    return Gaussian(np.concatenate([gaussian.mean, np.zeros(by)]), covariance)


def _padded(means: Numbers, by: int) -> Numbers:
    """Return the starts' means with NaN for summaries that no start simulated."""
    return np.column_stack([means, np.full((len(means), by), np.nan)])
