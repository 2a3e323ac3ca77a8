"""The data of one simulated trial as tables in the ADaM form of CDISC, every row marked as simulated.

`adsl` has a row a subject, `adeff` (a BDS data set) a row a subject, period and visit of the endpoint.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from calor.core.arrays import Numbers
from calor.study import Covariate
from calor.trial.bank.bank import Bank
from calor.trial.conduct.observation import Observed
from calor.trial.protocols.plan import Plan

MARK = {"SIMFL": "Y", "SIMNOTE": "simulated by calor; not data of people"}


def adsl(plan: Plan, bank: Bank, observed: Observed) -> pd.DataFrame:
    """Return ADSL of the first replicate that was observed, one row a subject.

    Arguments: the plan, its bank, and what was observed.
    """
    people = observed.people[0]
    last, names = plan.layout.last_day, np.array(plan.layout.names)
    return pd.DataFrame(
        {
            "STUDYID": plan.protocol.id,
            "USUBJID": subjects_of(plan, observed),
            "TRT01P": names[observed.sequences[0]],
            "RANDFL": "Y",
            "STRATUM": observed.strata[0] + 1,
            "DURMONTH": bank.covariates[Covariate.DURATION][people].round(1),
            "PAINBL": bank.covariates[Covariate.PAIN][people].round(2),
            "TEMPBL": bank.covariates[Covariate.TEMPERATURE][people].round(2),
            "BTNFBL": bank.covariates[Covariate.BLISTER_TNF][people].round(2),
            "WEIGHTBL": bank.patients.values["body_weight"][people].round(1),
            "DCTFL": np.where(observed.stopped[0] < last, "Y", "N"),
            "DCTDY": _day(observed.stopped[0], last),
            "RESCFL": np.where(observed.rescued[0] < last, "Y", "N"),
            "RESCDY": _day(observed.rescued[0], last),
            "LTFUFL": np.where(observed.lost[0] < last, "Y", "N"),
            "LTFUDY": _day(observed.lost[0], last),
        }
    ).assign(**_sites(plan, observed), **MARK)


def _sites(plan: Plan, observed: Observed) -> dict[str, list[str]]:
    """Return the column of sites, where the trial has some."""
    if plan.enrolment.sites is None:
        return {}
    return {"SITEID": [f"{site + 1:03d}" for site in observed.sites[0]]}


def adeff(plan: Plan, observed: Observed) -> pd.DataFrame:
    """Return a BDS data set: the endpoint of every period, and the value at every visit, of each subject.

    AVAL is missing where nothing was measured. A responder endpoint has the parameter RESP (1 or 0) and no
    change from baseline.
    """
    asked = plan.assessments.endpoint
    row, responder = asked.variable.row, asked.responder
    code, label = row.code, row.label
    if responder:
        code, label = "RESP", f"Responder: {responder.reduction_percent:g} % {row.response}"
    endpoints = [
        _rows(plan, observed, code, label, observed.endpoint[0, :, period], "ENDPOINT", period)
        for period in range(len(plan.layout.asked))
    ]
    visits = [
        _rows(plan, observed, row.code, row.label, observed.visits[0, :, place], f"DAY {day}", 0)
        for place, day in enumerate(plan.protocol.visits)
    ]
    return pd.concat([*endpoints, *visits], ignore_index=True).assign(**MARK)


def subjects_of(plan: Plan, observed: Observed) -> list[str]:
    """Return the identifier of the subject in each place."""
    return [f"{plan.protocol.id}-{place + 1:04d}" for place in range(observed.sequences.shape[1])]


def _rows(
    plan: Plan, observed: Observed, code: str, label: str, value: Numbers, visit: str, period: int
) -> pd.DataFrame:
    arms = plan.layout.arm_asked[observed.sequences[0], period]
    baseline = observed.baseline[0]
    change = np.full(len(value), np.nan) if code == "RESP" else value - baseline
    if plan.assessments.endpoint.scale == "change" and visit == "ENDPOINT":
        value, change = value + baseline, value
    return pd.DataFrame(
        {
            "STUDYID": plan.protocol.id,
            "USUBJID": subjects_of(plan, observed),
            "PARAMCD": code,
            "PARAM": label,
            "AVISIT": visit,
            "APERIOD": plan.layout.asked[period] + 1,
            "TRTP": np.array(plan.layout.arms)[arms],
            "BASE": baseline,
            "AVAL": value,
            "CHG": change,
        }
    )


def _day(times: Numbers, last: float) -> Numbers:
    """Return study days of events, missing where they did not happen in the trial."""
    return np.where(times < last, np.floor(np.where(times < last, times, 0.0)) + 1, np.nan)
