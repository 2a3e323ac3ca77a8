"""`calor compare` and the search of a size: common random numbers, honest power."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Calor
from tests.cli.test_trial import PROTOCOL

SMALL = ("--worlds", "3", "--replicates", "200")


@pytest.fixture
def protocols() -> tuple[str, str]:
    Path("small.yaml").write_text(PROTOCOL)
    larger = PROTOCOL.replace("id: quick-trial", "id: larger").replace("patients: 40", "patients: 80")
    larger += (
        "conduct: {accrual: {sites: 4, patients_per_site_per_month: 1}}\n"
        "cost: {per_patient: 1000, per_site: 5000}\n"
    )
    Path("larger.yaml").write_text(larger)
    return "small.yaml", "larger.yaml"


def test_designs_stand_side_by_side(calor: Calor, protocols: tuple[str, str]) -> None:
    outcome = calor("compare", *protocols, *SMALL, "--json", "--out", "picture", "--assume-effect", "-1")
    assert outcome.code == 0, outcome.err
    small, larger = outcome.document["designs"]
    assert outcome.document["status"] == "assumed-effect"
    # The same worlds and people: the effect does not depend on the size of the trial.
    assert small["contrast"]["predicted_mean"] == larger["contrast"]["predicted_mean"]
    assert larger["power"]["value"] > small["power"]["value"]
    assert larger["cost"] == {"value": 80 * 1000 + 4 * 5000, "currency": "EUR"}
    assert larger["days"] == pytest.approx(80 / (4 * 12 / 365.25) + 10)
    assert small["cost"] is None
    data = pd.read_csv("picture/figure.csv")
    assert list(data["id"]) == ["quick-trial", "larger"]
    assert {path.name for path in Path("picture").iterdir()} >= {
        "figure.png",
        "figure.svg",
        "comparison.json",
    }


def test_people_get_a_table(calor: Calor, protocols: tuple[str, str]) -> None:
    shown = calor("compare", *protocols, *SMALL)
    assert shown.code == 0
    assert "power" in shown.out
    assert "not quoted" not in shown.out
    assert "not quoted" in calor("compare", *protocols, *SMALL, "--posterior", "prior").out


def test_one_protocol_is_no_comparison(calor: Calor, protocols: tuple[str, str]) -> None:
    outcome = calor("compare", protocols[0])
    assert outcome.code == 2
    assert "two or more" in outcome.err


def test_a_size_is_found_given_an_assumed_effect(calor: Calor, protocols: tuple[str, str]) -> None:
    asked = ("trial", protocols[0], *SMALL, "--find", "n", "--power", "0.8", "--json", "--assume-effect")
    large, small = (calor(*asked, effect).document for effect in ("-2", "-1"))
    assert large["patients"] < small["patients"]
    assert large["power"]["value"] >= 0.8
    assert "assumed effect of -2" in large["given"]
    by_size = {step["patients"]: step["power"]["value"] for step in small["tried"]}
    assert all(power < 0.8 for size, power in by_size.items() if size < small["patients"])


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--find", "n", "--posterior", "prior"], 3, "no power is quoted from priors"),
        (["--find", "n", "--assume-effect", "0"], 2, "stays below 0.8"),
        (["--posterior", "none.parquet"], 2, "no such file"),
        (["--find", "alpha"], 2, "alpha"),
    ],
)
def test_what_cannot_be_found_is_said(
    calor: Calor, protocols: tuple[str, str], arguments: list[str], code: int, words: str
) -> None:
    outcome = calor("trial", protocols[0], *SMALL, *arguments)
    assert outcome.code == code
    assert words in outcome.err
    assert outcome.out == ""


def test_an_effect_can_be_assumed_in_a_crossover(calor: Calor) -> None:
    outcome = calor(
        "trial",
        "goebel-2010",
        *SMALL,
        "--assume-effect",
        "-1",
        "--posterior",
        "prior",
        "--json",
        "--out",
        "x",
    )
    assert outcome.code == 0, outcome.err
    document = outcome.document
    assert document["status"] == "assumed-effect"
    assert document["contrast"]["predicted_mean"] == pytest.approx(-1, abs=0.1)
    assert document["operating_characteristics"]["power"]["value"] > 0.05


def test_trials_and_worlds_are_added_until_decisions_are_known_well_enough(
    calor: Calor, protocols: tuple[str, str]
) -> None:
    asked = ("trial", protocols[0], "--worlds", "2", "--replicates", "100", "--json", "--assume-effect", "-1")
    document = calor(*asked, "--mc-error", "0.03", "--out", "run").document
    found = document["operating_characteristics"]
    assert max(found[name]["mc_error"] for name in ("power", "type_one_error")) <= 0.03
    assert found["assurance"]["estimate"] is None
    assert document["provenance"]["worlds"] > 2 or document["provenance"]["replicates"] > 100
