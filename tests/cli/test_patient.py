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


EARLY = """\
id: early
title: Early steroid
population:
  duration_months: {at_least: 2.9, at_most: 3.1}
  pain_nrs: {at_least: 4}
design: {type: parallel}
arms:
  - name: steroid
    treatments:
      - {drug: prednisolone, regimen: "40 mg oral daily for 14 days"}
  - name: placebo
patients: 60
endpoint: {variable: pain-diary, from_day: 14, to_day: 14}
analysis: {method: ancova}
acknowledge: [glucose, adrenal-suppression, bone]
"""


def effect_of_the_patients(calor: Calor, posterior: str) -> float:
    """Return the mean change of pain on day 14 of people whose pain is 4 or more untreated."""
    arguments = ("--posterior", posterior, "--cohort", "150", "--duration-months", "3", "--all-courses")
    outcome = calor("patient", *arguments, *TREATED[:4], "--days", "14", "--out", posterior)
    assert outcome.code == 0, outcome.err
    courses = pd.read_parquet(f"{posterior}/courses.parquet").query("time_days == 13")
    pain = courses.pivot(index="member", columns="course", values="pain_nrs").query("untreated >= 4")
    return float((pain["treated"] - pain["untreated"]).mean())


def effect_of_the_trial(calor: Calor) -> float:
    Path("early.yaml").write_text(EARLY)
    size = ("--worlds", "10", "--replicates", "100", "--posterior", "product")
    document = calor("trial", "early.yaml", *size, "--json", "--out", "trial").document
    return float(document["contrast"]["predicted_mean"])


def test_patients_and_trials_live_under_the_same_posterior(calor: Calor) -> None:
    # Effects differ between worlds and people by about 1 point: means over 150 people and 60 worlds are known
    # to 0.15, and the posterior moves the effect by more than a point from what the priors say.
    patients = effect_of_the_patients(calor, "product")
    assert patients == pytest.approx(effect_of_the_trial(calor), abs=0.5)
    assert patients < effect_of_the_patients(calor, "prior") - 0.8


def test_the_posterior_is_named_and_is_that_of_trials_by_default(calor: Calor) -> None:
    quick = ("patient", "--days", "2", "--rival", "central-igg")
    shown = calor(*quick, "--out", "shown").out
    assert "posterior-predictive" in shown
    assert "Posterior product of " in shown
    own = calor(*quick, "--json").document
    assert own["outputs"] == calor(*quick, "--json", "--posterior", "product").document["outputs"]
    prior = calor(*quick, "--json", "--posterior", "prior").document
    assert prior["status"] == "prior-predictive"
    assert prior["outputs"] != own["outputs"]


def test_little_is_written_unasked_and_all_when_asked(calor: Calor) -> None:
    people = ("patient", "--cohort", "60", "--days", "364", "--rival", "central-igg")
    some, everybody = calor(*people, "--out", "some"), calor(*people, "--out", "all", "--all-courses")
    # 20,000 rows of 365 days hold 54 people of one course.
    courses = pd.read_parquet("some/courses.parquet")
    assert courses["member"].nunique() == 20_000 // 365 == 54
    assert sum(path.stat().st_size for path in Path("some").iterdir()) < 6e6
    assert "the courses of 54 of 60" in some.err
    assert "--all-courses: about" in some.err
    assert pd.read_parquet("all/courses.parquet")["member"].nunique() == 60
    assert "the courses of 60 of 60" in everybody.err
    assert calor("patient", "--json", "--all-courses").code == 2


def test_cells_have_no_exponents(calor: Calor) -> None:
    shown = calor("patient", *TREATED, "--rival", "central-none", "--out", "run").out
    assert "e-" not in shown.replace("one-", "")
    assert "0.00" in shown


def test_a_number_that_is_held_is_recorded(calor: Calor) -> None:
    quick = ("patient", "--days", "2", "--rival", "central-igg", "--set", "glial_gain=1.5")
    (entry,) = calor(*quick, "--json").document["provenance"]["posterior"]["changed"]
    assert (entry["name"], entry["value"]) == ("glial_gain", 1.5)
    assert "changed: glial_gain = 1.5" in calor(*quick, "--out", "run").out.lower()
