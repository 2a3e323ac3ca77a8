"""`calor patient`: the document, the files of the folder, and errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calor.model.outputs import OUTPUTS
from tests.cli.conftest import Calor

TREATED = ("--drug", "prednisolone", "--regimen", "40 mg oral daily for 14 days", "--days", "21")


def test_a_treated_cohort(calor: Calor) -> None:
    document = calor("patient", "--cohort", "30", *TREATED, "--json").document
    assert document["status"] == "posterior-predictive"
    assert document["posterior"]["name"] == "product"
    assert document["times_days"] == list(range(22))
    assert set(document["outputs"]) == set(OUTPUTS)
    pain = document["outputs"]["pain_nrs"]
    assert pain["unit"] == "NRS point"
    for course in ("untreated", "treated", "difference"):
        lower, middle, upper = (np.array(pain[course][key]) for key in ("lower95", "median", "upper95"))
        assert len(middle) == 22
        assert np.all((lower <= middle) & (middle <= upper))
    assert pain["difference"]["median"][0] == pytest.approx(0, abs=1e-9)
    assert pain["difference"]["upper95"][14] < 0.01
    assert document["population"]["followed"] == 30
    assert sum(document["population"]["by_rival"].values()) == 30
    assert document["population"]["screened"] >= 30


def test_the_folder_holds_figure_and_data(calor: Calor, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    outcome = calor("patient", "--days", "3", "--out", str(folder))
    assert outcome.code == 0
    assert max(len(line) for line in outcome.out.splitlines() if "figure" not in line.lower()) <= 80
    assert outcome.out.count("not for treating a person") == 1
    names = {path.name for path in folder.iterdir()}
    assert names == {"result.json", "courses.parquet", "patient.png", "patient.svg", "patient.csv"}
    table = pd.read_parquet(folder / "courses.parquet")
    assert set(OUTPUTS) <= set(table.columns)
    assert table["simulated"].all()


def test_the_same_seed_gives_the_same_patient(calor: Calor, tmp_path: Path) -> None:
    arguments = ("patient", "--days", "2", "--rival", "central-igg", "--json")
    first, again = (calor(*arguments).document for _ in range(2))
    other = calor(*arguments, "--seed", "2").document
    assert list(tmp_path.iterdir()) == []
    assert first["outputs"] == again["outputs"]
    assert first["outputs"] != other["outputs"]
    assert first["population"]["by_rival"].keys() == {"central-igg"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--drug", "ivig"), "one --regimen for each --drug"),
        (("--drug", "ivig", "--regimen", "a lot"), "a lot"),
        (("--drug", "nothing", "--regimen", "40 mg oral at day 1"), "nothing"),
        (("--rival", "cosmic"), "central-igg"),
        (("--phenotype", "lukewarm"), "lukewarm"),
        (("--duration-months", "-1"), "-1"),
    ],
)
def test_wrong_input_is_refused(calor: Calor, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    outcome = calor("patient", *arguments, "--out", str(tmp_path / "run"))
    assert outcome.code == 2
    assert said in outcome.err
    assert not (tmp_path / "run").exists()


def test_a_dose_above_the_labelled_maximum_is_a_warning(calor: Calor) -> None:
    arguments = ("--drug", "prednisolone", "--regimen", "400 mg oral at day 1", "--days", "2", "--json")
    outcome = calor("patient", *arguments)
    assert outcome.code == 0
    assert "warning" in outcome.err


def test_more_than_memory_holds_is_refused_by_name(calor: Calor) -> None:
    outcome = calor("patient", "--cohort", "20000", "--days", "3650")
    assert outcome.code == 3
    assert "20,000 people over 3,650 days" in outcome.err
