"""What the model says of its sources agrees with the evidence: they exist and are graded as well there."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from calor.core.provenance import Grade
from calor.evidence.findings import finding
from calor.evidence.library import record
from calor.trial.protocols.published import published_protocols

PARAMETERS = Path(__file__).parents[2] / "src" / "calor" / "model" / "data" / "parameters.tsv"
RANK = {"verified": 2, "secondary": 1, "recalled": 0}


def parameters_that_cite_findings() -> list[dict[str, str]]:
    with PARAMETERS.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return [row for row in rows if re.fullmatch(r"[A-G]\d\d", row["source"])]


def test_some_parameters_cite_findings() -> None:
    assert len(parameters_that_cite_findings()) >= 20


@pytest.mark.parametrize("row", parameters_that_cite_findings(), ids=lambda row: row["parameterId"])
def test_a_parameters_finding_exists_and_is_graded_at_least_as_well(row: dict[str, str]) -> None:
    source = finding(row["source"])
    assert source.grade is not Grade.RECALLED
    if row["grade"] in RANK:
        assert RANK[row["grade"]] <= RANK[source.grade.value]


def test_every_published_trial_that_can_be_run_has_a_record() -> None:
    for name, protocol in published_protocols().items():
        if protocol.record is not None:
            assert record(protocol.record).id == protocol.record, name
