"""Simulated ADaM data are consistent, complete, and every row says that it is simulated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.population.patients import Patients
from calor.report.adam.variables import data_sets
from calor.report.simulated_data import adeff, adsl
from calor.report.simulated_pk import adppk
from calor.study import Protocol
from calor.trial.bank.bank import Bank
from calor.trial.conduct.observation import Observer
from calor.trial.designs.conductor import Outcome
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import bank_of, protocol

PARALLEL = """\
id: adam
title: For data sets
population: {duration_months: {at_least: 1, at_most: 60}, pain_nrs: {at_least: 0}}
arms:
  - {name: IVIG, treatments: [{drug: ivig, regimen: "0.5 g/kg iv over 4 h at day 1, 22"}]}
  - {name: placebo}
design: {type: parallel}
patients: 40
visits: [14, 28]
endpoint: {variable: pain-diary, from_day: 22, to_day: 28, scale: change}
analysis: {method: ancova}
conduct: {stopping: {per_month: 0.5}}
acknowledge: [thrombosis]
"""


CROSSOVER = (
    PARALLEL.replace("{type: parallel}", "{type: crossover, period_days: 28, washout_days: 14}")
    .replace("visits: [14, 28]\n", "")
    .replace("method: ancova", "method: crossover")
)


def conducted(text: str, loss_per_day: float = 0.01) -> tuple[Protocol, Bank, Outcome]:
    """Return a trial that enrols everybody and ends as it ends, with nothing estimated."""
    trial = protocol(text, "")
    bank = bank_of(trial, {"IVIG": -1.0}, loss_per_day=loss_per_day)
    values = {**bank.patients.values, "body_weight": np.full(len(bank.baseline), 80.0)}
    bank = replace(bank, patients=Patients(bank.patients.identifiers, bank.patients.draws, values))
    observed = Observer(plan_of(trial), bank, 1, np.ones(1)).observe(np.array([0]))
    nobody = np.zeros(1, dtype=bool)
    everybody = np.ones(observed.sequences.shape, dtype=bool)
    outcome = Outcome(observed, everybody, [], np.zeros((1, 1), bool), np.zeros(1, int), nobody, nobody)
    return trial, bank, outcome


def test_every_row_is_marked_as_simulated() -> None:
    trial, bank, outcome = conducted(PARALLEL)
    for table in (
        adsl(plan_of(trial), bank, outcome),
        adeff(plan_of(trial), outcome),
        adppk(plan_of(trial), bank, outcome.observed, (), 1),
    ):
        assert len(table)
        assert set(table["SIMFL"]) == {"Y"}
        assert set(table["STUDYID"]) == {"adam"}


def test_a_subject_has_one_row_in_adsl_and_the_same_arm_everywhere() -> None:
    trial, bank, outcome = conducted(PARALLEL)
    subjects, values = adsl(plan_of(trial), bank, outcome), adeff(plan_of(trial), outcome)
    assert subjects["USUBJID"].is_unique
    assert len(subjects) == 40
    joined = values.merge(subjects, on="USUBJID")
    assert (joined["TRTP"] == joined["TRT01P"]).all()
    assert set(values["AVISIT"]) == {"BASELINE", "ENDPOINT", "DAY 14", "DAY 28"}


def test_change_is_value_less_baseline() -> None:
    trial, _, outcome = conducted(PARALLEL)
    values = adeff(plan_of(trial), outcome).dropna(subset=["AVAL"])
    later = values[values["ABLFL"] == ""]
    assert np.allclose(later["CHG"], later["AVAL"] - later["BASE"])
    lost = adeff(plan_of(trial), outcome)["AVAL"].isna()
    assert 0 < lost.mean() < 0.5


def test_doses_are_those_of_the_regimen_until_the_patient_stops() -> None:
    trial, bank, outcome = conducted(PARALLEL)
    doses, subjects = (
        adppk(plan_of(trial), bank, outcome.observed, (), 1),
        adsl(plan_of(trial), bank, outcome),
    )
    assert np.allclose(doses["AMT"], 40_000.0)
    assert np.allclose(doses["RATE"], 40_000.0 * 6)
    given = doses.groupby("USUBJID")["TIME"].agg(list)
    on_ivig = subjects[subjects["TRT01P"] == "IVIG"].set_index("USUBJID")
    assert set(given.index) <= set(on_ivig.index)
    stopped = on_ivig["DCTDY"].le(22) | on_ivig["LTFUDY"].le(21)
    assert stopped.any()
    for subject, times in given.items():
        assert times == ([0.0] if stopped[subject] else [0.0, 21.0])


def test_a_subject_s_site_stands_beside_it() -> None:
    trial, bank, outcome = conducted(
        PARALLEL.replace("patients: 40\n", "patients: 40\nsites: {count: 4, level_sd: 0.5}\n")
    )
    subjects = adsl(plan_of(trial), bank, outcome)
    assert set(subjects["SITEID"]) == {"001", "002", "003", "004"}
    assert "SITEID" in {each.name for each in data_sets({"adsl": subjects})[0].variables}
    trial, bank, outcome = conducted(PARALLEL)
    assert "SITEID" not in adsl(plan_of(trial), bank, outcome)


def test_after_a_run_in_the_endpoint_is_of_the_period_that_was_randomised() -> None:
    text = (
        PARALLEL.replace("{type: parallel}", "{type: randomised-withdrawal, open_run_in: {days: 30}}")
        .replace("visits: [14, 28]\n", "")
        .replace("conduct: {stopping: {per_month: 0.5}}\n", "")
    )
    trial, bank, outcome = conducted(text)
    subjects, values = adsl(plan_of(trial), bank, outcome), adeff(plan_of(trial), outcome)
    assert set(subjects["TRT01P"]) == {"IVIG"}
    assert set(subjects["TRT02P"]) == {"IVIG", "placebo"}
    at_end = values[values["AVISIT"] == "ENDPOINT"].merge(subjects, on="USUBJID")
    assert (at_end["APERIOD"] == 2).all()
    assert (at_end["TRTP"] == at_end["TRT02P"]).all()
    assert set(at_end["AWLO"]) == {52}  # day 22 from the randomisation on day 31


def test_periods_of_a_crossover_are_told_apart() -> None:
    trial, bank, outcome = conducted(CROSSOVER)
    values = adeff(plan_of(trial), outcome)
    by_subject = values.groupby("USUBJID")["TRTP"].agg(set)
    assert all(arms == {"IVIG", "placebo"} for arms in by_subject)
    assert set(values["APERIOD"]) == {1, 2}
    late = adppk(plan_of(trial), bank, outcome.observed, (), 1)["TIME"]
    assert late.max() == pytest.approx(42 + 21)
    subjects = adsl(plan_of(trial), bank, outcome)
    assert set(subjects["TRTSEQP"]) == {"IVIG > placebo", "placebo > IVIG"}
    first = values[(values["AVISIT"] == "ENDPOINT") & (values["APERIOD"] == 1)].set_index("USUBJID")["TRTP"]
    assert (subjects.set_index("USUBJID")["TRT01P"] == first).all()
    left = subjects["LTFUDY"].le(42)
    assert left.any()
    assert (subjects.loc[left, "TRT02A"] == "").all(), "the second period begins on day 43"
    assert (
        subjects.loc[subjects["TRT02A"] != "", "TRT02A"] == subjects["TRT02P"][subjects["TRT02A"] != ""]
    ).all()


def test_baseline_stands_once_a_subject_and_is_what_change_is_from() -> None:
    trial, bank, outcome = conducted(PARALLEL)
    values = adeff(plan_of(trial), outcome)
    baseline = values[values["ABLFL"] == "Y"]
    assert (baseline["AVAL"].to_numpy() == bank.baseline[outcome.observed.people[0]]).all()
    assert baseline["CHG"].isna().all()
    assert not values.duplicated(["USUBJID", "PARAMCD", "APERIOD", "AVISITN"]).any()
    numbers = values.groupby("AVISIT")["AVISITN"].unique()
    assert {visit: list(number) for visit, number in numbers.items()} == {
        "BASELINE": [0], "DAY 14": [1], "DAY 28": [2], "ENDPOINT": [3],
    }  # fmt: skip
    window = values[values["AVISIT"] == "ENDPOINT"][["AWLO", "AWHI"]].drop_duplicates()
    assert window.to_numpy().tolist() == [[22, 28]]


def test_a_responder_has_no_baseline_in_its_own_parameter() -> None:
    text = PARALLEL.replace("scale: change", "responder: {reduction_percent: 30}").replace(
        "ancova", "logistic"
    )
    trial, _, outcome = conducted(text)
    values = adeff(plan_of(trial), outcome)
    response = values[values["PARAMCD"] == "RESP"]
    assert response["BASE"].isna().all()
    assert set(response["AVAL"].dropna()) <= {0.0, 1.0}
    assert set(values[values["ABLFL"] == "Y"]["PARAMCD"]) == {"PAINAVG"}


@pytest.mark.parametrize(
    ("method", "read"), [("ancova", {"ENDPOINT"}), ("mmrm", {"DAY 14", "DAY 28"})], ids=("ancova", "mmrm")
)
def test_the_analysis_flag_marks_the_values_that_the_primary_analysis_reads(
    method: str, read: set[str]
) -> None:
    trial, _, outcome = conducted(PARALLEL.replace(", scale: change", "").replace("ancova", method))
    values = adeff(plan_of(trial), outcome)
    flagged = values["ANL01FL"] == "Y"
    assert set(values[flagged]["AVISIT"]) == read
    assert (flagged == (values["AVISIT"].isin(read) & values["AVAL"].notna())).all()


def test_who_was_not_enrolled_belongs_to_no_population() -> None:
    trial, bank, outcome = conducted(PARALLEL)
    enrolled = np.arange(40)[None, :] < 10
    outcome = replace(outcome, enrolled=enrolled)
    subjects, values = adsl(plan_of(trial), bank, outcome), adeff(plan_of(trial), outcome)
    for flag in ("RANDFL", "ITTFL"):
        assert list(subjects[flag]) == ["Y"] * 10 + ["N"] * 30
    assert set(subjects["SAFFL"][10:]) == {"N"}
    assert set(values[values["ANL01FL"] == "Y"]["USUBJID"]) <= set(subjects["USUBJID"][:10])


def test_the_safety_population_took_a_dose() -> None:
    text = PARALLEL.replace("day 1, 22", "day 8, 22").replace(
        "{stopping: {per_month: 0.5}}", "{adherence: 0.5}"
    )
    trial, bank, outcome = conducted(text, loss_per_day=0.05)
    subjects = adsl(plan_of(trial), bank, outcome).set_index("USUBJID")
    doses = adppk(plan_of(trial), bank, outcome.observed, (), 1)
    took = subjects.index.isin(doses["USUBJID"])
    ivig = subjects["ARM"] == "IVIG"
    assert (subjects[ivig]["SAFFL"] == np.where(took[ivig], "Y", "N")).all()
    assert set(subjects[ivig]["SAFFL"]) == {"Y", "N"}
    assert set(subjects[~ivig]["SAFFL"]) == {"Y"}, "calor gives a placebo arm nothing: it began on day 1"
    assert (subjects["TRT01A"] == np.where(subjects["SAFFL"] == "Y", subjects["TRT01P"], "")).all()
