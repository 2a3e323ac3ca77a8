"""Who is in a trial: cells by their weights, people from their pool, codes as frequent as in the bank."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.study import Covariate, Protocol, Subgroup
from calor.trial.bank.bank import Bank, Cell
from calor.trial.conduct.roster import (
    ROWS_PER_REPLICATE,
    Roster,
    RosterMaker,
    Stage,
    members_of,
    strata_of,
    subgroup_of,
)
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import BASE, bank_of, protocol

PARALLEL = """\
design: {type: parallel}
patients: 40
endpoint: {variable: pain-diary, from_day: 1, to_day: 7}
analysis: {method: ancova}
"""
ENRICHED = """\
design: {type: adaptive-enrichment, subgroup: {by: duration, %s}, interim_patients: 20}
patients: 40
endpoint: {variable: pain-diary, from_day: 1, to_day: 7}
analysis: {method: ancova, alpha: 0.025, sided: 1}
"""
WHOLE = Stage("whole", 40)


def drawn(
    trial: Protocol,
    bank: Bank,
    replicates: int = 200,
    weights: tuple[float, ...] = (1.0,),
    stage: Stage = WHOLE,
) -> Roster:
    return RosterMaker(plan_of(trial).enrolment, bank, Stream(1), np.array(weights)).draw(
        np.arange(replicates), stage
    )


def bank_with(trial: Protocol, cells: tuple[Cell, ...], durations: list[float]) -> Bank:
    bank = bank_of(trial, n=len(durations))
    return replace(
        bank,
        cells=cells,
        covariates={**bank.covariates, Covariate.DURATION: np.array(durations, dtype=float)},
    )


def test_a_cell_is_as_likely_as_its_rival_shared_by_the_rival_s_worlds() -> None:
    """Weights 0.2 and 0.8; the first rival has three worlds, the second one."""
    trial = protocol(PARALLEL)
    cells = (Cell(0, 0, 0, 2), Cell(0, 1, 2, 3), Cell(0, 2, 3, 4), Cell(1, 0, 4, 8))
    roster = drawn(trial, bank_with(trial, cells, [10] * 8), 6000, (0.2, 0.8))
    found = np.bincount(roster.cells, minlength=4) / 6000
    assert found == pytest.approx([0.2 / 3] * 3 + [0.8], abs=4 * 0.4 / np.sqrt(6000))


def test_every_person_of_the_cell_is_as_likely_and_nobody_else_takes_part() -> None:
    trial = protocol(PARALLEL)
    cells = (Cell(0, 0, 0, 3), Cell(0, 1, 3, 8))
    roster = drawn(trial, bank_with(trial, cells, [10] * 8), 1000)
    assert roster.people.shape == (1000, 40)
    for number, (start, stop) in enumerate(((0, 3), (3, 8))):
        people = roster.people[roster.cells == number]
        assert set(np.unique(people)) == set(range(start, stop))
        share = np.bincount(people.ravel() - start) / people.size
        assert share == pytest.approx(1 / (stop - start), abs=4 * 0.5 / np.sqrt(people.size))


def test_keys_are_a_place_s_own_within_its_sequence() -> None:
    """The k-th person on a sequence of a replicate has its own key, whichever place that is."""
    trial = protocol(PARALLEL)
    roster = drawn(trial, bank_of(trial), 50)
    for sequence in (0, 1):
        keys = roster.keys[roster.sequences == sequence]
        assert len(np.unique(keys)) == len(keys)
    for row in range(50):
        for sequence in (0, 1):
            member = roster.sequences[row] == sequence
            assert np.array_equal(np.diff(roster.keys[row, member]), np.ones(member.sum() - 1))
            assert roster.keys[row, member][0] == roster.keys[row].min()
    assert np.array_equal(roster.keys.min(axis=1), np.arange(50) * ROWS_PER_REPLICATE)


def test_a_replicate_is_its_number_s_and_a_stage_its_name_s() -> None:
    trial = protocol(PARALLEL + "allocation: {strata: [{by: duration, cuts: [12]}]}\n")
    maker = RosterMaker(plan_of(trial).enrolment, bank_of(trial), Stream(1), np.ones(1))
    alone, together = maker.draw(np.array([7]), WHOLE), maker.draw(np.arange(5, 12), WHOLE)
    for name, values in vars(alone).items():
        assert np.array_equal(values[0], getattr(together, name)[2])
    first, second = (maker.draw(np.arange(50), Stage(name, 20)) for name in ("first", "second"))
    assert np.array_equal(first.cells, second.cells)  # one replicate happens in one world
    assert not np.array_equal(first.people, second.people)
    assert not np.array_equal(first.sequences, second.sequences)


@pytest.mark.parametrize("ratio", [(2, 1), (1, 1), (1, 3)])
def test_blocks_keep_the_ratio_and_are_permuted(ratio: tuple[int, int]) -> None:
    size = 2 * sum(ratio)
    trial = protocol(PARALLEL + f"allocation: {{ratio: [{ratio[0]}, {ratio[1]}], block_size: {size}}}\n")
    roster = drawn(trial, bank_of(trial), 400)
    whole = roster.sequences[:, : 40 // size * size].reshape(400, -1, size)
    assert np.all((whole == 0).sum(axis=2) == 2 * ratio[0])
    first = (roster.sequences[:, 0] == 0).mean()
    assert first == pytest.approx(ratio[0] / sum(ratio), abs=4 * 0.5 / 20)
    assert not np.array_equal(whole[:, 0], whole[:, 1])


STRATA = "allocation: {strata: [{by: duration, cuts: [12, 24]}, {by: temperature, cuts: [0]}]}\n"


def test_strata_are_numbered_by_their_levels_and_a_cut_belongs_above() -> None:
    trial = protocol(PARALLEL + STRATA)
    bank = bank_with(trial, (Cell(0, 0, 0, 8),), [11.9, 12, 23.9, 24, 11.9, 12, 23.9, 24])
    bank = replace(
        bank,
        covariates={
            **bank.covariates,
            Covariate.TEMPERATURE: np.array([-1.0, -0.1, 0.0, 1.0, 2.0, 0.0, -1.0, -1.0]),
        },
    )
    assert strata_of(trial.allocation.strata, bank).tolist() == [0, 2, 3, 5, 1, 3, 2, 4]
    assert not strata_of((), bank).any()


def test_strata_come_as_often_as_in_the_cell_and_hold_their_people() -> None:
    """One in eight of the first cell is of short duration, half of the second."""
    trial = protocol(PARALLEL + "allocation: {strata: [{by: duration, cuts: [12]}]}\n")
    durations = [6] + [24] * 7 + [6] * 4 + [24] * 4
    bank = bank_with(trial, (Cell(0, 0, 0, 8), Cell(0, 1, 8, 16)), [float(one) for one in durations])
    roster = drawn(trial, bank, 600)
    for cell, share in ((0, 1 / 8), (1, 1 / 2)):
        strata = roster.strata[roster.cells == cell]
        assert (strata == 0).mean() == pytest.approx(share, abs=4 * 0.5 / np.sqrt(strata.size))
    long = bank.covariates[Covariate.DURATION] >= 12
    assert np.array_equal(long[roster.people].astype(int), roster.strata)
    assert np.array_equal(roster.people // 8, np.broadcast_to(roster.cells[:, None], roster.people.shape))


def test_who_is_in_a_subgroup() -> None:
    trial = protocol(PARALLEL)
    bank = bank_with(trial, (Cell(0, 0, 0, 4),), [11.9, 12.0, 12.1, -1.0])
    below, above = Subgroup(by="duration", below=12.0), Subgroup(by="duration", at_least=12.0)  # type: ignore[arg-type]
    assert members_of(below, bank).tolist() == [True, False, False, True]
    assert members_of(above, bank).tolist() == [False, True, True, False]
    assert members_of(Subgroup(by="duration", at_least=0.0), bank).tolist() == [True, True, True, False]  # type: ignore[arg-type]
    low = bank_with(trial, (Cell(0, 0, 0, 4),), [0.0, 0.5, -0.5, 2.0])
    assert members_of(Subgroup(by="duration", at_least=0.0), low).tolist() == [True, True, False, True]  # type: ignore[arg-type]
    assert not subgroup_of(trial.design.chosen, bank).any()
    assert subgroup_of(protocol(ENRICHED % "below: 12").design.chosen, bank).tolist() == [
        True,
        False,
        False,
        True,
    ]


def test_a_stage_of_the_subgroup_alone_draws_from_it() -> None:
    trial = protocol(ENRICHED % "below: 12")
    durations = [6.0, 24.0, 24.0, 24.0] * 3
    bank = bank_with(trial, (Cell(0, 0, 0, 4), Cell(0, 1, 4, 12)), durations)
    roster = drawn(trial, bank, 300, stage=Stage("second", 20, subgroup_only=True))
    assert np.all(roster.people % 4 == 0)
    assert set(np.unique(roster.people)) == {0, 4, 8}
    everybody = drawn(trial, bank, 300, stage=Stage("first", 20))
    assert (everybody.people % 4 == 0).mean() == pytest.approx(0.25, abs=0.03)


def test_a_world_without_the_subgroup_cannot_run_an_enriched_trial() -> None:
    trial = protocol(ENRICHED % "at_least: 12")
    cells = (Cell(0, 0, 0, 4), Cell(0, 1, 4, 8), Cell(1, 0, 8, 12))
    durations = [6.0] * 4 + [6.0, 6.0, 6.0, 24.0] + [24.0] * 4
    roster = drawn(trial, bank_with(trial, cells, durations), 2000, (0.5, 0.5))
    share = np.bincount(roster.cells, minlength=3) / 2000
    assert share == pytest.approx([0, 1 / 3, 2 / 3], abs=4 * 0.5 / np.sqrt(2000))  # 0.25 and 0.5 are left
    with pytest.raises(InputError) as refusal:
        drawn(trial, bank_with(trial, cells, [6.0] * 12), 10, (0.5, 0.5))
    (problem,) = refusal.value.problems
    assert "nobody who qualifies is in the subgroup (duration at least 12)" in problem.what
    assert problem.hint == "move the cut"
    assert "design.subgroup" in str(refusal.value)
    # Without enrichment the same bank runs the trial in every world.
    plain = drawn(protocol(PARALLEL), bank_with(trial, cells, durations), 2000, (0.5, 0.5))
    assert set(plain.cells) == {0, 1, 2}


def test_a_single_person_of_the_subgroup_takes_part_as_often_as_anybody() -> None:
    trial = protocol(ENRICHED % "below: 12")
    bank = bank_with(trial, (Cell(0, 0, 0, 4),), [6.0, 24.0, 24.0, 24.0])
    people = drawn(trial, bank, 300, stage=Stage("first", 20)).people
    assert np.bincount(people.ravel()) / people.size == pytest.approx(0.25, abs=0.03)


def test_strata_and_subgroup_are_told_apart() -> None:
    """The first world has nobody in the subgroup, but people in both strata; it cannot run the trial."""
    trial = protocol(ENRICHED % "below: 12" + "allocation: {strata: [{by: temperature, cuts: [0]}]}\n")
    bank = bank_with(trial, (Cell(0, 0, 0, 4), Cell(0, 1, 4, 8)), [24.0] * 4 + [6.0, 24.0, 6.0, 24.0])
    roster = drawn(trial, bank, 200)
    assert set(roster.cells) == {1}
    cold = bank.covariates[Covariate.TEMPERATURE] >= 0
    assert np.array_equal(roster.strata, cold[roster.people])
    only = drawn(trial, bank, 200, stage=Stage("second", 20, subgroup_only=True))
    assert set(np.unique(only.people)) == {4, 6}
    assert set(np.unique(only.strata)) == {0, 1}


def test_a_sequence_without_people_in_a_short_trial_changes_nothing() -> None:
    """Eight arms and a stage of three places: most arms stay empty."""
    names = ", ".join(f"{{name: a{number}}}" for number in range(7))
    trial = protocol(PARALLEL + "allocation: {block_size: 8}\n", BASE.replace("{name: active}", names))
    roster = drawn(trial, bank_of(trial), 20, stage=Stage("first", 3))
    assert roster.people.shape == (20, 3)
    assert all(len(set(row)) == 3 for row in roster.sequences.tolist())
