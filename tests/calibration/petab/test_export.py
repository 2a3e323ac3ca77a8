"""calor's model as a PEtab problem: it lints, it simulates the same when read back, it says what it lacks."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from math import exp, log, pi
from pathlib import Path

import pytest

from calor.calibration.petab.export import Request, export_problem
from calor.calibration.targets import load_targets
from calor.core.errors import InputError
from calor.engine.petab.assessment import Assessor
from calor.engine.petab.reading import read_problem
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.model.sbml import inconsistencies
from calor.population.measurement import load_measurement
from calor.regimen import parse_regimen
from calor.therapy.library import load_drug

CENTRAL_IGG = next(rival for rival in load_rivals() if rival.name == "central-igg")
GIVEN = {
    "infliximab": "5 mg/kg iv over 2 h at week 0, 2",
    "plasma-exchange": "1 plasma volume at day 1, 3",
    "prednisolone": "40 mg oral daily for 5 days",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("export") / "problem"
    given = [(load_drug(drug), parse_regimen(text)) for drug, text in GIVEN.items()]
    export_problem(Request(given, CENTRAL_IGG, 90.0, 28), made)
    return made


def rows_of(path: Path) -> list[Mapping[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # the library's own calls
def test_the_linter_of_the_format_has_nothing_to_say(folder: Path) -> None:
    lint = pytest.importorskip("petab.v2.lint")
    assert list(lint.lint_problem(folder / "problem.yaml")) == []


def test_the_model_is_clean(folder: Path) -> None:
    assert inconsistencies((folder / "model.xml").read_text()) == ()


def test_read_back_it_simulates_what_calor_simulates_with_its_own_doses(folder: Path) -> None:
    # The measurements came from calendars of doses; read back, the doses are periods.
    problem = read_problem(folder / "problem.yaml")
    assessment = Assessor(problem)()
    measured = [measurement.value for measurement in problem.measurements]
    assert assessment.simulated == pytest.approx(measured, rel=1e-6)
    treated = {row.place.line for row in problem.measurements if row.experiment == "treated"}
    assert len(treated) == len(measured) / 2
    changed = [
        (one, two)
        for one, two in zip(measured[: len(measured) // 2], measured[len(measured) // 2 :], strict=True)
        if abs(one - two) > 1e-3 * abs(one)
    ]
    assert len(changed) > 10  # the doses act: else two equal experiments would agree as well


def test_the_priors_are_those_of_the_model(folder: Path) -> None:
    table = {row["parameterId"]: row for row in rows_of(folder / "parameters.tsv")}
    disease = load_disease().parameters
    rate = table["innate_rate"]  # log: value 0.11, SD 0.5
    assert (rate["priorDistribution"], rate["estimate"]) == ("log-normal", "true")
    assert [float(part) for part in rate["priorParameters"].split(";")] == pytest.approx([log(0.11), 0.5])
    assert float(rate["upperBound"]) == pytest.approx(0.11 * exp(3.0))
    offset = table["temperature_offset"]  # linear: -1.1, SD 0.4
    assert (offset["priorDistribution"], offset["priorParameters"]) == ("normal", "-1.1;0.4")
    share = table["logit_cytokine_causal_share"]  # logit: 0.5, SD 1.3
    assert (share["priorDistribution"], share["priorParameters"]) == ("normal", "0.0;1.3")
    held = {name for name, row in table.items() if row["estimate"] == "false"}
    assert held == {*CENTRAL_IGG.sets, "antibody_positive"}
    assert float(table["innate_self_amplification"]["nominalValue"]) == 0.0
    wanted = {row.identifier for row in disease.uncertain} - held
    assert wanted <= {name.removeprefix("logit_") for name in table}


def test_the_log_prior_is_that_of_normal_scores_of_zero(folder: Path) -> None:
    # At its value a log-normal has density 1 / (v s sqrt(2 pi)), a normal 1 / (s sqrt(2 pi)).
    wanted = 0.0
    for row in rows_of(folder / "parameters.tsv"):
        if row["priorDistribution"]:
            spread, value = float(row["priorParameters"].split(";")[1]), float(row["nominalValue"])
            wanted -= log(spread * (2 * pi) ** 0.5)
            wanted -= log(value) if row["priorDistribution"] == "log-normal" else 0.0
    found = Assessor(read_problem(folder / "problem.yaml"))().log_prior
    assert found == pytest.approx(wanted, abs=1e-5)


def test_what_it_does_not_hold_is_said_by_name(folder: Path) -> None:
    text = (folder / "NOT-HELD.md").read_text()
    for target in load_targets():
        assert f"- {target.id} ({target.study_id}): {target.says}" in text
    for parameter in (*load_disease().parameters.varying, *load_measurement().varying):
        assert f"- {parameter.identifier}: " in text
    assert "antibody_positive: 1 in a share 0.4 of people, else 0; here 0" in text
    assert "The measurements are no data" in text
    assert {row["source"] for row in rows_of(folder / "measurements.tsv")} == {"simulated by calor, no data"}


def test_without_drugs_there_is_one_experiment(tmp_path: Path) -> None:
    summary = export_problem(Request((), CENTRAL_IGG, 30.0, 7), tmp_path / "alone")
    assert summary["experiments"] == ["untreated"]
    assert not (tmp_path / "alone" / "conditions.tsv").exists()
    assert len(read_problem(tmp_path / "alone" / "problem.yaml").measurements) == 16


def test_a_folder_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(InputError):
        export_problem(Request((), CENTRAL_IGG, 30.0, 7), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
