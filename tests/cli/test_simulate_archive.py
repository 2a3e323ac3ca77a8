"""`calor simulate ARCHIVE.omex`: where reports and plots go, and which options an archive leaves out."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from tests.cli.conftest import Calor
from tests.engine.archives.made import archive, report, sedml

PLOT = (
    '<plot2D id="../figure" name="Decay"><listOfCurves>'
    '<curve id="c" xDataReference="d_time" yDataReference="d_S"/></listOfCurves></plot2D>'
)


def test_reports_and_plots_go_to_a_folder(calor: Calor, tmp_path: Path) -> None:
    path = archive(tmp_path, sedml(outputs=report(["time", "S"]) + PLOT))
    outcome = calor("simulate", str(path), "--out", "made")
    assert outcome.code == 0, outcome.err
    written = sorted(file.name for file in (tmp_path / "made").iterdir())
    assert written == ["_figure.csv", "_figure.png", "_figure.svg", "report.csv"]
    assert "KISAO:0000019 (CVODE) is asked for; calor solves with its own method" in " ".join(
        outcome.err.split()
    )
    with (tmp_path / "made" / "report.csv").open() as lines:
        header, *rows = csv.reader(lines)
    assert header == ["time", "S"]
    assert float(rows[-1][1]) == pytest.approx(8 * math.exp(-1), rel=1e-8)
    assert calor("simulate", str(path), "--out", "made").code == 2


def test_one_report_goes_to_stdout(calor: Calor, tmp_path: Path) -> None:
    path = str(archive(tmp_path, sedml()))
    outcome = calor("simulate", path, "--csv", "-")
    assert outcome.out.splitlines()[:2] == ["time,S,k,m", "0,8,0.5,2"]
    document = calor("simulate", path, "--json").document
    assert [item["columns"] for item in document["reports"]] == [["time", "S", "k", "m"]]
    assert "time" in calor("simulate", path).out


def test_several_reports_need_a_folder(calor: Calor, tmp_path: Path) -> None:
    two = report(["time"]) + report(["S"]).replace('id="report"', 'id="Report"')
    path = str(archive(tmp_path, sedml(outputs=two)))
    outcome = calor("simulate", path, "--csv", "-")
    assert outcome.code == 2
    assert "has 2 reports" in outcome.err
    assert calor("simulate", path, "--out", "made").code == 0
    assert sorted(file.name for file in (tmp_path / "made").iterdir()) == [
        "experiment-Report.csv",
        "report.csv",
    ]


@pytest.mark.parametrize(
    "option", ["--end 3", "--set k=1", "--omex other.omex", "--events doses.csv", "--rtol 1e-3"]
)
def test_an_archive_says_itself_what_to_do(calor: Calor, tmp_path: Path, option: str) -> None:
    outcome = calor("simulate", str(archive(tmp_path, sedml())), *option.split())
    assert outcome.code == 2
    assert f"{option.split()[0]} does nothing with an archive" in outcome.err


def test_a_model_has_no_folder(calor: Calor, tmp_path: Path) -> None:
    (tmp_path / "model.ant").write_text("x = 1; x' = -x;")
    outcome = calor("simulate", "model.ant", "--out", "made")
    assert (outcome.code, "--out does nothing without an archive" in outcome.err) == (2, True)


def test_what_is_not_supported_ends_with_3(calor: Calor, tmp_path: Path) -> None:
    stochastic = sedml().replace("KISAO:0000019", "KISAO:0000029")
    outcome = calor("simulate", str(archive(tmp_path, stochastic)))
    assert outcome.code == 3
    assert "experiment.sedml, line 1: KISAO:0000029 is no deterministic method" in outcome.err
