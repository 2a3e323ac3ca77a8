"""`calor simulate --events`: rows in the file's order, columns by state, errors by name."""

import csv
import io
import os
from pathlib import Path

import numpy as np
import pytest

from calor.cli.main import exit_code_of

ROOT = Path(__file__).parents[2]
PEERS = Path(os.environ.get("CALOR_PEERS", ROOT.parent / "shared" / "peers"))
MODEL = """model oral
  depot' = -KA*depot; central' = KA*depot - CL/V*central
  CP := central/(V/1000)
  depot = 0; central = 0; CL = 1.1; V = 20; KA = 1.5
end
"""
SPECIES = """model oral
  compartment body = 20
  species depot in body, central in body
  substanceOnly species depot
  J1: depot -> central; KA*depot
  J2: central -> ; CL*central
  depot = 0; central = 0; CL = 1.1; KA = 1.5
  CP := central*1000
end
"""
COLUMNS = "--lag central=LAGT --bioavailability central=BIOAV --rate central=RAT2 --duration central=DUR2"


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "oral.ant"
    path.write_text(MODEL)
    return path


def run(capsys, *arguments):
    code = exit_code_of(["simulate", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("text", [MODEL, SPECIES])
def test_nonmem_agrees_from_the_command_line(capsys, tmp_path, text):
    table = PEERS / "nonmem-dosing" / "regimens.csv"
    if not table.exists():
        pytest.skip(f"{table} is not present")
    path = tmp_path / "oral.ant"
    path.write_text(text)
    options = f"--compartments depot,central {COLUMNS} --outputs CP --csv -".split()
    code, out, _ = run(capsys, path, "--events", table, *options)
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    with table.open() as file:
        expected = [row for row in csv.DictReader(file) if row["EVID"] == "0"]
    assert [(row["ID"], float(row["TIME"])) for row in rows] == [
        (row["ID"], float(row["TIME"])) for row in expected
    ]
    np.testing.assert_allclose(
        [float(row["CP"]) for row in rows],
        [float(row["CP_NONMEM"]) for row in expected],
        rtol=1e-4,
        atol=1e-6,
    )


def test_rows_come_back_in_the_files_order(capsys, model, tmp_path):
    table = tmp_path / "rows.csv"
    table.write_text("ID,TIME,EVID,AMT,CMT\nb,0,1,100,2\nb,2,0,.,.\na,0,1,50,2\na,1,0,.,.\na,3,0,.,.\n")
    code, out, _ = run(
        capsys, model, "--events", table, "--compartments", "depot,central", "--outputs", "CP", "--csv", "-"
    )
    assert code == 0
    rows = [line.split(",") for line in out.splitlines()]
    assert [row[:2] for row in rows] == [["ID", "TIME"], ["b", "2"], ["a", "1"], ["a", "3"]]
    exact = np.array([5000 * np.exp(-0.11), 2500 * np.exp(-0.055), 2500 * np.exp(-0.165)])
    np.testing.assert_allclose([float(row[2]) for row in rows[1:]], exact, rtol=1e-8)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "it is not said what CMT names"),
        (["--compartments", "depot,nope"], "nope is not a state"),
        (["--compartments", "depot,CL"], "so it is a parameter and takes no dose"),
        (["--compartments", "depot", "--lag", "nope=LAGT"], "nope is not a state"),
        (["--compartments", "depot", "--lag", "depot"], "'depot' is not STATE=COLUMN"),
        (["--compartments", "depot", "--lag", "depot=LAGT"], "LAGT: the table has no such column"),
        (["--compartments", "depot"], "CMT is 2"),
    ],
)
def test_what_is_wrong_is_named(capsys, model, tmp_path, options, message):
    table = tmp_path / "rows.csv"
    table.write_text("ID,TIME,EVID,AMT,CMT\n1,0,1,100,2\n1,2,0,.,.\n")
    code, out, err = run(capsys, model, "--events", table, *options, "--outputs", "CP", "--csv", "-")
    assert code == 2
    assert out == ""
    assert message in err.replace("\n", " ")
