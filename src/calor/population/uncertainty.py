"""What is uncertain about everybody: draws of the population's parameters from their prior.

A draw is one possible world. Each parameter's normal score is keyed by its name and the draw's number, so
that adding a parameter or a draw changes no other number.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from calor.core.streams import Stream
from calor.model.parameters import Parameter, ParameterTable, Scale

Numbers = NDArray[np.float64]


def draw_worlds(table: ParameterTable, stream: Stream, draws: NDArray[np.int64]) -> dict[str, Numbers]:
    """Return each parameter's population value in every draw from the prior.

    On its own scale a parameter is normal around its value: log v = log m + s z, logit v = logit m + s z,
    or v = m + s z; a fixed one is m in every draw.

    Arguments: the parameter table, the random stream of the study, and the numbers of the draws (n_draws,).
    Returns an array (n_draws,) for every parameter, in the parameter's unit.
    """
    return {
        parameter.identifier: _values(parameter, _scores(parameter, stream, draws)) for parameter in table
    }


def _scores(parameter: Parameter, stream: Stream, draws: NDArray[np.int64]) -> Numbers:
    if parameter.scale is Scale.FIXED:
        return np.zeros(len(draws))
    return stream.child("world", parameter.identifier).normals(draws, 1)[:, 0]


def _values(parameter: Parameter, scores: Numbers) -> Numbers:
    middle, steps = parameter.value, parameter.prior_sd * scores
    if parameter.scale is Scale.LOG:
        return np.asarray(middle * np.exp(steps))
    if parameter.scale is Scale.LOGIT:
        return np.asarray(1.0 / (1.0 + (1.0 - middle) / middle * np.exp(-steps)))
    return np.asarray(middle + steps)


def restricted(worlds: Mapping[str, Numbers], sets: Mapping[str, float]) -> dict[str, Numbers]:
    """Return the draws with some parameters held at fixed values (a rival explanation)."""
    return {
        name: np.full_like(values, sets[name]) if name in sets else values for name, values in worlds.items()
    }
