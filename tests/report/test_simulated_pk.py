"""ADPPK holds the doses that were taken and the concentrations that follow from them, and says what it is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calor.core.documents import parse_document
from calor.core.progress import Silent
from calor.report.trial_run import save_run, simulated_tables
from calor.store.run_folder import new_run_folder
from calor.study import Protocol
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.results.exposures import sample_times
from calor.trial.runs.document import result_document
from calor.trial.runs.pipeline import TrialRun, run_trial

TEXT = """\
id: pk
title: Concentrations
population: {duration_months: {at_least: 1, at_most: 60}, pain_nrs: {at_least: 3}}
design: {type: parallel}
arms:
  - {name: infliximab, treatments: [{drug: infliximab, regimen: "5 mg/kg iv over 2 h at week 0, 2"}]}
  - {name: placebo}
patients: 24
visits: [7, 21, 42]
endpoint: {variable: pain-diary, from_day: 36, to_day: 42}
analysis: {method: ancova}
conduct:
  dropout_per_month: 0.2
  adherence: %s
  stopping: {per_month: 0.5}
  rescue: {per_month: 1, drug: piroxicam, regimen: "20 mg oral daily for 7 days"}
acknowledge: [tuberculosis, hepatitis-b]
"""
SMALL = RunSettings(
    worlds=2, candidates=60, most_candidates=120, enough_eligible=12, fewest_eligible=4, replicates=100
)


def trial(adherence: float) -> Protocol:
    return check_protocol(parse_document(TEXT % adherence, "trial.yaml"))


@cache
def run_of(adherence: float) -> TrialRun:
    return run_trial(trial(adherence), SMALL, Silent())


@cache
def table(adherence: float = 1.0) -> pd.DataFrame:
    return simulated_tables(run_of(adherence))["adppk"]


def samples(adherence: float = 1.0, drug: str = "infliximab") -> pd.DataFrame:
    found = table(adherence)
    return found[(found["EVID"] == 0) & (found["DRUG"] == drug)]


def test_samples_are_drawn_at_visits_of_those_on_the_drug_until_they_are_lost() -> None:
    found = samples()
    assert set(found["TIME"]) <= set(sample_times(plan_of(trial(1.0)))) == {6.5, 20.5, 41.5}
    assert 8 <= found["USUBJID"].nunique() <= 12
    assert (found["AVAL"] == found["DV"]).all()
    assert set(found["MDV"]) == {0}
    assert set(found["AVALU"]) == {"mg/L"}
    assert set(found["SIMFL"]) == {"Y"}
    subjects = simulated_tables(run_of(1.0))["adsl"].set_index("USUBJID")
    assert (subjects.loc[found["USUBJID"], "TRT01P"] == "infliximab").all()
    lost = subjects["LTFUDY"].dropna()
    for subject, day in lost.items():
        assert (found[found["USUBJID"] == subject]["TIME"] <= day).all()


def test_a_week_after_5_mg_per_kg_the_level_is_that_of_the_label() -> None:
    """5 mg/kg in 3 L is 117 mg/L at first and halves in 7.7 to 9.5 days: some 40 to 80 after a week."""
    after_a_week = samples()[lambda rows: rows["TIME"] == 6.5]["AVAL"]
    assert 30 < after_a_week.median() < 90
    assert after_a_week.max() > 1.1 * after_a_week.min()


def test_who_takes_no_second_dose_has_less_of_it_later() -> None:
    doses = table(0.6)
    taken = doses[(doses["EVID"] == 1) & (doses["DRUG"] == "infliximab")].groupby("USUBJID")["TIME"].agg(set)
    late = samples(0.6)[lambda rows: rows["TIME"] == 20.5].set_index("USUBJID")["AVAL"]
    both = [late[subject] for subject, times in taken.items() if times == {0.0, 14.0} and subject in late]
    first = [late[subject] for subject, times in taken.items() if times == {0.0} and subject in late]
    none = [late[subject] for subject in late.index if subject not in taken.index]
    assert both
    assert first
    assert np.median(both) > 2 * np.median(first)
    assert none == pytest.approx(np.zeros(len(none)), abs=1e-6)


def test_the_rescue_drug_is_there_after_its_first_dose_only() -> None:
    doses = table()
    rescue = doses[doses["DRUG"] == "piroxicam"]
    assert (rescue["EVID"] == 1).any()
    began = rescue[rescue["EVID"] == 1].groupby("USUBJID")["TIME"].min()
    assert set(began) <= {6.0, 20.0}
    seen = samples(drug="piroxicam")
    before = seen["TIME"] < began.reindex(seen["USUBJID"]).fillna(np.inf).to_numpy()
    assert before.any()
    assert seen[before]["AVAL"].abs().max() < 1e-9
    assert (seen[~before]["AVAL"] > 0).all()


def test_a_run_folder_holds_the_concentrations_as_parquet_and_csv(tmp_path: Path) -> None:
    run = run_of(1.0)
    with new_run_folder(tmp_path / "run") as inside:
        save_run(run, result_document(run, {}), inside)
    as_parquet = pd.read_parquet(tmp_path / "run" / "adppk.parquet")
    as_text = pd.read_csv(tmp_path / "run" / "adppk.csv")
    assert set(as_parquet["EVID"]) == {0, 1}
    assert len(as_parquet) == len(as_text) == len(table())
    np.testing.assert_allclose(as_text["AVAL"], as_parquet["AVAL"])
