"""`calor calibrate` says what it fits, and keeps what is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Calor

HELD_OUT = {"goebel-2017-lips", "munts-2010", "kalita-20v40", "dirckx-2013"}


def test_targets_are_listed_with_their_role_and_without_held_out_trials(calor: Calor) -> None:
    targets = calor("calibrate", "--targets", "--json").document["targets"]
    assert len({target["id"] for target in targets}) == len(targets) >= 30
    assert {target["role"] for target in targets} <= {"calibration", "prior-only"}
    assert not HELD_OUT & {target["study_id"] for target in targets}
    fitted = [target for target in targets if target["role"] == "calibration"]
    assert len(fitted) >= 30
    assert all(target["standard_error"] > 0 and target["grade"] != "recalled" for target in fitted)
    carried = [target for target in targets if target["role"] == "prior-only"]
    assert all(target["reason"] and target["carried_by"] for target in carried)
    assert "cytokines-cause-or-bystander" in {target["id"] for target in carried}


def test_the_table_of_targets_fits_a_terminal(calor: Calor) -> None:
    shown = calor("calibrate", "--targets")
    assert shown.code == 0
    assert max(len(line) for line in shown.out.splitlines()) <= 80


def test_a_study_of_ones_own_is_among_the_targets(calor: Calor, pytestconfig: pytest.Config) -> None:
    example = pytestconfig.rootpath / "examples/studies/own-study.yaml"
    shipped = calor("calibrate", "--targets", "--json").document["targets"]
    targets = calor("calibrate", "--targets", "--data", str(example), "--json").document["targets"]
    (added,) = [target for target in targets if target not in shipped]
    assert (added["id"], added["role"]) == ("our-pilot-contrast", "calibration")
    assert added["source"].startswith("sha256:")


def test_a_wrong_study_of_ones_own_is_refused_at_its_line(calor: Calor, pytestconfig: pytest.Config) -> None:
    example = (pytestconfig.rootpath / "examples/studies/own-study.yaml").read_text()
    Path("mine.yaml").write_text(example.replace("drug: prednisolone", "drug: aspirin"))
    refused = calor("calibrate", "--data", "mine.yaml")
    assert refused.code == 2
    assert "mine.yaml, line 13" in refused.err
    assert "no drug 'aspirin'" in refused.err
    assert calor("calibrate", "--data", "absent.yaml").code == 2


@pytest.mark.parametrize("purpose", ["validation", "product"])
def test_the_fit_behind_a_shipped_posterior_is_shown_failures_first(calor: Calor, purpose: str) -> None:
    shown = calor("calibrate", "--report", "--for", purpose)
    assert shown.code == 0
    missed = calor("calibrate", "--report", "--for", purpose, "--json").document["outside_95"]
    assert shown.out.startswith("Missed: " if missed else "No target is missed.")
    assert "The data narrowed" in shown.out
    assert max(len(line) for line in shown.out.splitlines()) <= 80
    document = calor("calibrate", "--report", "--for", purpose, "--json").document
    held = HELD_OUT & {target["study_id"] for target in document["targets"]}
    assert held == (HELD_OUT if purpose == "product" else set())
    assert 0.5 <= document["mean_squared_z"] <= 1.5


@pytest.mark.slow
def test_a_quick_fit_writes_a_posterior_and_goes_on_where_it_was(calor: Calor) -> None:
    first = calor("calibrate", "--quick", "--json", "--out", "fit").document
    assert Path("fit/posterior.parquet").exists()
    assert len(first["rivals"]) == 6
    assert sum(rival["weight"] for rival in first["rivals"]) == pytest.approx(1)
    for name in ("manifest.json", "report.json", "posterior.parquet"):
        Path("fit", name).unlink()  # as if it had been killed before its result was whole
    pieces = {path: path.stat().st_mtime_ns for path in Path("fit/checkpoints").iterdir()}
    again = calor("calibrate", "--quick", "--json", "--out", "fit").document
    assert again["rivals"] == first["rivals"]
    assert pieces == {path: path.stat().st_mtime_ns for path in Path("fit/checkpoints").iterdir()}
    calor("calibrate", "--quick", "--earlier", "fit", "--out", "other")
    assert not list(Path("other/checkpoints").iterdir())
    assert Path("other/posterior.parquet").read_bytes() == Path("fit/posterior.parquet").read_bytes()
    assert "Too few effective draws" in calor("calibrate", "--quick", "--out", "fit").out
