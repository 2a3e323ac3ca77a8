"""Calendars kept as one table act like the calendars they stand for, one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from calor.engine import compile_kernel
from calor.engine.batch import Batch
from calor.engine.calendar import Action, Calendar, Calendars, delayed, in_turn
from tests.contracts import engine_models as models


def doses(n: int) -> Calendars:
    """Return two doses a patient, the second one different in each."""
    pattern = Calendar.of((0.0, Action.ADD, "depot", 10.0), (6.0, Action.ADD, "central", 1.0))
    return Calendars(pattern, np.stack([np.full(n, 10.0), np.arange(n) + 1.0], axis=1), n)


def written_out(calendars: Sequence[Calendar]) -> list[tuple[object, ...]]:
    """Return what happens to each patient, by name."""
    return [
        tuple(
            (time, action, calendar.states[target], value)
            for time, action, target, value in zip(
                *(part.tolist() for part in (calendar.times, calendar.actions)),
                *(part.tolist() for part in (calendar.targets, calendar.values)),
                strict=True,
            )
        )
        for calendar in calendars
    ]


def test_a_table_moves_and_joins_as_single_calendars_do() -> None:
    shared = Calendars.shared(Calendar.of((1.0, Action.SCALE, "central", 0.5)), 3)
    for first, second in ((doses(3), shared), (shared, doses(3)), (shared, shared), (doses(3), list(shared))):
        found = in_turn(first, delayed(second, 5.0))
        expected = [a.then(b.later(5.0)) for a, b in zip(list(first), list(second), strict=True)]
        assert written_out(found) == written_out(expected)


def test_a_table_is_simulated_like_its_calendars() -> None:
    kernel = compile_kernel(models.oral())

    def outputs(calendars: Sequence[Calendar]) -> list[object]:
        batch = Batch(np.arange(13.0), ("central",), (), np.zeros((5, 0)), calendars=calendars)
        return [kernel.simulate(batch).outputs.tolist()]

    assert outputs(doses(5)) == outputs(list(doses(5)))
    shared = Calendars.shared(Calendar.of((1.0, Action.ADD, "depot", 3.0)), 5)
    assert outputs(shared) == outputs(list(shared))


def test_a_table_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="values for 2 calendars"):
        Calendars(doses(3).pattern, doses(3).values, 2)
    with pytest.raises(ValueError, match="the first of them"):
        Calendars(doses(3).pattern, doses(3).values + 1.0, 3)
    with pytest.raises(ValueError, match="3 and 2 calendars"):
        in_turn(doses(3), doses(2))
    with pytest.raises(ValueError, match="not finite"):
        Calendars(doses(1).pattern, np.array([[10.0, 1.0], [10.0, np.nan]]), 2)
