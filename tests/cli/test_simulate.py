from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from calor.cli.main import exit_code_of

MODELS = Path(__file__).parents[1] / "engine" / "models"
VOLUME = str(MODELS / "volume.ant")


def table_of(text: str) -> tuple[list[str], np.ndarray]:
    rows = list(csv.reader(io.StringIO(text)))
    return rows[0], np.array(rows[1:], dtype=float)


def test_csv_has_time_first_and_then_what_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--start", "0", "--end", "2", "--steps", "4", "--outputs", "S, J", "--csv", "-"]
    assert exit_code_of(["simulate", VOLUME, *options]) == 0
    header, values = table_of(capsys.readouterr().out)
    assert header == ["time", "S", "J"]
    np.testing.assert_array_equal(values[:, 0], [0, 0.5, 1, 1.5, 2])
    np.testing.assert_allclose(values[:, 1], 3 * np.exp(-0.7 * values[:, 0]), rtol=1e-7)
    np.testing.assert_allclose(values[:, 2], 4 * 0.7 * values[:, 1], rtol=1e-12)


@pytest.mark.parametrize(("option", "factor"), [("--amounts", 4.0), ("--concentrations", 1.0)])
def test_a_species_is_written_as_amount_or_concentration(
    option: str, factor: float, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(["simulate", VOLUME, "--outputs", "P,S", option, "S", "--csv", "-"]) == 0
    header, values = table_of(capsys.readouterr().out)
    assert header == ["time", "P", "S"]
    np.testing.assert_allclose(values[:, 2], factor * 3 * np.exp(-0.7 * values[:, 0]), rtol=1e-6)


def test_many_events_take_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "sawtooth.ant"
    model.write_text("x' = 1; x = 0; n = 0; at (x >= 0.001): x = 0, n = n + 1")
    options = ["--end", "10.0005", "--steps", "1", "--outputs", "x,n", "--csv", "-"]
    assert exit_code_of(["simulate", str(model), *options]) == 0
    _, values = table_of(capsys.readouterr().out)
    np.testing.assert_allclose(values[1], [10.0005, 0.0005, 10_000], rtol=1e-6)


def test_json_is_one_document_with_units(capsys: pytest.CaptureFixture[str]) -> None:
    model = str(MODELS / "stoichiometry_math_level_2.xml")
    assert exit_code_of(["simulate", model, "--end", "1", "--steps", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["time"] == {"unit": "second", "values": [0.0, 1.0]}
    assert [(output["name"], output["unit"]) for output in document["outputs"]] == [("S", "mole / litre")]


def test_csv_goes_to_a_file_and_people_get_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "course.csv"
    assert exit_code_of(["simulate", VOLUME, "--csv", str(target)]) == 0
    assert capsys.readouterr().out == ""
    assert target.read_text().startswith("time,S,P\n0.0,3.0,0.0\n")
    assert exit_code_of(["simulate", VOLUME]) == 0
    assert "time" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--outputs", "nowhere"], "no quantity nowhere"),
        (["--end", "0"], "the end after the start"),
        (["--end", "nan"], "'nan' is not a number"),
        (["--steps", "0"], "1 to 1,000,000"),
        (["--rtol", "-1"], "1e-13 to 0.1"),
        (["--rtol", "1e-20"], "1e-13 to 0.1"),
        (["--amounts", "S", "--concentrations", "S"], "both as amount and as concentration"),
        (["--csv", "/nonexistent/course.csv"], "cannot write"),
    ],
)
def test_wrong_options_are_named(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(["simulate", VOLUME, *options]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_a_simulation_that_fails_says_how_far_it_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "explosion.ant"
    model.write_text("model explosion; x' = x^2; x = 1; end")
    assert exit_code_of(["simulate", str(model), "--end", "2", "--steps", "4", "--csv", "-"]) == 2
    captured = capsys.readouterr()
    reached = float(re.search(r"at time ([\d.]+)", captured.err).group(1))
    assert reached == pytest.approx(1.0, abs=1e-6)  # x = 1 / (1 - t)
    assert "grows without bound" in captured.err
    assert captured.out == ""


LOG = "model m\n h = 1; V = 1; h' = -1; y := log(h)/V\nend\n"
"""ln(1 - t), which has no value after time 1."""


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ([], "y is nan at time 1.6"),
        (["--json"], "y is nan at time 1.6"),
        (["--set", "V=0", "--set", "h=9", "--csv", "-"], "y is inf at time 0"),
        (["--scan", "V=1,2", "--csv", "-"], "V 1.0, y is nan at time 1.6"),
        (["--events", "rows.csv", "--compartments", "h", "--csv", "-"], "ID Bo, y is nan at TIME 2"),
    ],
)
def test_a_quantity_without_a_number_is_refused_by_name_and_time(
    extra: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("log.ant").write_text(LOG)
    Path("rows.csv").write_text("ID,TIME,AMT\nBo,0,.\nBo,2,.\n")
    grid = [] if "--events" in extra else ["--end", "1.6", "--steps", "2"]
    assert exit_code_of(["simulate", "log.ant", *grid, "--outputs", "y", *extra]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"log.ant: {message}" in captured.err
    assert exit_code_of(["simulate", "log.ant", "--end", "0.9", "--outputs", "y", "--csv", "-"]) == 0
