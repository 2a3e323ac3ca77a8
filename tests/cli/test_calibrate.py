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


@pytest.mark.slow
def test_a_quick_fit_writes_a_posterior_and_goes_on_where_it_was(calor: Calor) -> None:
    first = calor("calibrate", "--quick", "--json", "--out", "fit").document
    assert Path("fit/posterior.parquet").exists()
    assert len(first["rivals"]) == 6
    assert sum(rival["weight"] for rival in first["rivals"]) == pytest.approx(1)
    times = {path: path.stat().st_mtime_ns for path in Path("fit/rivals").rglob("*.npz")}
    again = calor("calibrate", "--quick", "--json", "--out", "fit").document
    assert again["rivals"] == first["rivals"]
    assert times == {path: path.stat().st_mtime_ns for path in Path("fit/rivals").rglob("*.npz")}
