"""--set, --scan, --population and added observations against closed forms; options that would do nothing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Calor

MODEL = """model one
  central = 5; k = 0.1; V = 10
  central' = -k*central
  CP := central/V
end
"""
VOLUME = """model volume
  compartment body = 4
  species S in body
  J: S -> ; kel*S*body
  S = 3; kel = 0.5
end
"""
EVENTS = "ID,TIME,AMT\nAda,0,100\nAda,2,.\nBo,1,50\nBo,2,.\n"
DOSED = ["--events", "rows.csv", "--compartments", "central", "--outputs", "CP"]


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> Path:
    (tmp_path / "one.ant").write_text(MODEL)
    (tmp_path / "volume.ant").write_text(VOLUME)
    (tmp_path / "rows.csv").write_text(EVENTS)
    (tmp_path / "people.csv").write_text("ID;k;central\nAda;0,1;2\nBo;0,25;4\n")
    return tmp_path


def table_of(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out)))


def column(out: str, name: str) -> list[float]:
    return [float(row[name]) for row in table_of(out)]


def test_parameters_and_initial_values_are_set_and_recorded(calor: Calor) -> None:
    arguments = ["simulate", "one.ant", "--end", "4", "--steps", "1", "--set", "k=0.5", "--set", "central=8"]
    outcome = calor(*arguments, "--json")
    document = json.loads(outcome.out)
    assert document["set"] == {"k": 0.5, "central": 8.0}
    np.testing.assert_allclose(document["outputs"][0]["values"], [8, 8 * np.exp(-2)], rtol=1e-7)


def test_a_species_is_set_in_the_meaning_of_its_name(calor: Calor) -> None:
    arguments = ["simulate", "volume.ant", "--end", "2", "--steps", "1", "--amounts", "S", "--csv", "-"]
    assert column(calor(*arguments, "--set", "S=6").out, "S")[0] == pytest.approx(24)
    assert column(calor(*arguments, "--set", "amount(S)=6").out, "S")[0] == pytest.approx(6)
    assert column(calor(*arguments, "--set", "S=6", "--set", "body=10").out, "S")[0] == pytest.approx(60)


def test_a_scan_is_a_grid_in_long_format(calor: Calor) -> None:
    outcome = calor(
        "simulate", "one.ant", "--end", "4", "--steps", "2", "--outputs", "CP", "--csv", "-",
        "--scan", "k=0.1,0.5", "--scan", "central=1:100:3:log",
    )  # fmt: skip
    rows = table_of(outcome.out)
    assert list(rows[0]) == ["k", "central", "time", "CP"]
    assert len(rows) == 2 * 3 * 3
    for row in rows:
        k, central, time = float(row["k"]), float(row["central"]), float(row["time"])
        assert float(row["CP"]) == pytest.approx(central / 10 * np.exp(-k * time), rel=1e-6)
    assert sorted({float(row["central"]) for row in rows}) == pytest.approx([1, 10, 100])


def test_a_population_is_simulated_row_by_row(calor: Calor) -> None:
    outcome = calor(
        "simulate", "one.ant", "--end", "4", "--steps", "1", "--population", "people.csv",
        "--outputs", "CP", "--json",
    )  # fmt: skip
    document = json.loads(outcome.out)
    assert document["columns"] == ["ID", "time", "CP"]
    assert [row[:2] for row in document["rows"]] == [["Ada", 0], ["Ada", 4], ["Bo", 0], ["Bo", 4]]
    values = [row[2] for row in document["rows"]]
    np.testing.assert_allclose(values, [0.2, 0.2 * np.exp(-0.4), 0.4, 0.4 * np.exp(-1)], rtol=1e-6)


def test_a_population_takes_the_doses_of_its_ids(calor: Calor) -> None:
    outcome = calor("simulate", "one.ant", *DOSED, "--population", "people.csv", "--csv", "-")
    assert [row["ID"] for row in table_of(outcome.out)] == ["Ada", "Bo"]
    exact = [10.2 * np.exp(-0.2), 5.4 * np.exp(-0.25)]
    np.testing.assert_allclose(column(outcome.out, "CP"), exact, rtol=1e-6)


def test_a_scan_takes_the_doses_of_everybody(calor: Calor) -> None:
    outcome = calor("simulate", "one.ant", *DOSED, "--scan", "k=0.1,0.3", "--csv", "-")
    rows = table_of(outcome.out)
    assert [(row["k"], row["ID"]) for row in rows] == [
        ("0.1", "Ada"), ("0.1", "Bo"), ("0.3", "Ada"), ("0.3", "Bo")
    ]  # fmt: skip
    exact = [10.5 * np.exp(-0.2), 5.5 * np.exp(-0.1), 10.5 * np.exp(-0.6), 5.5 * np.exp(-0.3)]
    np.testing.assert_allclose([float(row["CP"]) for row in rows], exact, rtol=1e-6)


def test_times_are_added_to_those_of_the_table(calor: Calor) -> None:
    outcome = calor(
        "simulate", "one.ant", *DOSED, "--set", "central=0", "--end", "4", "--steps", "2", "--csv", "-"
    )
    rows = [(row["ID"], float(row["TIME"]), float(row["CP"])) for row in table_of(outcome.out)]
    assert [row[:2] for row in rows] == [
        ("Ada", 0), ("Ada", 2), ("Ada", 2), ("Ada", 4), ("Bo", 0), ("Bo", 2), ("Bo", 2), ("Bo", 4)
    ]  # fmt: skip
    ada, bo = [10 * np.exp(-0.1 * t) for t in (0, 2, 2, 4)], [5 * np.exp(-0.1 * t) for t in (1, 1, 3)]
    np.testing.assert_allclose([row[2] for row in rows], [*ada, 0, *bo], rtol=1e-6, atol=1e-12)


PLAIN = ["simulate", "one.ant"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            [*PLAIN, "--set", "K=1"],
            2,
            "no parameter or initial value K\n  allowed: k, V, central\n  hint: did you mean k?",
        ),
        ([*PLAIN, "--set", "CP=1"], 2, "CP follows from a rule of the model"),
        ([*PLAIN, "--set", "k"], 2, "'k' is not NAME=VALUE"),
        ([*PLAIN, "--set", "k=fast"], 2, "'fast' is not a number"),
        ([*PLAIN, "--set", "k=nan"], 2, "'nan' is not a number"),
        ([*PLAIN, "--set", "k=1", "--set", "k=2"], 2, "--set: k and k give one value twice"),
        (
            ["simulate", "volume.ant", "--set", "S=1", "--set", "amount(S)=2"],
            2,
            "S and amount(S) give one value",
        ),
        ([*PLAIN, "--set", "k=1", "--scan", "k=1,2"], 2, "k is given by --set and by --scan"),
        (
            [*PLAIN, "--events", "kidney.csv", *DOSED[2:], "--covariates", "k", "--scan", "k=1,2"],
            2,
            "k is given by --covariates and by the other values",
        ),
        ([*PLAIN, "--scan", "k=1:2"], 2, "is not NAME=FROM:TO:COUNT"),
        ([*PLAIN, "--scan", "k=1:2:2.5"], 2, "COUNT is a whole number"),
        ([*PLAIN, "--scan", "k=0:2:3:log"], 2, "values above 0"),
        ([*PLAIN, "--scan", "k=1,2,1.0"], 2, "'k=1,2,1.0' gives 1 twice"),
        (
            [*PLAIN, "--scan", "k=2:2:3"],
            2,
            "'k=2:2:3' begins and ends at 2; --set NAME=VALUE gives one value",
        ),
        ([*PLAIN, "--outputs", ""], 2, "'--outputs': '' has an empty name"),
        ([*PLAIN, "--outputs", "k,,V"], 2, "'--outputs': 'k,,V' has an empty name"),
        ([*PLAIN, "--outputs", "k,V,k"], 2, "'--outputs': 'k,V,k' names k twice"),
        (["simulate", "volume.ant", "--amounts", "S,S"], 2, "'--amounts': 'S,S' names S twice"),
        (["simulate", "volume.ant", "--concentrations", " "], 2, "'--concentrations': ' ' has an empty name"),
        ([*PLAIN, *DOSED[:2], "--compartments", ""], 2, "'--compartments': '' has an empty name"),
        ([*PLAIN, *DOSED, "--ignore", ","], 2, "'--ignore': ',' has an empty name"),
        ([*PLAIN, *DOSED, "--lag", ""], 2, "'--lag': '' is not STATE=COLUMN"),
        ([*PLAIN, *DOSED, "--covariates", ""], 2, "'--covariates': '' is not STATE=COLUMN"),
        ([*PLAIN, "--scan", "q=1,2"], 2, "--scan: the model has no parameter or initial value q"),
        ([*PLAIN, "--scan", "k=1:2:1000", "--scan", "V=1:2:10000"], 2, "10,000,000 combinations"),
        (
            [*PLAIN, "--scan", "k=1:2:10000", "--steps", "1000000"],
            2,
            "10,000 simulations of 1,000,001 times and 1 outputs are 10,000,010,000 numbers",
        ),
        ([*PLAIN, "--scan", "k=1,2", "--population", "people.csv"], 3, "--scan with --population"),
        ([*PLAIN, "--population", "none.csv"], 2, "none.csv: no such file"),
        ([*PLAIN, "--population", "people.csv", "--ignore", "age"], 2, "age: the table has no such column"),
        (
            [*PLAIN, "--population", "rows.csv"],
            2,
            "rows.csv, line 1: the model has no parameter or initial value TIME",
        ),
        ([*PLAIN, *DOSED, "--population", "stranger.csv"], 2, "line 4: ID Bo is not in the population"),
        ([*PLAIN, *DOSED, "--population", "idle.csv"], 2, "ID Cy of the population has no record"),
        ([*PLAIN, "--population", "twice.csv"], 2, "twice.csv, line 3: ID: Ada stands twice"),
        ([*PLAIN, "--population", "words.csv"], 2, "words.csv, line 2: k: is 'slow'"),
        ([*PLAIN, "--lag", "central=L"], 2, "--lag does nothing without --events"),
        (
            [*PLAIN, "--compartments", "central", "--covariate-rule", "locf"],
            2,
            "--compartments, --covariate-rule do nothing",
        ),
        ([*PLAIN, "--ignore", "SEX"], 2, "--ignore does nothing without --events or --population"),
        ([*PLAIN, *DOSED, "--steps", "3"], 2, "--steps does nothing with --events and without --end"),
        (
            [*PLAIN, *DOSED, "--covariate-rule", "nocb"],
            2,
            "--covariate-rule does nothing without --covariates",
        ),
        ([*PLAIN, *DOSED, "--end", "9", "--steps", "1000000", "--scan", "k=1:2:9"], 2, "18,000,054 records"),
        ([*PLAIN, "--csv", "-", "--json"], 2, "both write to stdout"),
        ([*PLAIN, "--csv", "/dev/full"], 2, "/dev/full: cannot write the file: No space left"),
        ([*PLAIN, "--csv", "."], 2, "cannot write the file"),
    ],
)
def test_what_cannot_be_done_is_said(
    calor: Calor, files: Path, arguments: list[str], code: int, words: str
) -> None:
    (files / "kidney.csv").write_text("ID,TIME,AMT,k\n1,0,100,1\n1,1,.,2\n")
    (files / "stranger.csv").write_text("ID,k\nAda,1\n")
    (files / "idle.csv").write_text("ID,k\nAda,1\nBo,1\nCy,1\n")
    (files / "twice.csv").write_text("ID,k\nAda,1\nAda,2\n")
    (files / "words.csv").write_text("ID,k\nAda,slow\n")
    outcome = calor(*arguments)
    assert (outcome.code, outcome.out) == (code, ""), outcome.err
    assert words in outcome.err


def test_a_person_without_a_result_is_named(calor: Calor, files: Path) -> None:
    (files / "growing.ant").write_text("model growing; x = 1; r = 0; x' = r*x^2; end")
    outcome = calor(
        "simulate", "growing.ant", "--end", "2", "--steps", "1", "--scan", "r=0,1,0.1", "--csv", "-"
    )
    assert (outcome.code, outcome.out) == (2, "")
    assert "growing.ant: r 1: the simulation reached" in outcome.err
    assert "r 0.1" not in outcome.err


def test_csv_in_a_file_and_json_go_together(calor: Calor, files: Path) -> None:
    outcome = calor("simulate", "one.ant", "--csv", "course.csv", "--json")
    assert json.loads(outcome.out)["time"]["values"][0] == 0
    assert (files / "course.csv").read_text().startswith("time,central\n")


def test_a_table_for_people_shows_text_as_it_is(calor: Calor, files: Path) -> None:
    (files / "rows.csv").write_text("ID,TIME,AMT\n[/x],0,100\n[/x],2,.\n")
    outcome = calor("simulate", "one.ant", *DOSED)
    assert outcome.code == 0, outcome.err
    assert "[/x]" in outcome.out
