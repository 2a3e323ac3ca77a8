"""Ranks, ties and stability from paired resamples."""

from __future__ import annotations

import numpy as np
import pytest

from calor.decision.information.estimate import Estimate
from calor.decision.information.ranking import rank

COMMON = np.random.default_rng(1).normal(0, 0.1, 500)
OWN = np.random.default_rng(2).normal(0, 0.01, (4, 500))


def figure(value: float, own: int) -> Estimate:
    return Estimate.of(value, value + COMMON + OWN[own])


def test_differences_are_paired() -> None:
    """Errors of 0.1 that all share hide no difference of 0.05, whose own error is 0.014."""
    ranking = rank([figure(0.50, 0), figure(0.60, 1), figure(0.55, 2)])
    assert [place.position for place in ranking.places] == [1, 2, 0]
    assert [place.rank for place in ranking.places] == [1, 2, 3]
    assert all(place.tied == () for place in ranking.places)
    alone = Estimate.of(0.60, 0.60 + np.random.default_rng(3).normal(0, 0.1, 500))
    assert rank([figure(0.50, 0), alone]).places[1].tied == (1,)


def test_ties_share_a_rank() -> None:
    ranking = rank([figure(0.50, 0), figure(0.51, 1), figure(0.40, 2)])
    assert [(place.position, place.rank, place.tied) for place in ranking.places] == [
        (1, 1, (0,)),
        (0, 1, (1,)),
        (2, 3, ()),
    ]


def test_stability_is_the_share_of_resamples_with_the_same_leaders() -> None:
    leader = Estimate.of(1.0, np.array([1.0, 1.0, 1.0, 0.0]))
    second = Estimate.of(0.5, np.array([0.5, 0.5, 0.5, 0.5]))
    third = Estimate.of(0.2, np.array([0.2, 0.6, 0.2, 0.6]))
    assert rank([leader, second, third], leading=1).stability == 0.75
    assert rank([leader, second, third], leading=2).stability == pytest.approx(0.5)
    assert rank([leader, second, third], leading=3).stability == 1.0


def test_a_tie_for_the_last_leading_place_is_a_group_of_its_own() -> None:
    """The second and third change places in half of the resamples, the fourth never comes near."""
    first = Estimate.of(1.0, np.ones(4))
    second = Estimate.of(0.51, np.array([0.6, 0.4, 0.6, 0.4]))
    third = Estimate.of(0.49, np.array([0.4, 0.6, 0.4, 0.6]))
    fourth = Estimate.of(0.0, np.zeros(4))
    found = rank([first, second, third, fourth], leading=2)
    assert found.stability == 0.5
    assert found.group == (0, 1, 2)
    assert found.stability_of_group == 1.0
    many = [Estimate.of(each.value, np.tile(each.resampled, 10)) for each in (first, second, third)]
    once = Estimate.of(0.0, np.append(np.zeros(39), 0.7))
    found = rank([*many, once], leading=2)
    assert found.group == (0, 1, 2)
    assert found.stability_of_group == 0.975, "what is outside of the tie counts against it"
