"""Risk of bias and certainty: judgements belong to their tool, have reasons, and go no further than read."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.evidence.bias import DOMAINS, UNREAD_REASON, RiskOfBias
from calor.evidence.certainty import Certainty, certainty_of
from calor.evidence.library import load_records, record
from calor.evidence.vocabulary import DrugClass
from calor.report.bias import bias_rows, columns, overall, save_bias_table


def test_every_domain_has_a_judgement_and_a_reason() -> None:
    for entry in load_records():
        judged = entry.risk_of_bias.judged()
        assert tuple(judged) == DOMAINS[entry.risk_of_bias.tool]
        assert all(domain.reason for domain in judged.values())


def test_what_was_not_read_is_not_judged() -> None:
    taskaynatan = record("taskaynatan-2004").risk_of_bias.judged()
    assert {domain.judgement for domain in taskaynatan.values()} == {"not-assessable"}
    assert {domain.reason for domain in taskaynatan.values()} == {UNREAD_REASON}


def rob2(**domains: str) -> RiskOfBias:
    return RiskOfBias.model_validate(
        {
            "tool": "RoB 2",
            "impression": "low",
            "reason": "made up",
            "domains": {
                name.replace("_", "-"): {"judgement": judgement, "reason": "made up"}
                for name, judgement in domains.items()
            },
        }
    )


def test_the_overall_judgement_is_the_worst_that_the_domains_force() -> None:
    every = {name.replace("-", "_"): "low" for name in DOMAINS["RoB 2"]}
    assert overall(rob2(**every)) == "low"
    assert overall(rob2(**{**every, "randomisation": "some-concerns"})) == "some-concerns"
    assert overall(rob2(randomisation="high")) == "high"
    assert overall(rob2(randomisation="low")) == "not-assessable"


def test_no_shipped_trial_is_called_low_overall_on_its_abstract() -> None:
    assert all(row[-2] != "Low" for row in bias_rows(load_records()))


def test_the_table_is_one_that_robvis_reads(tmp_path: Path) -> None:
    path = save_bias_table(load_records(), tmp_path / "bias.csv")
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    assert header == "Study,D1,D2,D3,D4,D5,Overall,Weight"
    assert "goebel-2018-mycophenolate,No information,High,High,High,No information,High,12" in rows
    assert len(rows) == sum(one.risk_of_bias.tool == "RoB 2" for one in load_records())


def test_studies_judged_by_robins_i_have_its_seven_domains(tmp_path: Path) -> None:
    path = save_bias_table(load_records(), tmp_path / "bias.csv", "ROBINS-I")
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    assert header == "Study,D1,D2,D3,D4,D5,D6,D7,Overall,Weight"
    open_series = (
        "Critical,No information,No information,No information,No information,Serious,No information"
    )
    assert f"barbalinardo-2016,{open_series},Critical,31" in rows
    assert {len(row.split(",")) for row in rows} == {len(columns("ROBINS-I"))}


def test_a_weight_that_was_not_read_is_missing_and_a_plan_is_none() -> None:
    weights = {row[0]: row[-1] for row in bias_rows(load_records())}
    assert weights["goebel-2017-lips"] == "111"
    assert record("christensen-1982").design.n_randomised is None
    assert weights["christensen-1982"] == "NA"
    planned = record("goebel-2017-lips")
    design = planned.design.model_copy(update={"n_randomised": None})
    (row,) = bias_rows([planned.model_copy(update={"design": design})])
    assert row[-1] == "NA", "108 were planned; who took part was not read"


@pytest.mark.parametrize(
    ("start", "levels", "rating"),
    [
        ("high", [], "high"),
        ("high", [1], "moderate"),
        ("high", [2, 1], "very low"),
        ("low", [2, 2], "very low"),
    ],
)
def test_a_rating_goes_down_by_its_levels_and_no_lower_than_very_low(
    start: str, levels: list[int], rating: str
) -> None:
    downgrades = [{"domain": "imprecision", "levels": level, "reason": "made up"} for level in levels]
    certainty = Certainty.model_validate(
        {"drug_class": "anti-tnf", "question": "made up", "start": start, "downgrades": downgrades}
    )
    assert certainty.rating == rating


def test_no_class_is_rated_above_low_on_todays_evidence() -> None:
    rated = [certainty for name in DrugClass if (certainty := certainty_of(name)) is not None]
    assert len(rated) == 9
    assert {certainty.rating for certainty in rated} <= {"low", "very low"}
