"""Values by cell over worlds and rivals, held to what is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from calor.trial.bank.bank import Cell
from calor.trial.results.over_cells import over_cells

# Rival 0 in worlds 0, 1 and 2, rival 2 in worlds 0 and 1; no world could run the trial under rival 1.
CELLS = tuple(Cell(rival, world, 0, 1) for rival, world in ((0, 0), (0, 1), (0, 2), (2, 0), (2, 1)))
VALUES = np.array([1.0, 2.0, 6.0, 10.0, 20.0])
WEIGHTS = np.array([0.6, 0.2, 0.2])


def test_the_mean_is_the_weighted_mean_of_the_rivals_means() -> None:
    found = over_cells(CELLS, VALUES, WEIGHTS)
    # The rivals present have weights 0.6 and 0.2, so 3/4 and 1/4; their means are 3 and 15.
    assert found.mean.value == pytest.approx(0.75 * 3 + 0.25 * 15)
    assert {rival: (each.mean, each.worlds) for rival, each in found.by_rival.items()} == {
        0: (3.0, 3),
        2: (15.0, 2),
    }
    assert found.rival_range.pair() == [3.0, 15.0]


def test_the_error_leaves_out_a_world_under_every_rival() -> None:
    found = over_cells(CELLS, VALUES, WEIGHTS)
    without = [0.75 * 4 + 0.25 * 20, 0.75 * 3.5 + 0.25 * 10, 0.75 * 1.5 + 0.25 * 15]
    assert found.mean.mc_error == pytest.approx(np.sqrt(2 / 3 * ((without - np.mean(without)) ** 2).sum()))


def test_the_interval_weighs_worlds_by_their_rival() -> None:
    # Steps of 1/4 for each world of rival 0 and 1/8 for those of rival 2, taken at their middles.
    middles = np.array([1 / 8, 3 / 8, 5 / 8, 13 / 16, 15 / 16])
    found = over_cells(CELLS, VALUES, WEIGHTS).interval
    assert found.pair() == pytest.approx(np.interp((0.025, 0.975), middles, VALUES))
    assert over_cells(CELLS, VALUES, WEIGHTS).by_rival[2].interval.pair() == [10.0, 20.0]


def test_a_cell_without_a_value_is_left_out() -> None:
    unknown = np.where(VALUES == 6.0, np.nan, VALUES)
    found, rest = over_cells(CELLS, unknown, WEIGHTS), [0, 1, 3, 4]
    assert found == over_cells([CELLS[place] for place in rest], VALUES[rest], WEIGHTS)
    assert found.by_rival[0].mean == 1.5


def test_one_world_says_nothing_of_the_error_and_no_value_nothing_at_all() -> None:
    assert over_cells(CELLS[:1], VALUES[:1], WEIGHTS).mean.mc_error == 0.0
    with pytest.raises(ValueError, match="no cell has a value"):
        over_cells(CELLS, np.full(5, np.nan), WEIGHTS)
