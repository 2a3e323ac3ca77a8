"""The worlds of a comparison: every draw of a posterior under every rival, in one order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.streams import Stream
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival
from calor.population.patients import Numbers
from calor.population.uncertainty import prior_scores, restricted
from calor.trial.bank.scenario import Scenario

WORLDS_OF_PRIOR = 400
"""Worlds under each rival where there is no posterior to draw all of."""


@dataclass(frozen=True, kw_only=True)
class Worlds:
    """Worlds, those of the first rival first.

    Arguments: the scenario that they are drawn from; the rivals; how many worlds each has; and the stream of
    the study. World number k of every rival is draw k of its own posterior.
    """

    scenario: Scenario
    rivals: tuple[Rival, ...]
    each: int
    stream: Stream

    def __len__(self) -> int:
        return len(self.rivals) * self.each

    @property
    def rival(self) -> NDArray[np.int64]:
        """The position of each world's rival, (n_worlds,)."""
        return np.repeat(np.arange(len(self.rivals)), self.each)

    @property
    def weights(self) -> Numbers:
        """The weight of each world, (n_worlds,), summing to 1."""
        return np.asarray(self.scenario.weights(self.rivals)[self.rival] / self.each)

    def values(self, table: ParameterTable, rival: int) -> dict[str, Numbers]:
        """Return population values (n,) by parameter in the worlds of one rival."""
        named = self.rivals[rival]
        return restricted(self.scenario.worlds(table, named, self.stream, self.each), named.sets)

    def scores(self, table: ParameterTable) -> dict[str, Numbers]:
        """Return the normal score (n_worlds,) of each uncertain parameter of a table.

        A parameter that a rival or the scenario holds at a value keeps the score that it was drawn with.
        """
        found: dict[str, list[Numbers]] = {row.identifier: [] for row in table.uncertain}
        numbers = np.arange(self.each)
        posterior = self.scenario.posterior
        for rival in self.rivals:
            drawn = prior_scores(table, self.stream, numbers)
            if posterior is not None:
                drawn |= posterior.scores_at(rival.name, self.stream, numbers)
            for name, columns in found.items():
                columns.append(drawn[name])
        return {name: np.concatenate(columns) for name, columns in found.items()}


def worlds_of_scenario(scenario: Scenario, rivals: tuple[Rival, ...], asked: int | None, seed: int) -> Worlds:
    """Return all worlds of a scenario, or as many under each rival as were asked for."""
    most = scenario.most_worlds
    each = min(asked or most or WORLDS_OF_PRIOR, most or asked or WORLDS_OF_PRIOR)
    return Worlds(scenario=scenario, rivals=rivals, each=each, stream=Stream(seed))
