"""`calor drug`, `calor pk` and `calor check drug` from end to end, as scripts and people use them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calor.model.rivals import load_rivals
from calor.population.posterior import Posterior, write_posterior
from calor.therapy.equations import equations_of
from calor.therapy.library import load_drug
from tests.cli.conftest import Calor

INFLIXIMAB = "5 mg/kg iv over 2 h at week 0, 2, 6"
OWN_DRUG = Path(__file__).parents[1] / "therapy" / "drugs" / "lagged.yaml"


def test_the_library_lists_every_drug(calor: Calor) -> None:
    outcome = calor("drug", "--json")
    assert outcome.code == 0
    drugs = {drug["id"]: drug for drug in outcome.document["drugs"]}
    assert drugs["methylprednisolone"]["routes"] == ["oral", "iv", "im depot", "regional", "intrathecal"]
    assert drugs["thalidomide"]["acknowledgements"] == ["pregnancy", "neuropathy"]
    assert "infliximab" in calor("drug").out


def test_a_drug_shows_every_number_with_its_source(calor: Calor) -> None:
    document = calor("drug", "infliximab", "--json").document
    assert {"verified", "secondary", "none"} >= {row["grade"] for row in document["parameters"]}
    assert all(row["unit"] and row["source"] and row["rationale"] for row in document["parameters"])
    assert all(check["holds"] for check in document["checks"])
    page = calor("drug", "adalimumab").out
    assert "Not represented" in page
    assert "the default numbers therefore follow the label" in " ".join(page.split())


def test_generated_equations_can_be_read(calor: Calor) -> None:
    text = calor("drug", "infliximab", "--antimony").out
    assert "infliximab_central' = " in text
    assert calor("drug", "ivig", "--antimony").code == 3


def test_pk_document(calor: Calor) -> None:
    outcome = calor("pk", "infliximab", INFLIXIMAB, "--at", "week 14", "--at", "day 15", "--json")
    document = outcome.document
    assert (document["unit"], document["baseline"], document["warnings"]) == ("mg/L", 0.0, [])
    assert [entry["time_days"] for entry in document["at"]] == [98.0, 14.0]
    assert document["at"][0]["value"] == pytest.approx(6.76, rel=0.03)
    assert document["times_days"][0] == 0.0
    assert len(document["times_days"]) == len(document["typical"])
    summary = document["summary"]
    assert summary["auc"] == pytest.approx(3 * 350 / 0.273, rel=2e-3)
    assert summary["cmax"] == pytest.approx(max(document["typical"]))
    assert summary["tmax_days"] == pytest.approx(14 + 2 / 24, abs=1e-6)
    assert summary["half_life_days"] == pytest.approx(15.86, rel=0.01)


def test_tmax_counts_from_the_first_dose(calor: Calor) -> None:
    document = calor("pk", "prednisolone", "40 mg oral at day 8", "--json").document
    assert 0.01 < document["summary"]["tmax_days"] < 0.1


def test_igg_and_autoantibody_have_a_baseline(calor: Calor) -> None:
    igg = calor("pk", "ivig", "0.4 g/kg iv daily for 5 days", "--quantity", "igg", "--json").document
    assert (igg["unit"], igg["baseline"]) == ("g/L", pytest.approx(12.0))
    exchange = calor("pk", "plasma-exchange", "1 plasma volume exchange at day 1, 3, 5", "--json").document
    assert exchange["baseline"] == pytest.approx(12.0)
    assert exchange["summary"]["cmin"] < 4
    blocked = calor(
        "pk", "efgartigimod", "10 mg/kg iv weekly for 4 weeks", "--quantity", "autoantibody", "--json"
    ).document
    assert min(blocked["typical"]) / blocked["baseline"] == pytest.approx(0.32, abs=0.03)


def test_a_trade_name_is_the_drug_and_its_studies_stand_beside_its_harms(calor: Calor) -> None:
    document = calor("drug", "Remicade", "--json").document
    assert document["id"] == "infliximab"
    assert {study["id"] for study in document["studies"]} == {"bernateck-2007", "dirckx-2013", "huygen-2004"}
    text = calor("drug", "piroxicam").out
    assert (
        text.index("Safety: expected")
        < text.index("Studies in CRPS")
        < text.index("Published facts, simulated")
    )


def test_a_value_beyond_the_last_dose(calor: Calor) -> None:
    document = calor("pk", "infliximab", INFLIXIMAB, "--at", "week 60", "--json").document
    assert document["at"][0]["time_days"] == 420
    assert 0 < document["at"][0]["value"] < 0.01


def test_a_dose_above_the_maximum_is_a_warning(calor: Calor) -> None:
    outcome = calor("pk", "prednisolone", "100 mg oral daily for 3 days", "--json")
    assert outcome.code == 0
    assert "above the maximum of 60 mg" in outcome.document["warnings"][0]
    assert "warning: prednisolone" in outcome.err


def test_people_differ_and_a_seed_repeats_them(calor: Calor) -> None:
    arguments = ("pk", "infliximab", "5 mg/kg iv at day 1", "--population", "24", "--at", "week 8", "--json")
    first, again = calor(*arguments).document, calor(*arguments).document
    other = calor(*arguments, "--seed", "2").document
    assert first == again
    assert first["population"]["p50"] != other["population"]["p50"]
    band = first["at"][0]["population"]
    assert band["p5"] < first["at"][0]["value"] < band["p95"]


def test_people_get_a_figure_with_its_data(calor: Calor, tmp_path: Path) -> None:
    outcome = calor("pk", "adalimumab", "40 mg sc every 2 weeks for 8 weeks", "--out", "here")
    assert outcome.code == 0
    folder = tmp_path / "here"
    assert {path.name for path in folder.iterdir()} == {
        "figure.png", "figure.svg", "figure.csv", "result.json",
    }  # fmt: skip
    data = pd.read_csv(folder / "figure.csv")
    assert np.all(np.diff(data["time_days"]) > 0)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("pk", "aspirin", "100 mg oral once"), 2, "no drug 'aspirin'"),
        (("pk", "infliximab", "5 mg/kg sc at day 1"), 2, "has no route sc"),
        (("pk", "infliximab", "5 mg/kg iv evry 2 weeks"), 2, "did you mean every?"),
        (("pk", "infliximab", INFLIXIMAB, "--at", "moon 3"), 2, "`day`, `week` or `month`"),
        (("pk", "infliximab", INFLIXIMAB, "--quantity", "tnf"), 2, "no quantity 'tnf'"),
        (("pk", "infliximab", INFLIXIMAB, "--parameters", "x"), 2, "fasanmade-2009"),
        (("check", "drug", "missing.yaml"), 2, "no such file"),
        (("drug", "--antimony"), 2, "without ID"),
    ],
)
def test_errors_say_what_is_allowed(calor: Calor, arguments: tuple[str, ...], code: int, says: str) -> None:
    outcome = calor(*arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert says in outcome.err


def test_a_drug_of_ones_own(calor: Calor, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(OWN_DRUG.read_text())
    assert calor("check", "drug", "own.yaml", "--json").document["sound"] is True
    assert calor("pk", "own.yaml", "40 mg oral daily for 3 days", "--json").document["drug"] == "lagged"
    own.write_text(OWN_DRUG.read_text().replace("contraindications: [none known]", "contraindications: []"))
    outcome = calor("check", "drug", "own.yaml")
    assert outcome.code == 2
    assert "safety.contraindications" in outcome.err
    assert "line" in outcome.err


def test_a_drug_that_misses_its_own_facts_is_refused(calor: Calor, tmp_path: Path) -> None:
    fact = """
