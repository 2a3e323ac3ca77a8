"""All entries of one time together: what they do to a state and to its infusion rate."""

from __future__ import annotations

from calor.engine.calendar import Action, Calendar
from calor.engine.instants import Effect, instants_of


def test_entries_of_one_time_act_in_their_order() -> None:
    # x -> ((x + 4) * 0.5) + 1 = 0.5 x + 3; set to 7, then halved: 3.5, whatever x was; rates add up.
    calendar = Calendar.of(
        (1.0, Action.ADD, "x", 4.0),
        (1.0, Action.SCALE, "x", 0.5),
        (1.0, Action.ADD, "x", 1.0),
        (1.0, Action.SET, "y", 7.0),
        (1.0, Action.SCALE, "y", 0.5),
        (1.0, Action.RATE, "x", 3.0),
        (1.0, Action.RATE, "x", -1.0),
        (2.0, Action.RESET, "x", 0.0),
    )
    first, last = instants_of(calendar)
    assert (first.time, first.resets) == (1.0, False)
    assert first.effects == {"x": Effect(0.5, 3.0, 2.0), "y": Effect(0.0, 3.5)}
    assert (last.time, last.resets, last.effects) == (2.0, True, {})


def test_a_rate_alone_changes_no_state() -> None:
    assert not Effect(rate=1.0).changes_state
    assert Effect(factor=0.5).changes_state
