"""Stages go on from what exists, and variants of a trial are what they are called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.runs import stages
from calor.trial.runs.stages import replicate, replicate_until_known
from tests.trial.made_up import bank_of, protocol
from tests.trial.runs.made_up_runs import SETTINGS, made_up, prepared

LOGISTIC = """\
design: {type: parallel}
patients: 400
endpoint: {variable: pain-diary, from_day: 12, to_day: 14, responder: {reduction_percent: 30}}
analysis: {method: logistic}
"""


def same(one: Replicates, other: Replicates) -> bool:
    return all(
        np.array_equal(values, getattr(other, name), equal_nan=True) for name, values in vars(one).items()
    )


@pytest.mark.parametrize("name", ["prior", "posterior"])
@pytest.mark.parametrize("done", [7, 30, 40, 90])
def test_going_on_gives_the_replicates_of_one_run(name: str, done: int) -> None:
    ready = made_up(name)
    simulator = ReplicateSimulator(plan_of(ready.protocol), ready.bank, 1, ready.weights)
    simulator.chunk = 30
    whole = simulator.run(90, Silent())
    assert same(simulator.run(90, Silent(), Threads(2), done=simulator.run(done, Silent())), whole)


def test_going_on_keeps_chunks_whole_for_estimators_that_iterate() -> None:
    """Fifty of these trials are a chunk; the first 30 alone are not."""
    trial = protocol(LOGISTIC)
    simulator = ReplicateSimulator(plan_of(trial), bank_of(trial, {"active": -1.0}), 1, np.ones(1))
    assert simulator.chunk > 30
    count = simulator.chunk + 30
    whole = simulator.run(count, Silent())
    assert same(simulator.run(count, Silent(), done=simulator.run(30, Silent())), whole)


def test_what_is_done_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    conducted: list[int] = []

    class Watched(ReplicateSimulator):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # type: ignore[arg-type]
            self.chunk = 10
            conduct = self.conductor.conduct
            self.conductor = type("C", (), {"conduct": lambda _, n: conducted.extend(n) or conduct(n)})()

    monkeypatch.setattr(stages, "ReplicateSimulator", Watched)
    ready = made_up("prior")
    ready = replace(ready, settings=replace(SETTINGS, replicates=20, decision_error=0.1))
    found = replicate_until_known(ready, Silent())
    assert len(found) > 40
    assert sorted(conducted) == list(range(len(found)))
    monkeypatch.undo()
    at_once = replace(ready, settings=replace(SETTINGS, replicates=len(found)))
    assert np.array_equal(replicate(at_once, Silent()).cells, found.cells)


def test_with_the_mechanism_off_the_arms_are_one() -> None:
    ready = made_up("prior").mechanism_off()
    assert ready.bank.course_of[0].tolist() == ready.bank.course_of[1].tolist()


def test_under_one_rival_all_trials_are_of_it() -> None:
    ready = made_up("prior").under(1)
    cells = replicate(ready, Silent()).cells
    assert {ready.bank.cells[cell].rival for cell in cells} == {1}


def test_a_trial_conducted_as_another_keeps_its_people() -> None:
    trial = protocol(LOGISTIC)
    ready = prepared(trial, bank_of(trial))
    other = ready.conducted_as(trial.model_copy(update={"patients": 40}))
    assert other.bank is ready.bank
    assert set(replicate(other, Silent()).enrolled) == {40}
