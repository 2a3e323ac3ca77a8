"""Harm and precedents of a protocol: scaled where the source counts time, and said where it does not."""

from __future__ import annotations

import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError
from calor.study import Protocol
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.results.harm import acknowledged_hazards, expected_harm
from calor.trial.results.precedents import precedents_of

TEXT = """\
id: harm
title: Harm
population: {{duration_months: {{at_least: {least}, at_most: {most}}}, pain_nrs: {{at_least: 4}}}}
design: {{type: parallel}}
arms:
  - name: active
    treatments: [{{drug: {drug}, regimen: "{regimen}"}}]
  - name: placebo
patients: 40
endpoint: {{variable: pain-diary, from_day: 60, to_day: 84}}
analysis: {{method: ancova}}
acknowledge: [{acknowledge}]
"""
STEROID = "glucose, adrenal-suppression, bone"
TNF = "tuberculosis, hepatitis-b"


def trial(drug: str, regimen: str, acknowledge: str, least: float = 0, most: float = 3) -> Protocol:
    text = TEXT.format(drug=drug, regimen=regimen, acknowledge=acknowledge, least=least, most=most)
    return check_protocol(parse_document(text, "trial.yaml"))


def serious_infections(regimen: str) -> tuple[float, str]:
    active, _ = expected_harm(plan_of(trial("adalimumab", regimen, TNF)), [100.0, 100.0], [0.0, 0.0])
    found = next(event for event in active if event.event == "serious infection")
    assert found.expected is not None
    return found.expected, found.scaled


def test_a_rate_follows_the_days_on_the_drug() -> None:
    short, said = serious_infections("40 mg sc every 2 weeks for 4 weeks")
    long, _ = serious_infections("40 mg sc every 2 weeks for 12 weeks")
    assert said == "to 28 days"
    assert long == pytest.approx(3 * short)


def diabetes(regimen: str) -> tuple[float, str]:
    active, _ = expected_harm(plan_of(trial("prednisolone", regimen, STEROID)), [25.0, 25.0], [0.0, 0.0])
    (event,) = [event for event in active if event.event == "diabetes treatment changed"]
    assert event.expected is not None
    return event.expected, event.scaled


def test_a_count_at_a_dose_follows_the_dose_of_the_arm() -> None:
    # 14 of 25 at 40 mg a day and 6 of 25 at 20 mg; Jeffreys: (k + 1/2) / (n + 1)
    assert diabetes("40 mg oral daily for 28 days") == (
        pytest.approx(25 * 14.5 / 26),
        "at 40 mg a day, as here",
    )
    assert diabetes("10 mg oral bid for 28 days") == (pytest.approx(25 * 6.5 / 26), "at 20 mg a day, as here")
    tapered = "40 mg oral daily for 14 days then 20 mg daily for 14 days"
    assert diabetes(tapered)[1] == "not scaled: at 40 mg a day, here 30"


def test_what_the_source_counts_in_patients_is_not_scaled() -> None:
    regimens = ("20 mg oral daily for 14 days", "40 mg oral daily for 84 days")
    by_regimen = [
        {
            (event.event, event.basis): event
            for event in expected_harm(
                plan_of(trial("prednisolone", regimen, STEROID)), [40.0, 40.0], [0.0, 0.0]
            )[0]
            if event.event != "diabetes treatment changed"
        }
        for regimen in regimens
    ]
    assert by_regimen[0].keys() == by_regimen[1].keys()
    for key, low in by_regimen[0].items():
        high = by_regimen[1][key]
        assert low.expected == high.expected
        assert low.scaled.startswith("not scaled")
        assert high.scaled.startswith("not scaled")


def test_a_course_without_a_taper_contradicts_its_acknowledgement() -> None:
    def contradicted(regimen: str) -> tuple[str, ...]:
        hazards = acknowledged_hazards(plan_of(trial("prednisolone", regimen, STEROID)))
        assert all(not each.contradicted_by for each in hazards if each.id != "adrenal-suppression")
        return next(each for each in hazards if each.id == "adrenal-suppression").contradicted_by

    assert contradicted("40 mg oral daily for 14 days") == ()
    assert contradicted("40 mg oral daily for 28 days then 20 mg daily for 7 days") == ()
    (said,) = contradicted("40 mg oral daily for 28 days")
    assert said.startswith("prednisolone is given for 28 days and ends without a taper")


def found(drug: str, regimen: str, acknowledge: str, least: float, most: float) -> set[str]:
    protocol = trial(drug, regimen, acknowledge, least, most)
    return {each.id for each in precedents_of(plan_of(protocol)).records}


def test_trials_of_a_kind_are_found_by_class_route_and_phase() -> None:
    ivig = ("ivig", "0.5 g/kg iv at day 1", "thrombosis")
    assert {"goebel-2010", "goebel-2017-lips"} <= found(*ivig, 12, 60)
    # Both took people with long-standing disease alone.
    assert not {"goebel-2010", "goebel-2017-lips"} & found(*ivig, 0, 3)
    assert "goebel-2017-lips" not in found("scig", "200 mg/kg sc weekly for 4 weeks", "thrombosis", 12, 60)
    assert "kalita-2006" in found("prednisolone", "40 mg oral daily for 14 days", STEROID, 0, 3)
    assert "munts-2010" not in found("prednisolone", "40 mg oral daily for 14 days", STEROID, 6, 60)


def test_a_drug_that_the_evidence_does_not_group_is_said_to_be_without() -> None:
    looked = precedents_of(
        plan_of(trial("regulatory-agonist", "4 mg sc every 2 weeks for 4 weeks", "hypothetical", 0, 3))
    )
    assert looked.to_document() == {"looked_for": None, "records": []}


def problems(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        check_protocol(parse_document(text, "trial.yaml"))
    return [str(problem) for problem in caught.value.problems]


def test_an_unknown_drug_is_one_error() -> None:
    text = TEXT.format(
        drug="prednisolon-x", regimen="40 mg oral daily for 14 days", acknowledge=STEROID, least=0, most=3
    )
    twice = text.replace(
        "  - name: placebo",
        text.split("arms:\n")[1].split("  - name: placebo")[0].replace("name: active", "name: second")
        + "  - name: placebo",
    )
    for each in (text, twice):
        (said,) = problems(each)
        assert "prednisolon-x" in said


def test_an_unknown_record_is_refused_before_anything_is_simulated() -> None:
    text = TEXT.format(
        drug="prednisolone", regimen="40 mg oral daily for 14 days", acknowledge=STEROID, least=0, most=3
    )
    (said,) = problems(text.replace("title: Harm", "title: Harm\nrecord: goebel-2017"))
    assert "trial.yaml, line 3: record" in said
    assert "goebel-2017-lips" in said
