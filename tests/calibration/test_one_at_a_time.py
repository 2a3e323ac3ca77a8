"""Which scores move a summary is found by moving each alone, with the same people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calor.calibration.batches import Batches
from calor.calibration.emulator import train
from calor.calibration.one_at_a_time import LEAST_RELEVANCE, MOVE, effects, moved, relevance
from calor.calibration.problem import Numbers
from calor.core.progress import SILENT
from calor.core.streams import Stream
from calor.store.pieces import Pieces

PLACE = np.array([0.5, -1.0, 2.0, 0.0])
INPUTS = np.array([[True, True, False, False], [True, False, False, True]])


def summaries(scores: Numbers, seed: int) -> Numbers:
    """Return two summaries whose chance is that of the seed alone: the people of a call are the same."""
    chance = Stream(seed).child("people").normals(1, 2)
    values = np.column_stack([3 * scores[:, 0] + scores[:, 1] ** 2, -2 * scores[:, 3] + scores[:, 0] * 0])
    return np.asarray(values + chance)


def found_with(folder: Path, size: int) -> Numbers:
    batches = Batches(size, Pieces.in_folder(folder, "f"), SILENT)
    return effects("moved", batches, summaries, PLACE, INPUTS, 8)


def test_each_score_that_can_move_a_summary_is_moved_alone() -> None:
    points = moved(PLACE, INPUTS)
    assert np.array_equal(points[0], PLACE)
    assert points[1:] - PLACE == pytest.approx(MOVE * np.eye(4)[[0, 1, 3]])


def test_the_effect_is_the_change_without_any_chance(tmp_path: Path) -> None:
    """(-1 + 1)^2 - (-1)^2 = -1 for the second score of the first summary."""
    for size in (3, 10):
        expected = [[3.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0]]
        assert found_with(tmp_path / str(size), size) == pytest.approx(np.array(expected))


def test_a_place_without_a_summary_has_no_effect_on_it(tmp_path: Path) -> None:
    def broken(scores: Numbers, seed: int) -> Numbers:
        values = summaries(scores, seed)
        values[scores[:, 1] > PLACE[1], 0] = np.nan
        return values

    batches = Batches(10, Pieces.in_folder(tmp_path, "f"), SILENT)
    assert effects("moved", batches, broken, PLACE, INPUTS, 8)[0] == pytest.approx([3.0, 0, 0, 0])


def test_relevance_is_relative_to_the_other_scores_and_never_nothing_for_one_that_can_move() -> None:
    """Two inputs each. First summary: 3 and 4 of mean square 12.5, then 1 and 0 of 0.5; second: unmoved."""
    places = [np.array([[3.0, 4.0, 0, 0], [0, 0, 0, 0]]), np.array([[1.0, 0, 0, 0], [0, 0, 0, 0]])]
    least = LEAST_RELEVANCE**2
    first = np.sqrt([9 / 12.5 / 2 + 1 / 0.5 / 2 + least, 16 / 12.5 / 2 + least])
    found = relevance(places, INPUTS)
    assert found[0] == pytest.approx([*first, 0, 0])
    assert found[1] == pytest.approx([LEAST_RELEVANCE, 0, 0, LEAST_RELEVANCE])


def test_an_emulator_that_knows_what_matters_errs_less() -> None:
    """Sixty points, forty scores, two of which matter: without relevance most of the noise is fitted."""
    points = Stream(4).child("points").normals(60, 40)
    fresh = Stream(4).child("fresh").normals(500, 40)
    noise = Stream(4).child("noise").normals(60, 1)
    values = points[:, :1] + points[:, 1:2] + noise
    informed = np.full((1, 40), LEAST_RELEVANCE)
    informed[0, :2] = 4.5  # the mean square is 1

    def error(relevant: Numbers) -> float:
        predicted = train(points, values, relevant).predict(fresh)[0][:, 0]
        return float(((predicted - fresh[:, 0] - fresh[:, 1]) ** 2).mean())

    assert error(informed) < 0.5 * error(np.ones((1, 40)))
    assert error(informed) == pytest.approx(error(7 * informed), rel=1e-6)  # only ratios count
