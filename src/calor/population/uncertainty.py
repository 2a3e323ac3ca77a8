"""What is uncertain about everybody: draws of the population's parameters from their prior.

A draw is one possible world. Each parameter's normal score is keyed by its name and the draw's number, so
that adding a parameter or a draw changes no other number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.model.parameters import Parameter, ParameterTable


def draw_worlds(table: ParameterTable, stream: Stream, draws: NDArray[np.int64]) -> dict[str, Numbers]:
    """Return each parameter's population value in every draw from the prior.

    Arguments: the parameter table, the random stream of the study, and the numbers of the draws (n_draws,).
    Returns an array (n_draws,) for every parameter, in the parameter's unit.
    """
    return worlds_of(table, prior_scores(table.uncertain, stream, draws), len(draws))


def prior_scores(
    parameters: Iterable[Parameter], stream: Stream, draws: NDArray[np.int64]
) -> dict[str, Numbers]:
    """Return the normal score (n_draws,) of uncertain parameters in numbered draws from the prior."""
    return {
        parameter.identifier: stream.child("world", parameter.identifier).normals(draws, 1)[:, 0]
        for parameter in parameters
    }


def worlds_of(table: ParameterTable, scores: Mapping[str, Numbers], n_worlds: int) -> dict[str, Numbers]:
    """Return each parameter's population value from its normal score in every world.

    Arguments: the parameter table, scores (n_worlds,) by parameter (without one, the value itself), and the
    number of worlds.
    """
    none = np.zeros(n_worlds)
    return {parameter.identifier: parameter.at(scores.get(parameter.identifier, none)) for parameter in table}


def restricted(worlds: Mapping[str, Numbers], sets: Mapping[str, float]) -> dict[str, Numbers]:
    """Return the draws with some parameters held at fixed values (a rival explanation)."""
    return {
        name: np.full_like(values, sets[name]) if name in sets else values for name, values in worlds.items()
    }
