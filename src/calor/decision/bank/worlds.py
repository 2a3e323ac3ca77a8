"""The worlds of a comparison: every distinct draw of a posterior under every rival, in one order.

A posterior made by weighing holds some draws several times. Each counts once here, with the weight of all:
a world that is left out of a regression, or of a result's neighbours, would be there still as its twin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival
from calor.population.uncertainty import prior_scores, restricted
from calor.trial.bank.scenario import Scenario

Positions = NDArray[np.int64]

WORLDS_OF_PRIOR = 400
"""Worlds under each rival where there is no posterior to draw all of."""


@dataclass(frozen=True, kw_only=True)
class Worlds:
    """Worlds, those of the first rival first.

    Arguments: the scenario that they are drawn from; the rivals; by rival the numbers of its worlds (n,), by
    which the scenario draws them, and how many draws each of them stands for (n,); the stream of the study.
    """

    scenario: Scenario
    rivals: tuple[Rival, ...]
    numbers: tuple[Positions, ...]
    counts: tuple[Positions, ...]
    stream: Stream

    def __len__(self) -> int:
        return sum(len(numbers) for numbers in self.numbers)

    @property
    def draws(self) -> int:
        """How many draws the worlds stand for."""
        return int(sum(counts.sum() for counts in self.counts))

    @property
    def rival(self) -> Positions:
        """The position of each world's rival, (n_worlds,)."""
        return np.repeat(np.arange(len(self.rivals)), [len(numbers) for numbers in self.numbers])

    @property
    def weights(self) -> Numbers:
        """The weight of each world, (n_worlds,), summing to 1."""
        of_rival = self.scenario.weights(self.rivals)
        parts = [weight * counts / counts.sum() for weight, counts in zip(of_rival, self.counts, strict=True)]
        return np.concatenate(parts)

    def first(self, rival: int) -> int:
        """Return the position of a rival's first world."""
        return sum(len(numbers) for numbers in self.numbers[:rival])

    def values(self, table: ParameterTable, rival: int) -> dict[str, Numbers]:
        """Return population values (n,) by parameter in the worlds of one rival."""
        named = self.rivals[rival]
        drawn = self.scenario.worlds_at(table, named, self.stream, self.numbers[rival])
        return restricted(drawn, named.sets)

    def scores(self, table: ParameterTable) -> dict[str, Numbers]:
        """Return the normal score (n_worlds,) of each uncertain parameter of a table.

        A parameter that a rival or the scenario holds at a value keeps the score that it was drawn with.
        """
        found: dict[str, list[Numbers]] = {row.identifier: [] for row in table.uncertain}
        posterior = self.scenario.posterior
        for rival, numbers in zip(self.rivals, self.numbers, strict=True):
            drawn = prior_scores(table.uncertain, self.stream, numbers)
            if posterior is not None:
                drawn |= posterior.scores_at(rival.name, self.stream, numbers)
            for name, columns in found.items():
                columns.append(drawn[name])
        return {name: np.concatenate(columns) for name, columns in found.items()}


def worlds_of_scenario(scenario: Scenario, rivals: Iterable[Rival], asked: int | None, seed: int) -> Worlds:
    """Return the worlds of a scenario: of all draws under each rival, or of as many as were asked for."""
    chosen, stream = tuple(rivals), Stream(seed)
    most = scenario.most_worlds
    each = min(asked or most or WORLDS_OF_PRIOR, most or asked or WORLDS_OF_PRIOR)
    found = [_distinct(scenario, rival, each, stream) for rival in chosen]
    return Worlds(
        scenario=scenario,
        rivals=chosen,
        numbers=tuple(numbers for numbers, _ in found),
        counts=tuple(counts for _, counts in found),
        stream=stream,
    )


def _distinct(scenario: Scenario, rival: Rival, count: int, stream: Stream) -> tuple[Positions, Positions]:
    """Return the numbers of the first worlds of distinct draws, rising, and how often each is drawn."""
    numbers = np.arange(count)
    if scenario.posterior is None:
        return numbers, np.ones(count, dtype=np.int64)
    scores = scenario.posterior.scores_at(rival.name, stream, numbers)
    rows = np.column_stack(list(scores.values()))
    _, first, counts = np.unique(rows, axis=0, return_index=True, return_counts=True)
    order = np.argsort(first)
    return first[order], counts[order]
