"""`calor runs` and `calor resume`: what a stopped run keeps, how it is seen, and that it ends unbroken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import calor as package
from calor.core.progress import Stopped
from calor.store import common_store, pieces
from calor.trial.bank.cells import CellMaker
from tests.cli.conftest import Calor
from tests.cli.test_trial import PROTOCOL

TRIAL = ("trial", "quick.yaml", "--worlds", "2", "--replicates", "100", "--seed", "3")


@pytest.fixture
def stopped(calor: Calor, monkeypatch: pytest.MonkeyPatch) -> str:
    """Stop a trial under its third rival; return what is said."""
    Path("quick.yaml").write_text(PROTOCOL)
    monkeypatch.setattr(pieces, "WRITTEN_EVERY", 0.0)
    made, cells = [], CellMaker.__call__

    def stopping(self: CellMaker, *given: object) -> object:
        made.append(given)
        if len(made) == 3:
            raise Stopped
        return cells(self, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as within:
        within.setattr(CellMaker, "__call__", stopping)
        outcome = calor(*TRIAL, "--workers", "1", "--out", "one")
    assert outcome.code == 130
    return outcome.err


def test_a_stopped_trial_says_what_is_kept_and_ends_as_an_unbroken_one(calor: Calor, stopped: str) -> None:
    assert "what was finished is kept in one" in stopped
    assert "calor resume one" in stopped
    (run,) = calor("runs", "--json").document["runs"]
    assert (run["run"], run["state"], run["kind"], run["pieces"]) == ("one", "stopped", "trial", 2)
    assert "to go on: calor resume one" in calor("runs", "show", "one").out
    refused = calor(
        "trial", "quick.yaml", "--worlds", "2", "--replicates", "100", "--seed", "4", "--out", "one"
    )
    assert (refused.code, refused.out) == (2, "")
    assert "holds another run: its seed is 3 and not 4" in refused.err
    assert "not finished" in calor("report", "one").err
    assert calor("resume", "one", "--workers", "1").code == 0
    assert calor(*TRIAL, "--workers", "2", "--out", "two").code == 0
    names = {path.name for path in Path("two").iterdir()}
    assert names == {path.name for path in Path("one").iterdir()}
    for name in names - {"manifest.json", "request.json"}:
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes(), name


def test_a_run_is_shown_removed_and_had_from_python(calor: Calor, stopped: str) -> None:
    (run,) = package.runs(".")
    assert (run.state, run.request["asked"]["seed"]) == ("stopped", 3)
    assert run.request["asked"]["posterior"]["file_sha256"]
    Path("quick.yaml").write_text(PROTOCOL.replace("patients: 40", "patients: 44"))
    assert "it has another protocol" in calor("resume", "one").err
    Path("quick.yaml").write_text(PROTOCOL)
    assert calor("resume", "one", "--json").document == run.result
    manifest = json.loads(Path("one/manifest.json").read_text())
    assert manifest["command"] == ["calor", *TRIAL]
    for left in ("state.json", ".lock"):  # as a kill right after the end leaves them
        Path("one", left).write_text("{}")
    assert "done already" in calor("resume", "one").err
    for option, value, wrong in (
        ("--cluster", "nowhere", "names no cluster"),
        ("--workers", "0", "--workers"),
        ("--seed", "3", "no such option"),
    ):
        refused = calor("resume", "one", option, value)
        assert refused.code == 2, option
        assert wrong in refused.err.lower()
    assert not {"state.json", ".lock"} & {path.name for path in Path("one").iterdir()}
    assert "done" in calor("runs").out
    assert calor("runs", "remove", "one").code == 0
    assert not Path("one").exists()
    assert calor("runs", "remove", "one").code == 2
    assert "no run in" in calor("runs").err


def test_work_that_keeps_nothing_says_so(calor: Calor, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("quick.yaml").write_text(PROTOCOL)

    def stopping(*_: object) -> object:
        raise Stopped("stopped; nothing is kept of it")

    monkeypatch.setattr(CellMaker, "__call__", stopping)
    outcome = calor("compare", "quick.yaml", "quick.yaml", "--worlds", "2", "--replicates", "100")
    assert outcome.code == 130
    assert "nothing is kept" in outcome.err
    assert [path.name for path in Path().iterdir()] == ["quick.yaml"]


def test_a_damaged_run_is_listed_with_its_fault_and_can_be_removed(calor: Calor) -> None:
    Path("runs/bad").mkdir(parents=True)
    Path("runs/bad/request.json").write_text("x")
    (run,) = calor("runs", "--json").document["runs"]
    assert run["state"] == "failed"
    assert "request.json" in run["message"]
    assert calor("runs", "remove", "runs/bad").code == 0
    assert not Path("runs/bad").exists()
    assert "no such folder" in calor("runs", "--in", "studies").err


def test_a_part_of_runs_refuses_what_has_no_effect_before_it(calor: Calor) -> None:
    for option in (("--json",), ("--in", "studies")):
        outcome = calor("runs", *option, "show", "one")
        assert outcome.code == 2
        assert f"{option[0]}: has no effect before show" in outcome.err


def test_people_who_were_simulated_before_are_found_again_and_it_is_said(
    calor: Calor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALOR_CACHE_MB", "100")
    monkeypatch.setattr(common_store, "cache_folder", lambda: tmp_path / "cache")
    Path("quick.yaml").write_text(PROTOCOL)
    first, again = calor(*TRIAL, "--out", "one"), calor(*TRIAL, "--out", "two")
    assert "found in" not in first.err
    found = json.loads(Path("two/manifest.json").read_text())["found_again"]
    assert found["parts"] == found["of"] > 0
    assert f"{found['parts']} of {found['of']} parts" in again.err
    assert Path("one/result.json").read_bytes() == Path("two/result.json").read_bytes()
    Path("other.yaml").write_text(PROTOCOL.replace("patients: 40", "patients: 60"))
    compared = calor("compare", "quick.yaml", "other.yaml", *TRIAL[2:], "--json")
    assert compared.document["provenance"]["found_again"]["parts"] == 2 * found["of"]
