"""What `calor simulate --omex` writes gives the same numbers in libRoadRunner, read there by libSEDML."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scripts.exchange.outside import run_outside
from tests.cli.conftest import Calor

SPECIES = """model sp
  compartment C = 4; species S in C, P in C; S = 3; P = 0; k = 0.7; q = 2*k
  J: S -> P; k*S*C
end
"""
AMOUNT = """model one
  central = 0; k = 0.1; V = 10
  central' = -k*central
  CP := central/V
end
"""
DOSES = "ID,TIME,EVID,AMT,DUR\nAda,0,1,100,.\nAda,5,1,50,.\nBo,0,1,100,10\nBo,5,1,20,.\n"
REPEATED = "ID,TIME,AMT,II,ADDL\n1,0.5,100,6,3\n"
KIDNEY = "ID,TIME,AMT,KE\n1,0,100,0.1\n1,5,.,0.2\n1,10,.,0.3\n"


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (AMOUNT, "--set central=100 --outputs CP,central --end 20 --steps 10"),
        (AMOUNT, "--set central=100 --outputs CP --start -3 --end 20 --steps 7"),
        (SPECIES, "--outputs S,P,J,q,C,k --amounts S --end 5 --steps 10"),
        (SPECIES, "--outputs q,S --set k=0.5 --set S=2 --end 5 --steps 10"),
        (SPECIES, "--outputs S --set q=9 --set C=5 --end 5 --steps 10"),
        (SPECIES, "--scan k=0.1:1:3 --scan S=1,2 --end 5 --steps 10"),
        (AMOUNT, "--events doses.csv --compartments central --outputs CP --end 24 --steps 6"),
        (AMOUNT, "--events repeated.csv --compartments central --outputs CP --end 24 --steps 9"),
        (AMOUNT, "--events kidney.csv --compartments central --covariates k=KE --outputs CP --end 12"),
        (AMOUNT, "--events doses.csv --compartments central --scan k=0.1,0.3 --outputs CP --end 9"),
        (SPECIES, "--events doses.csv --compartments S --outputs S --amounts P --end 24 --steps 7"),
    ],
)
def test_another_simulator_gives_the_same_numbers(
    calor: Calor, tmp_path: Path, model: str, options: str
) -> None:
    (tmp_path / "model.ant").write_text(model)
    (tmp_path / "doses.csv").write_text(DOSES)
    (tmp_path / "repeated.csv").write_text(REPEATED)
    (tmp_path / "kidney.csv").write_text(KIDNEY)
    archive, table = tmp_path / "run.omex", tmp_path / "run.csv"
    outcome = calor("simulate", "model.ant", *options.split(), "--omex", str(archive), "--csv", str(table))
    assert outcome.code == 0, outcome.err
    ours = _courses(table)
    theirs = [np.column_stack(list(sets.values())) for sets in run_outside(archive).values()]
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        size = np.maximum(np.max(np.abs(other), axis=0), 1e-12)
        np.testing.assert_allclose(_at_times_of(mine, other) / size, other / size, atol=1e-6)
    again = calor("simulate", str(archive), "--json").document
    for mine, report in zip(ours, again["reports"], strict=True):
        rows = np.array(report["rows"])
        np.testing.assert_allclose(_at_times_of(mine, rows), rows, rtol=1e-7, atol=1e-9)


def _at_times_of(course: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the rows of a course at another's times: a table's own times are not in the archive."""
    apart = np.min(np.abs(course[:, :1] - other[:, 0]), axis=1)
    return course[apart < 1e-9]


def _courses(table: Path) -> list[np.ndarray]:
    """Return the rows of each course, its labels taken off."""
    with table.open() as lines:
        header, *rows = csv.reader(lines)
    time = [name.lower() for name in header].index("time")
    courses: dict[tuple[str, ...], list[list[float]]] = {}
    for row in rows:
        courses.setdefault(tuple(row[:time]), []).append([float(cell) for cell in row[time:]])
    return [np.array(course) for course in courses.values()]


def test_an_archive_has_the_same_bytes_each_time(calor: Calor, tmp_path: Path) -> None:
    (tmp_path / "model.ant").write_text(SPECIES)
    for name in ("a.omex", "b.omex"):
        assert calor("simulate", "model.ant", "--omex", name).code == 0
    assert (tmp_path / "a.omex").read_bytes() == (tmp_path / "b.omex").read_bytes()


LOOK = """
import sys, libcombine
archive = libcombine.CombineArchive()
assert archive.initializeFromArchive(sys.argv[1])
print(*sorted(archive.getEntry(i).getLocation() for i in range(archive.getNumEntries())))
print(archive.getMasterFile().getLocation())
print(archive.getMetadataForLocation(".").getDescription())
"""


def test_an_archive_is_one_to_libcombine(calor: Calor, tmp_path: Path) -> None:
    (tmp_path / "model.ant").write_text(SPECIES)
    assert calor("simulate", "model.ant", "--omex", "run.omex").code == 0
    command = [sys.executable, "-c", LOOK, str(tmp_path / "run.omex")]  # it breaks libSBML in its process
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    entries, master, description = done.stdout.splitlines()
    assert "model.xml" in entries
    assert master.removeprefix("./") == "simulation.sedml"
    assert description.startswith("Written by calor")


def test_doses_of_a_table_need_an_end(calor: Calor, tmp_path: Path) -> None:
    (tmp_path / "model.ant").write_text(AMOUNT)
    (tmp_path / "doses.csv").write_text(DOSES + "Bo,9,0,.,.\n")
    options = ["--events", "doses.csv", "--compartments", "central", "--omex", "run.omex"]
    outcome = calor("simulate", "model.ant", *options)
    assert outcome.code == 2
    assert "--omex with --events needs --end" in outcome.err


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("ID,TIME,EVID,AMT\n1,0,1,5\n1,2,3,.\n", "a reset (EVID 3 or 4) in an archive is not supported"),
        ("ID,TIME,AMT,II,ADDL\n1,0,1,0.001,9999\n", "times as events are not supported"),
    ],
)
def test_what_has_no_place_in_an_archive_is_named(
    calor: Calor, tmp_path: Path, table: str, message: str
) -> None:
    (tmp_path / "model.ant").write_text(AMOUNT)
    (tmp_path / "doses.csv").write_text(table)
    options = ["--events", "doses.csv", "--compartments", "central", "--end", "9", "--omex", "run.omex"]
    outcome = calor("simulate", "model.ant", *options)
    assert outcome.code == 3
    assert message in outcome.err
    assert not (tmp_path / "run.omex").exists()
