"""Simulated ADaM data are consistent, complete, and every row says that it is simulated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from calor.population.patients import Patients
from calor.report.simulated_data import adeff, adsl
from calor.report.simulated_pk import adppk
from calor.study import Protocol
from calor.trial.bank.bank import Bank
from calor.trial.conduct.observation import Observed, Observer
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


def conducted(text: str) -> tuple[Protocol, Bank, Observed]:
    trial = protocol(text, "")
    bank = bank_of(trial, {"IVIG": -1.0}, loss_per_day=0.01)
    values = {**bank.patients.values, "body_weight": np.full(len(bank.baseline), 80.0)}
    bank = replace(bank, patients=Patients(bank.patients.identifiers, bank.patients.draws, values))
    return trial, bank, Observer(plan_of(trial), bank, 1, np.ones(1)).observe(np.array([0]))


def test_every_row_is_marked_as_simulated() -> None:
    trial, bank, observed = conducted(PARALLEL)
    for table in (
        adsl(plan_of(trial), bank, observed),
        adeff(plan_of(trial), observed),
        adppk(plan_of(trial), bank, observed, (), 1),
    ):
        assert len(table)
        assert set(table["SIMFL"]) == {"Y"}
        assert set(table["STUDYID"]) == {"adam"}


def test_a_subject_has_one_row_in_adsl_and_the_same_arm_everywhere() -> None:
    trial, bank, observed = conducted(PARALLEL)
    subjects, values = adsl(plan_of(trial), bank, observed), adeff(plan_of(trial), observed)
    assert subjects["USUBJID"].is_unique
    assert len(subjects) == 40
    joined = values.merge(subjects, on="USUBJID")
    assert (joined["TRTP"] == joined["TRT01P"]).all()
    assert set(values["AVISIT"]) == {"ENDPOINT", "DAY 14", "DAY 28"}


def test_change_is_value_less_baseline() -> None:
    trial, _, observed = conducted(PARALLEL)
    values = adeff(plan_of(trial), observed).dropna(subset=["AVAL"])
    assert np.allclose(values["CHG"], values["AVAL"] - values["BASE"])
    lost = adeff(plan_of(trial), observed)["AVAL"].isna()
    assert 0 < lost.mean() < 0.5


def test_doses_are_those_of_the_regimen_until_the_patient_stops() -> None:
    trial, bank, observed = conducted(PARALLEL)
    doses, subjects = adppk(plan_of(trial), bank, observed, (), 1), adsl(plan_of(trial), bank, observed)
    assert np.allclose(doses["AMT"], 40_000.0)
    assert np.allclose(doses["RATE"], 40_000.0 * 6)
    given = doses.groupby("USUBJID")["TIME"].agg(list)
    on_ivig = subjects[subjects["TRT01P"] == "IVIG"].set_index("USUBJID")
    assert set(given.index) <= set(on_ivig.index)
    stopped = on_ivig["DCTDY"].le(22) | on_ivig["LTFUDY"].le(21)
    assert stopped.any()
    for subject, times in given.items():
        assert times == ([0.0] if stopped[subject] else [0.0, 21.0])


def test_periods_of_a_crossover_are_told_apart() -> None:
    text = PARALLEL.replace("{type: parallel}", "{type: crossover, period_days: 28, washout_days: 14}")
    text = text.replace("visits: [14, 28]\n", "").replace("method: ancova", "method: crossover")
    trial, bank, observed = conducted(text)
    values = adeff(plan_of(trial), observed)
    by_subject = values.groupby("USUBJID")["TRTP"].agg(set)
    assert all(arms == {"IVIG", "placebo"} for arms in by_subject)
    assert set(values["APERIOD"]) == {1, 2}
    late = adppk(plan_of(trial), bank, observed, (), 1)["TIME"]
    assert late.max() == pytest.approx(42 + 21)
    assert isinstance(values, pd.DataFrame)
