"""What a study assumes: declared with a reason, or stated about the world without a source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from calor.core.documents import read_document
from calor.study import library
from calor.study.assumed import assumed_in
from calor.study.reading import check_study
from calor.study.study import Study

EXAMPLES = Path(__file__).parents[2] / "examples"

STATED = {
    "designs/crossover": {"conduct.dropout_per_month"},
    "designs/platform": {"design.drift", "conduct.dropout_per_month", "conduct.accrual"},
    "designs/response-adaptive": {"conduct.dropout_per_month", "conduct.accrual"},
    "designs/whole-sites": {"sites.level_sd", "conduct.dropout_per_month", "conduct.accrual"},
    "protocols/borrowed-usual-treatment": {
        "design.sd",
        "design.heterogeneity",
        "conduct.dropout_per_month",
        "conduct.accrual",
    },
    "protocols/early-ivig": set(),
    "protocols/prednisolone-doses": {"design.curves", "conduct.dropout_per_month", "conduct.accrual"},
}
"""What of each example is supposed about the world, with no source."""


def _changed(tmp_path: Path, name: str, **changes: Any) -> Study:
    data = yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(data | changes), encoding="utf-8")
    return check_study(read_document(path))


@pytest.mark.parametrize("name", STATED)
def test_what_a_protocol_states_of_the_world_is_assumed(name: str) -> None:
    found = assumed_in(check_study(read_document(EXAMPLES / f"{name}.yaml")))
    assert set(found) == STATED[name]
    assert all("stated without a source" in reason for reason in found.values())


def test_the_values_are_said() -> None:
    found = assumed_in(check_study(read_document(EXAMPLES / "designs" / "platform.yaml")))
    assert found["design.drift"] == "per_month -0.02 (stated without a source)"
    assert found["conduct.accrual"].startswith("sites 8, patients_per_site_per_month 0.5 ")


def test_other_designs_state_what_they_suppose(tmp_path: Path) -> None:
    design = {
        "type": "sample-size-reestimation",
        "interim_patients": 20,
        "most_patients": 216,
        "assumed_difference": 1.0,
        "power": 0.8,
    }
    prior = {"method": "ancova", "prior": {"mean": 0.0, "sd": 2.0}}
    assert "design.assumed_difference" in assumed_in(
        _changed(tmp_path, "protocols/early-ivig", design=design)
    )
    assert "analysis.prior" in assumed_in(_changed(tmp_path, "protocols/early-ivig", analysis=prior))


def test_a_graded_key_is_not_stated_without_a_source(tmp_path: Path) -> None:
    read = {"grade": "verified", "source": "a register"}
    name = "designs/platform"
    whole = assumed_in(_changed(tmp_path, name, provenance={"conduct": read}))
    assert set(whole) == {"design.drift"}
    sites = assumed_in(_changed(tmp_path, name, provenance={"conduct.accrual.sites": read}))
    assert sites["conduct.accrual"] == "patients_per_site_per_month 0.5 (stated without a source)"


def test_a_declared_assumption_keeps_its_reason(tmp_path: Path) -> None:
    found = assumed_in(
        _changed(tmp_path, "designs/platform", provenance={"design.drift": {"assumed": "care improves"}})
    )
    assert found["design.drift"] == "care improves"


@pytest.mark.parametrize("identifier", library.study_ids())
def test_a_study_that_ships_states_nothing_without_a_source(identifier: str) -> None:
    study = library.study(identifier)
    assert set(assumed_in(study)) <= set(study.provenance)
