"""A trial, a question and a fit are the same to the bit, whoever works on them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from calor.core.executors import ALONE, Executor
from calor.core.executors.opening import Workers
from calor.core.progress import SILENT
from calor.trial.bank.preparation import Prepared, prepare_trial
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.runs.named import find_protocol

WORKERS = {
    "threads": Workers(2).threads,
    "processes": Workers(2).processes,
    "cluster": Workers(cluster="local:2").threads,
}


@pytest.fixture(scope="module", params=WORKERS)
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with WORKERS[request.param]() as made:
        yield made


def prepared(executor: Executor) -> Prepared:
    settings = RunSettings(worlds=21, candidates=20, most_candidates=20, fewest_eligible=2, executor=executor)
    return prepare_trial(find_protocol("goebel-2017-lips"), settings, SILENT)


@pytest.fixture(scope="module")
def alone() -> Prepared:
    return prepared(ALONE)


def test_a_bank_and_its_replicates_are_the_same_to_the_bit(alone: Prepared, executor: Executor) -> None:
    ready = prepared(executor)
    assert ready.bank.counts == alone.bank.counts
    assert ready.bank.cells == alone.bank.cells
    for name, values in alone.bank.outputs.items():
        assert np.array_equal(ready.bank.outputs[name], values)
    assert np.array_equal(ready.bank.baseline, alone.bank.baseline)
    found = ReplicateSimulator.of(ready).run(300, SILENT, executor)
    expected = ReplicateSimulator.of(alone).run(300, SILENT)
    for name, values in vars(expected).items():
        assert np.array_equal(getattr(found, name), values, equal_nan=values.dtype.kind == "f"), name
