"""Allocation keeps blocks within strata, Williams sequences are balanced, stages draw whom they may."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from calor.study.sequences import williams
from calor.trial.conduct.observation import Observer
from calor.trial.conduct.roster import Stage
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import bank_of, protocol

ENDPOINT = "endpoint: {variable: pain-diary, from_day: 1, to_day: 7}\nanalysis: {method: ancova}\n"
STRATA = "allocation: {block_size: 4, strata: [{by: duration, cuts: [12]}, {by: temperature, cuts: [0]}]}\n"


def test_blocks_are_kept_within_every_stratum() -> None:
    trial = protocol("design: {type: parallel}\npatients: 60\n" + STRATA + ENDPOINT)
    roster = Observer(plan_of(trial), bank_of(trial), 1, np.ones(1)).rosters.draw(
        np.arange(50), Stage("whole", 60)
    )
    assert len(np.unique(roster.strata)) == 4
    for sequences, strata in zip(roster.sequences, roster.strata, strict=True):
        for stratum in range(4):
            given = sequences[strata == stratum]
            whole = given[: len(given) // 4 * 4].reshape(-1, 4)
            assert np.all(whole.sum(axis=1) == 2)


def test_a_place_holds_a_person_of_its_stratum_and_cell() -> None:
    trial = protocol("design: {type: parallel}\npatients: 60\n" + STRATA + ENDPOINT)
    bank = bank_of(trial)
    observer = Observer(plan_of(trial), bank, 1, np.ones(1))
    roster = observer.rosters.draw(np.arange(50), Stage("whole", 60))
    assert np.array_equal(observer.rosters.strata[roster.people], roster.strata)
    size = bank.cells[0].stop
    assert np.array_equal(roster.people // size, np.broadcast_to(roster.cells[:, None], (50, 60)))


def test_strata_are_as_frequent_as_in_the_bank() -> None:
    trial = protocol("design: {type: parallel}\npatients: 60\n" + STRATA + ENDPOINT)
    roster = Observer(plan_of(trial), bank_of(trial), 1, np.ones(1)).rosters.draw(
        np.arange(400), Stage("whole", 60)
    )
    assert np.bincount(roster.strata.ravel()) / roster.strata.size == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("arms", range(2, 9))
def test_a_williams_design_is_balanced_for_first_order_carry_over(arms: int) -> None:
    sequences = williams(arms)
    assert len(sequences) == (arms if arms % 2 == 0 else 2 * arms)
    assert all(sorted(sequence) == list(range(arms)) for sequence in sequences)
    followed = Counter(pair for sequence in sequences for pair in pairwise(sequence))
    assert len(followed) == arms * (arms - 1)
    assert len(set(followed.values())) == 1
    by_period = [Counter(column) for column in zip(*sequences, strict=True)]
    assert all(len(set(count.values())) == 1 and len(count) == arms for count in by_period)
