"""A word that an address does not take is refused, wherever it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from calor.app.application import API, create_app
from calor.app.settings import Settings


@pytest.mark.parametrize(
    "asked", ["explore?duration_month=24", "evidence?unknown=1", "claims?a=1", "runs?b=2"]
)
def test_a_word_that_nothing_reads_is_refused_by_name(tmp_path: Path, asked: str) -> None:
    client = TestClient(create_app(Settings(runs=tmp_path)), base_url="http://localhost:8765")
    answer = client.get(f"{API}/{asked}")
    assert answer.status_code == 422
    name = asked.split("?")[1].split("=")[0]
    assert name in answer.text
    assert "is no word of this address" in answer.text


def test_a_word_of_what_an_address_depends_on_is_known(tmp_path: Path) -> None:
    client = TestClient(create_app(Settings(runs=tmp_path)), base_url="http://localhost:8765")
    answer = client.get(f"{API}/explore?duration_months=soon&cytokine=high")
    assert answer.status_code == 422
    [problem] = answer.json()["problems"]
    assert problem["place"]["key"] == "cytokine"  # duration_months is known, and not yet read
    assert problem["allowed"] == (
        "antibody, cytokines, drug, duration_months, pain_at_least, phenotype, regimen, weeks"
    )