checks:
  - {name: peak, regimen: 40 mg oral at day 1, quantity: concentration, measure: maximum, until_days: 2,
     unit: mg/L, low: 8, high: 9, published: 8.5 mg/L, source: judgement, grade: recalled}
"""
    (tmp_path / "own.yaml").write_text(OWN_DRUG.read_text() + fact)
    outcome = calor("check", "drug", "own.yaml")
    assert outcome.code == 2
    assert "the check 'peak' gives" in outcome.err


def test_the_numbers_of_pk_are_those_of_the_posterior_of_trials(calor: Calor) -> None:
    asked = ("pk", "infliximab", INFLIXIMAB, "--at", "week 14", "--json")
    default, prior = calor(*asked).document, calor(*asked, "--posterior", "prior").document
    assert default == calor(*asked, "--posterior", "product").document
    assert "posterior product" in default["numbers_from"]
    assert "priors" in prior["numbers_from"]
    assert default["typical"] != prior["typical"]
    # The fit has hardly moved the kinetics of infliximab.
    assert default["at"][0]["value"] == pytest.approx(prior["at"][0]["value"], rel=0.05)
    assert "took no part" in calor("pk", "adalimumab", "40 mg sc at day 1", "--json").document["numbers_from"]


def test_a_drug_at_the_mean_of_a_posterior(calor: Calor) -> None:
    # A posterior with the clearance at 1 prior SD: the area under the concentration falls as its inverse.
    row = next(
        row
        for row in equations_of(load_drug("adalimumab")).parameters.uncertain
        if row.identifier.endswith("clearance")
    )
    rivals = [rival.name for rival in load_rivals()]
    draws = dict.fromkeys(rivals, np.ones((4, 1)))
    weights = dict.fromkeys(rivals, 1 / len(rivals))
    write_posterior(Path("one.parquet"), Posterior((row.identifier,), draws, weights, {}))
    asked = ("pk", "adalimumab", "40 mg sc at day 1", "--json", "--posterior")
    slow, usual = (calor(*asked, name).document["summary"]["auc"] for name in ("one.parquet", "prior"))
    assert usual / slow == pytest.approx(np.exp(row.prior_sd), rel=0.01)
