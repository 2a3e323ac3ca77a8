"""What a trial tells about single patients is kept in pieces: an interrupted run goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calor.core.executors import Threads
from calor.core.progress import Silent, Stopped
from calor.store.pieces import Pieces
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.results import individuals
from calor.trial.results.individuals import IndividualEffectsFound, individual_effects
from calor.trial.results.truth import Truth, truth_of
from tests.trial.made_up import bank_of, protocol
from tests.trial.runs.made_up_runs import Prepared, prepared

TEXT = (
    "design: {type: n-of-1, cycles: 3, period_days: 14, washout_days: 7}\npatients: 8\n"
    "endpoint: {variable: pain-diary, from_day: 8, to_day: 14}\nanalysis: {method: n-of-1-mixed}\n"
)


class StopsAfter(Silent):
    """Asks to stop after so many steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def advance(self, steps: int = 1) -> None:
        """Count the steps."""
        self.left -= steps
        self.stop_requested = self.left <= 0


def test_what_was_looked_at_before_a_stop_is_not_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(individuals, "CHUNK", 20)
    trial = protocol(TEXT)
    bank = bank_of(trial, {"active": -0.5})
    ready = prepared(trial, bank, RunSettings(replicates=90, executor=Threads(1)))
    truth = truth_of(ready.plan, bank, 1)
    replicates = ReplicateSimulator.of(ready).run(90, Silent())

    def found(ready: Prepared, progress: Silent) -> tuple[IndividualEffectsFound | None, int]:
        calls = 0
        method = ready.plan.analysis.method
        estimate = method.individuals
        assert estimate is not None

        def counted(*given: object) -> object:
            nonlocal calls
            calls += 1
            return estimate(*given)  # type: ignore[arg-type]

        analysis = replace(ready.plan.analysis, method=replace(method, individuals=counted))
        so = replace(ready, plan=replace(ready.plan, analysis=analysis))
        return _or_stopped(so, replicates, truth, progress), calls

    unbroken, calls = found(ready, Silent())
    assert calls == 5  # 90 trials, 20 at a time
    assert unbroken is not None
    kept = replace(ready, pieces=Pieces.in_folder(tmp_path / "pieces", "this run"))
    assert found(kept, StopsAfter(2)) == (None, 2)
    again = replace(kept, pieces=Pieces.in_folder(tmp_path / "pieces", "this run"))
    assert found(again, Silent()) == (unbroken, 3)
    assert found(again, Silent()) == (unbroken, 0)


def _or_stopped(
    ready: Prepared, replicates: Replicates, truth: Truth, progress: Silent
) -> IndividualEffectsFound | None:
    try:
        return individual_effects(ready, replicates, truth, progress)
    except Stopped:
        return None
