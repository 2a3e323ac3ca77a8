"""The examples of the designs for several arms, doses and borrowed controls run, and show what is theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Calor

QUICK = ("--posterior", "prior", "--worlds", "2", "--replicates", "100")


def run(calor: Calor, folder: Path, name: str) -> dict[str, Any]:
    found = calor("trial", str(folder / f"examples/protocols/{name}.yaml"), "--json", *QUICK).document
    assert found["trial"]["id"] == name
    characteristics = found["operating_characteristics"]
    assert characteristics["type_one_error"]["held_at_every_corner"] is not None
    assert characteristics["days"] > 0
    assert isinstance(found["contrasts"], list)
    return characteristics  # type: ignore[no-any-return]


def test_three_drugs_with_two_looks(calor: Calor, pytestconfig: pytest.Config) -> None:
    found = run(calor, pytestconfig.rootpath, "three-drugs-two-looks")
    assert found["patients"]["value"] <= 120
    assert len(found["estimator"]) == 3
    assert found["borrowed_control"] is None


def test_doses_of_prednisolone(calor: Calor, pytestconfig: pytest.Config) -> None:
    found = run(calor, pytestconfig.rootpath, "prednisolone-doses")
    assert set(found["of_the_design"]) == {"target_dose_found", "target_dose"}
    effects = [each["true_value"]["value"] for each in found["estimator"]]
    assert effects == sorted(effects, reverse=True)  # more of the drug, less pain: by the mechanism


def test_a_borrowed_control(calor: Calor, pytestconfig: pytest.Config) -> None:
    found = run(calor, pytestconfig.rootpath, "borrowed-usual-treatment")
    assert found["borrowed_control"]["prior"]["effective_patients"] < 5
    assert found["borrowed_control"]["worst_conflict"]["value"] >= 0
