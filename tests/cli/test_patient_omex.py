"""What `calor patient --omex` writes: the same people in libRoadRunner, doses and all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from calor.model.outputs import OUTPUTS
from scripts.exchange.outside import run_outside
from tests.cli.conftest import Calor

DOSES = ("--drug", "prednisolone", "--regimen", "40 mg oral daily for 5 days", "--days", "8")


def test_libroadrunner_follows_the_same_people(calor: Calor, tmp_path: Path) -> None:
    outcome = calor(
        "patient", "--cohort", "2", *DOSES, "--out", "run", "--omex", "people.omex", "--all-courses"
    )
    assert outcome.code == 0, outcome.err
    assert "archive: people.omex, with 2 of 2" in outcome.err
    table = pd.read_parquet(tmp_path / "run" / "courses.parquet")
    theirs = list(run_outside(tmp_path / "people.omex").values())
    again = calor("simulate", "people.omex", "--json").document["reports"]
    assert [report["title"] for report in again] == [
        f"member {member}, {course}" for member in range(2) for course in ("untreated", "treated")
    ]
    for report, sets in zip(again, theirs, strict=True):
        other = np.column_stack(list(sets.values()))
        size = np.maximum(np.max(np.abs(other), axis=0), 1e-9)
        np.testing.assert_allclose(np.array(report["rows"]) / size, other / size, atol=1e-6)
        member, course = report["title"].removeprefix("member ").split(", ")
        mine = table[(table["member"] == int(member)) & (table["course"] == course)]
        np.testing.assert_allclose(mine[list(OUTPUTS)] / size[1:], other[:, 1:] / size[1:], atol=2e-3)
