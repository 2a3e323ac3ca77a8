"""`calor petab` as people and scripts use it."""

from __future__ import annotations

from math import exp
from pathlib import Path

import pytest

from tests.cli.conftest import Calor
from tests.engine.petab.small_problems import FIRST, write_problem

WITH_PRIOR = """parameterId parameterScale lowerBound upperBound nominalValue estimate objectivePriorType \
objectivePriorParameters
k log10 1e-3 10 0.5 1 uniform 0;2
sigma lin 1e-3 10 0.3 0 ~ ~
"""


def test_the_table_and_the_document_say_the_same(calor: Calor, tmp_path: Path) -> None:
    write_problem(tmp_path, FIRST)
    table, document = calor("petab", "problem.yaml"), calor("petab", "problem.yaml", "--json").document
    assert table.code == 0
    assert f"log-likelihood {document['log_likelihood']:.8g}" in table.out
    assert "no priors" in table.out
    assert document["n_measurements"] == 3
    assert document["observables"][0]["n"] == 3
    assert document["measurements"][1]["simulation"] == pytest.approx(10 * exp(-0.5), rel=1e-7)
    assert sum(row["log_likelihood"] for row in document["measurements"]) == pytest.approx(
        document["log_likelihood"]
    )


def test_a_simulation_table_has_the_rows_of_the_measurements(calor: Calor, tmp_path: Path) -> None:
    write_problem(tmp_path, FIRST)
    assert calor("petab", "problem.yaml", "--simulations", "simulated.tsv").code == 0
    header, *rows = [line.split("\t") for line in (tmp_path / "simulated.tsv").read_text().splitlines()]
    assert header == ["observableId", "simulationConditionId", "simulation", "time"]
    assert [row[3] for row in rows] == ["0", "1", "2.5"]
    assert [float(row[2]) for row in rows] == pytest.approx([10 * exp(-0.5 * t) for t in (0, 1, 2.5)])


def test_values_come_from_a_table_and_from_set_which_goes_before(calor: Calor, tmp_path: Path) -> None:
    write_problem(tmp_path, FIRST)
    (tmp_path / "best.tsv").write_text("parameterId\tnominalValue\nk\t1\nsigma\t2\n")
    given = calor("petab", "problem.yaml", "--parameters", "best.tsv", "--set", "k=0.2", "--json").document
    assert given["parameters"] == {"k": 0.2, "sigma": 2.0}
    assert given["measurements"][2]["simulation"] == pytest.approx(10 * exp(-0.5), rel=1e-7)


def test_priors_make_a_posterior_and_a_value_beyond_them_is_named(calor: Calor, tmp_path: Path) -> None:
    write_problem(tmp_path, FIRST, parameters=WITH_PRIOR)
    document = calor("petab", "problem.yaml", "--json").document
    assert document["log_posterior"] == pytest.approx(document["log_likelihood"] + document["log_prior"])
    beyond = calor("petab", "problem.yaml", "--set", "k=3")
    assert beyond.code == 0
    assert "no log posterior: the prior is 0 at the value of k" in beyond.out
    assert calor("petab", "problem.yaml", "--set", "k=3", "--json").document["log_posterior"] is None


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--set", "rate=1"), "the problem has no parameter rate"),
        (("--set", "k=1", "--set", "k=2"), "sets k twice"),
        (("--parameters", "measurements.tsv"), "measurements.tsv, line 1: parameterId"),
        (("--parameters", "absent.tsv"), "absent.tsv: no such file"),
        (("--set", "k=-1e6"), "the simulation"),
    ],
)
def test_wrong_input_is_one_error(
    calor: Calor, tmp_path: Path, arguments: tuple[str, ...], what: str
) -> None:
    write_problem(tmp_path, FIRST)
    failed = calor("petab", "problem.yaml", *arguments)
    assert failed.code == 2
    assert failed.out == ""
    assert what in failed.err.replace("\n", " ")
    assert "Traceback" not in failed.err


def test_no_problem_at_all(calor: Calor) -> None:
    failed = calor("petab", "absent.yaml")
    assert failed.code == 2
    assert "absent.yaml: no such file" in failed.err


def test_the_model_is_exported_and_weighed(calor: Calor, tmp_path: Path) -> None:
    drug = ("--drug", "prednisolone", "--regimen", "40 mg oral daily for 3 days")
    made = calor("model", "petab", "problem", *drug, "--after", "30", "--days", "7")
    assert made.code == 0, made.err
    assert "experiments: untreated, treated" in made.out
    assert "NOT-HELD.md" in made.out
    weighed = calor("petab", "problem/problem.yaml", "--json").document
    assert weighed["format_version"] == 2
    assert weighed["chi2"] < 1e-6
    again = calor("model", "petab", "problem")
    assert again.code == 2


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--rival", "none-such"), "is 'none-such'"),
        (("--drug", "prednisolone"), "1 drugs and 0 regimens"),
        (("--after", "0"), "--after"),
    ],
)
def test_a_wrong_export_is_one_error(calor: Calor, arguments: tuple[str, ...], what: str) -> None:
    failed = calor("model", "petab", "problem", *arguments)
    assert failed.code == 2
    assert what in failed.err
