"""A rescue drug changes the later course: in a made-up bank by a known amount, else by its mechanism."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.documents import parse_document
from calor.core.errors import UnsupportedError
from calor.core.progress import Silent
from calor.study import Protocol
from calor.trial.bank.settings import RunSettings
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.results.harm import acknowledged_hazards
from calor.trial.results.truth import truth_of
from calor.trial.runs.document import result_document
from calor.trial.runs.pipeline import run_trial
from tests.trial.made_up import bank_of, protocol

MADE_UP = """\
design: {type: parallel}
patients: 60
visits: [14, 28]
endpoint: {variable: pain-diary, from_day: 22, to_day: 28}
analysis: {method: ancova}
estimand: {rescue: %s}
conduct:
  rescue: {per_month: 1.0, drug: ivig, regimen: "0.5 g/kg iv at day 1"}
acknowledge: [thrombosis]
"""
REAL = """\
id: rescue
title: Rescue by a glucocorticoid
population: {duration_months: {at_least: 1, at_most: 12}, pain_nrs: {at_least: 4}}
design: {type: parallel}
arms:
  - {name: IVIG, treatments: [{drug: ivig, regimen: "0.5 g/kg iv at day 1"}]}
  - {name: placebo}
patients: 40
visits: [7, 14, 28]
endpoint: {variable: pain-diary, from_day: 22, to_day: 28}
analysis: {method: ancova}
conduct:
  stopping: {per_month: 0.05}
  rescue: {per_month: 1.0, drug: prednisolone, regimen: "40 mg oral daily for 14 days"}
acknowledge: [thrombosis, glucose, adrenal-suppression, bone]
"""
SMALL = RunSettings(
    worlds=2, candidates=60, most_candidates=120, enough_eligible=12, fewest_eligible=4, replicates=100
)


def level(strategy: str) -> float:
    trial: Protocol = protocol(MADE_UP % strategy)
    bank = bank_of(trial, rescue_effect=-2.0)
    return float(truth_of(plan_of(trial), bank, seed=1).levels.mean())


def test_treatment_policy_counts_what_the_rescue_drug_does() -> None:
    """Rescue at the hazard of 1 a month starts on day 14 in 1 - exp(-13/30.4) of the patients."""
    by_14 = 1 - np.exp(-13 / 30.4375)
    assert level("treatment-policy") - level("hypothetical") == pytest.approx(-2.0 * by_14, abs=0.06)
    assert level("while-on-treatment") - level("hypothetical") == pytest.approx(0.0, abs=0.03)


def test_rescue_starts_on_visits_before_the_last() -> None:
    trial = protocol(MADE_UP % "treatment-policy")
    bank = bank_of(trial)
    assert bank.rescue_days == (14,)
    observed = ReplicateSimulator(plan_of(trial), bank, 3, np.ones(1)).observer.observe(np.arange(50))
    assert set(observed.rescued[np.isfinite(observed.rescued)]) == {13.0}


def test_a_library_drug_acts_from_the_visit_on_and_not_before() -> None:
    trial = check_protocol(parse_document(REAL, "trial.yaml"))
    run = run_trial(trial, SMALL, Silent())
    bank = run.prediction.bank
    assert bank.rescue_days == (7, 14)
    placebo = bank.course_of[1]
    assert bank.course_of.shape[0] == 2
    assert bank.course_of.shape[2] == 3
    alone, rescued = (bank.pain[placebo[0, column]] for column in (0, 2))
    np.testing.assert_allclose(rescued[:, :13], alone[:, :13], rtol=0, atol=1e-4)
    gain = (alone - rescued)[:, 20:28].mean()
    assert 0.02 < gain < 5
    document = result_document(run, {})
    drugs = {event["drug"] for event in document["arms"][1]["expected_events"]}
    assert drugs == {"prednisolone"}


def test_more_branches_than_a_bank_holds_are_refused_by_name() -> None:
    daily = REAL.replace("visits: [7, 14, 28]\n", "").replace(
        'drug: prednisolone, regimen: "40 mg oral daily for 14 days"', "relief_nrs: 1"
    )
    daily = daily.replace(
        '{drug: ivig, regimen: "0.5 g/kg iv at day 1"}',
        '{drug: prednisolone, regimen: "20 mg oral daily for 28 days"}',
    )
    daily = daily.replace("thrombosis, ", "")
    with pytest.raises(UnsupportedError) as refusal:
        check_protocol(parse_document(daily, "trial.yaml"))
    assert "conduct.stopping: stopping on any of 27 days of dosing is not supported" in str(refusal.value)
    many = REAL.replace("[7, 14, 28]", "[7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 28]")
    many = many.replace("at day 1", "at day 1, 27")
    with pytest.raises(UnsupportedError) as refusal:
        check_protocol(parse_document(many, "trial.yaml"))
    assert "visits: 288 courses of each patient" in str(refusal.value)


def test_hazards_that_the_protocol_provides_for_stand_in_the_result() -> None:
    told = acknowledged_hazards(plan_of(check_protocol(parse_document(REAL, "trial.yaml"))))
    drugs = {hazard.id: hazard.drugs for hazard in told}
    assert set(drugs) == {"thrombosis", "glucose", "adrenal-suppression", "bone"}
    assert drugs["glucose"] == ("prednisolone",)
    assert all(hazard.statement for hazard in told)
