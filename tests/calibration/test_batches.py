"""Two simulations of the same points with other people show the Monte Carlo variance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calor.calibration.batches import Batches
from calor.core.arrays import Numbers
from calor.core.progress import SILENT
from calor.core.streams import Stream
from calor.store.pieces import Pieces
from tests.calibration.linear_problem import NOISE, SCORES, simulate

POINTS = Stream(5).child("points").normals(200, SCORES)


def variances(folder: Path, before: Numbers) -> Numbers:
    return Batches(40, Pieces.in_folder(folder, "f"), SILENT).variances(
        "again", simulate, POINTS, before, 100
    )


def test_the_variance_is_that_of_the_noise_wherever_the_points_lie(tmp_path: Path) -> None:
    # The relative error of a variance from n pairs is sqrt(2 / n): four of them.
    assert variances(tmp_path, simulate(POINTS, 1)) == pytest.approx(NOISE**2, rel=4 * np.sqrt(2 / 200))


def test_a_summary_that_no_point_shows_twice_has_none(tmp_path: Path) -> None:
    before = simulate(POINTS, 1)
    before[:, 1] = np.nan
    assert variances(tmp_path, before)[1] == 0
    assert np.all(np.delete(variances(tmp_path, before), 1) > 0)
