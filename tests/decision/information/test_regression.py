"""The prediction for a world never comes from that world."""

from __future__ import annotations

import numpy as np

from benchmarks.information import made_up_bank
from calor.decision.information.regression import _splines, rival_factor


def test_a_world_is_not_predicted_from_itself() -> None:
    """A world whose own value is moved far away keeps its prediction, and others do not."""
    draws = made_up_bank(4, seed=1, each=20).draws
    targets = draws.quantity.mean(axis=1, keepdims=True)
    for world in (0, 57, 119):
        moved = targets.copy()
        moved[world] += 50.0
        before, after = (
            _splines(draws.scores, rival_factor(draws), one, draws, 1) for one in (targets, moved)
        )
        assert before[world, 0] == after[world, 0]
        assert np.sum(before != after) > 100
