"""What is believed after a result was seen: worlds reweighted by their normal law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import UnsupportedError
from calor.core.linear_algebra import one_thread
from calor.decision.information.bank_noise import true_means
from calor.decision.information.draws import Draws, Study
from calor.decision.information.likelihood import effective_worlds, log_likelihood, posterior_weights

LEAST_EFFECTIVE = 50.0
"""Fewer effective worlds than this cannot carry a posterior."""


@dataclass(frozen=True)
class Updated:
    """The draws under the weights that a result gives them, and the effective number of worlds."""

    draws: Draws
    effective: float


@one_thread()
def observe(
    draws: Draws,
    study: Study,
    result: Numbers,
    *,
    left_out: int | None = None,
    least_effective: float = LEAST_EFFECTIVE,
) -> Updated:
    """Return what is believed after a study's result, (n_statistics,).

    Arguments: the draws, the study and its result; the world that the result was simulated in, left out where
    the method is checked; the fewest effective worlds that may be left. Raises ValueError for a result of
    another length or one that is not finite, UnsupportedError where too few effective worlds are left.
    """
    result = np.asarray(result, dtype=np.float64)
    if result.shape != (study.statistics,) or not np.all(np.isfinite(result)):
        raise ValueError(f"{study.name}: the result needs {study.statistics} finite statistics")
    means = true_means(draws, draws.quantity[:, :, None], study)
    log = log_likelihood(means, study.sampling, result[None, :])
    own = None if left_out is None else np.array([left_out])
    weights = posterior_weights(draws, log, own)
    effective = float(effective_worlds(weights)[0])
    if effective < least_effective:
        raise UnsupportedError.of(
            f"{study.name}: its result leaves {effective:.0f} effective worlds of {draws.worlds}",
            allowed=f"at least {least_effective:g} effective worlds",
            hint="the result lies where few worlds are: take more worlds, or fit the posterior to it anew",
        )
    return Updated(draws.weighted(weights[0]), effective)
