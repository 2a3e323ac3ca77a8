"""What decides a pair in a trial: events until loss and the endpoint's last day, by hand for two people."""

from __future__ import annotations

import numpy as np
import pytest

from calor.study import Protocol
from calor.trial.analysis.win_ratio import HierarchicalData, compared
from calor.trial.designs.wins import win_levels
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import protocol

TEXT = """\
design: {type: parallel}
patients: 40
endpoint: {variable: %s}
analysis: {method: win-ratio, wins: {first: [%s], tie_within: 1}}
estimand: {stopping: composite, rescue: composite, loss: composite}
"""
DIARY, GRIP = "pain-diary, from_day: 22, to_day: 28", "grip, from_day: 28, to_day: 28"
NEVER = np.inf


def trial_of(first: str, endpoint: str = DIARY) -> Protocol:
    return protocol(TEXT % (endpoint, first))


def winner(trial: Protocol, endpoint: list[float], **events: list[float]) -> int | None:
    """Return who of two people does better, None where they are alike."""
    times = [np.array([events.get(name, [NEVER, NEVER])]) for name in ("stopped", "rescued", "lost")]
    levels = win_levels(plan_of(trial), np.array([endpoint]), *times)
    won, lost = compared(HierarchicalData(levels, np.array([[1, 0]])))
    assert np.array_equal(won, lost.transpose(0, 2, 1))
    if won[0, 0, 1]:
        return 0
    return 1 if won[0, 1, 0] else None


ALIKE = [5.0, 5.5]


def test_later_is_better_and_never_is_best() -> None:
    for event, name in (("loss", "lost"), ("rescue", "rescued"), ("stopping", "stopped")):
        trial = trial_of(event)
        assert winner(trial, ALIKE, **{name: [20.0, 10.0]}) == 0
        assert winner(trial, ALIKE, **{name: [10.0, 20.0]}) == 1
        assert winner(trial, ALIKE, **{name: [10.0, NEVER]}) == 1
        assert winner(trial, ALIKE, **{name: [NEVER, 27.9]}) == 0


def test_an_event_counts_until_the_endpoint_s_last_day() -> None:
    for event, name in (("loss", "lost"), ("rescue", "rescued"), ("stopping", "stopped")):
        for time in (28.0, 40.0):
            assert winner(trial_of(event), ALIKE, **{name: [NEVER, time]}) is None
            assert winner(trial_of(event), [8.0, 2.0], **{name: [NEVER, time]}) == 1


def test_a_rescue_counts_only_where_both_were_seen_until_then() -> None:
    trial = trial_of("rescue")
    # The first was lost on day 5; whether that person would have needed rescue before day 10 nobody knows.
    assert winner(trial, ALIKE, rescued=[NEVER, 10.0], lost=[5.0, NEVER]) is None
    assert winner(trial, ALIKE, rescued=[NEVER, 10.0], lost=[15.0, NEVER]) == 0
    # What happens after a person's own loss is not seen.
    assert winner(trial, ALIKE, rescued=[NEVER, 10.0], lost=[NEVER, 5.0]) is None


def test_loss_is_seen_whatever_happens() -> None:
    trial = trial_of("loss, rescue")
    assert winner(trial, [2.0, 8.0], lost=[5.0, 6.0], rescued=[NEVER, 3.0]) == 1
    assert winner(trial, [2.0, 8.0], rescued=[9.0, NEVER]) == 1


def test_the_first_event_on_which_they_differ_decides() -> None:
    assert winner(trial_of("rescue, stopping"), [2.0, 8.0], rescued=[3.0, 9.0], stopped=[20.0, 2.0]) == 1
    assert winner(trial_of("stopping, rescue"), [8.0, 2.0], rescued=[3.0, 9.0], stopped=[20.0, 2.0]) == 0


@pytest.mark.parametrize(("endpoint", "better"), [(DIARY, 1), (GRIP, 0)])
def test_then_the_endpoint_decides_less_pain_or_more_grip(endpoint: str, better: int) -> None:
    trial = trial_of("rescue", endpoint)
    assert winner(trial, [8.0, 2.0]) == better
    assert winner(trial, [8.0, 7.0]) is None  # alike within 1
    assert winner(trial, [np.nan, 2.0]) is None
