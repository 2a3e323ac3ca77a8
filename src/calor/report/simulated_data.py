"""The data of one simulated trial as tables in the ADaM form of CDISC, every row marked as simulated.

`adsl` has a row a subject, `adeff` (a BDS data set) a row a subject, period and visit of the endpoint. What
each variable means, and what is left out because calor does not model it, stands in `adam/variables.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.report.simulated_doses import treated_in_periods
from calor.study import Covariate
from calor.trial.analysis.method import Reads
from calor.trial.bank.bank import Bank
from calor.trial.conduct.observation import Observed
from calor.trial.designs.conductor import Outcome
from calor.trial.designs.times import times_of
from calor.trial.protocols.plan import Plan

MARK = {"SIMFL": "Y", "SIMNOTE": "simulated by calor; not data of people"}
BASELINE, ENDPOINT, RESPONSE, TIME_TO_LOSS = "BASELINE", "ENDPOINT", "RESP", "TTLR"


def adsl(plan: Plan, bank: Bank, outcome: Outcome) -> pd.DataFrame:
    """Return ADSL of the first replicate of an outcome, one row a subject, enrolled or not.

    Arguments: the plan, its bank, and how the trial ended.
    """
    observed, enrolled = outcome.observed, outcome.enrolled[0]
    people, last = observed.people[0], plan.layout.last_day
    treated = treated_in_periods(plan, bank, observed) & enrolled[:, None]
    sequence = np.array(plan.layout.names)[observed.sequences[0]]
    subjects = subjects_of(plan, observed)
    return pd.DataFrame(
        {
            "STUDYID": plan.protocol.id,
            "USUBJID": subjects,
            "SUBJID": [subject.removeprefix(f"{plan.protocol.id}-") for subject in subjects],
            "ARM": sequence,
            **({"TRTSEQP": sequence} if len(plan.layout.starts) > 1 else {}),
            **_treatments(plan, observed, treated),
            "RANDFL": _flag(enrolled),
            "ITTFL": _flag(enrolled),
            "SAFFL": _flag(treated.any(axis=1)),
            "STRATUM": observed.strata[0] + 1,
            "DURMONTH": bank.covariates[Covariate.DURATION][people].round(1),
            "PAINBL": bank.covariates[Covariate.PAIN][people].round(2),
            "TEMPBL": bank.covariates[Covariate.TEMPERATURE][people].round(2),
            "BTNFBL": bank.covariates[Covariate.BLISTER_TNF][people].round(2),
            "WEIGHTBL": bank.patients.values["body_weight"][people].round(1),
            "DCTFL": _flag(observed.stopped[0] < last),
            "DCTDY": _day(observed.stopped[0], last),
            "RESCFL": _flag(observed.rescued[0] < last),
            "RESCDY": _day(observed.rescued[0], last),
            "LTFUFL": _flag(observed.lost[0] < last),
            "LTFUDY": _day(observed.lost[0], last),
        }
    ).assign(**_sites(plan, observed), **MARK)


def _sites(plan: Plan, observed: Observed) -> dict[str, list[str]]:
    """Return the column of sites, where the trial has some."""
    if plan.enrolment.sites is None:
        return {}
    return {"SITEID": [f"{site + 1:03d}" for site in observed.sites[0]]}


def _treatments(plan: Plan, observed: Observed, treated: NDArray[np.bool_]) -> dict[str, NDArray[np.str_]]:
    """Return the planned and actual treatment of each period, the latter blank without treatment."""
    names = np.array(plan.layout.arms)[plan.layout.arm_in_period[observed.sequences[0]]]
    columns = {}
    for period in range(names.shape[1]):
        columns[f"TRT{period + 1:02d}P"] = names[:, period]
        columns[f"TRT{period + 1:02d}A"] = np.where(treated[:, period], names[:, period], "")
    return columns


@dataclass(frozen=True)
class _Visit:
    """A visit of ADEFF: its name and number, the period, the first and last study day that count, and
    whether the primary analysis reads it."""

    name: str
    number: int
    period: int
    first_day: float
    last_day: float
    read: bool = False


def adeff(plan: Plan, outcome: Outcome) -> pd.DataFrame:
    """Return a BDS data set: baseline, the value at every visit and the endpoint of every period.

    AVAL is missing where nothing was measured. A responder endpoint has the parameter RESP (1 or 0) and no
    baseline; a time to loss of response TTLR, the days until then or, with CNSR 1, until last seen. ANL01FL
    marks the records that the primary analysis reads.
    """
    observed, assessed, asked = outcome.observed, plan.assessments, plan.assessments.endpoint
    row, responder = asked.variable.row, asked.responder
    code, label = row.code, row.label
    if responder:
        code, label = RESPONSE, f"Responder: {responder.reduction_percent:g} % {row.response}"
    if asked.loss_of_response:
        code, label = TIME_TO_LOSS, "Time to loss of response (days)"
    by_visits = plan.analysis.asked.imputes or plan.analysis.method.reads is Reads.VISITS
    tables = [
        _rows(
            plan, outcome, row.code, row.label, observed.baseline[0], _Visit(BASELINE, 0, 0, np.nan, np.nan)
        )
    ]
    days = zip(plan.protocol.visits, assessed.visit_windows, strict=True)
    for place, (day, window) in enumerate(days):
        period = int(np.searchsorted(plan.layout.starts, day - 1, side="right")) - 1
        visit = _Visit(f"DAY {day}", place + 1, period, window.start + 1, window.stop, by_visits)
        tables.append(_rows(plan, outcome, row.code, row.label, observed.visits[0, :, place], visit))
    number = len(plan.protocol.visits) + 1
    for place, (period, window) in enumerate(zip(plan.layout.asked, assessed.windows, strict=True)):
        visit = _Visit(ENDPOINT, number, period, window.start + 1, window.stop, not by_visits)
        tables.append(_rows(plan, outcome, code, label, observed.endpoint[0, :, place], visit))
    if asked.loss_of_response:
        tables[-1] = _with_times(plan, outcome, tables[-1])
    return pd.concat(tables, ignore_index=True).assign(**MARK)


def subjects_of(plan: Plan, observed: Observed) -> list[str]:
    """Return the identifier of the subject in each place."""
    return [f"{plan.protocol.id}-{place + 1:04d}" for place in range(observed.sequences.shape[1])]


def _rows(plan: Plan, outcome: Outcome, code: str, label: str, value: Numbers, visit: _Visit) -> pd.DataFrame:
    observed = outcome.observed
    arms = plan.layout.arm_in_period[observed.sequences[0], visit.period]
    nothing = np.full(len(value), np.nan)
    baseline = nothing if code in (RESPONSE, TIME_TO_LOSS) else observed.baseline[0]
    change = nothing if visit.name == BASELINE else value - baseline
    if plan.assessments.endpoint.scale == "change" and visit.name == ENDPOINT:
        value, change = value + baseline, value
    return pd.DataFrame(
        {
            "STUDYID": plan.protocol.id,
            "USUBJID": subjects_of(plan, observed),
            "PARAMCD": code,
            "PARAM": label,
            "AVISIT": visit.name,
            "AVISITN": visit.number,
            "AWLO": visit.first_day,
            "AWHI": visit.last_day,
            "APERIOD": visit.period + 1,
            "TRTP": np.array(plan.layout.arms)[arms],
            "BASE": baseline,
            "AVAL": value,
            "CHG": change,
            "ABLFL": "Y" if visit.name == BASELINE else "",
            "ANL01FL": np.where(_analysed(outcome) & np.isfinite(value) & visit.read, "Y", ""),
        }
    )


def _with_times(plan: Plan, outcome: Outcome, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of an endpoint that is a time, with how long each was seen and who is censored."""
    observed = outcome.observed
    times = times_of(plan, observed.endpoint[:, :, 0], observed.lost, observed.sequences)
    read = np.where(_analysed(outcome), "Y", "")
    return rows.assign(AVAL=times.time[0], CNSR=(~times.event[0]).astype(float), ANL01FL=read)


def _analysed(outcome: Outcome) -> NDArray[np.bool_]:
    """Return whose records the final analysis reads: the enrolled, or of them the subgroup, (n,)."""
    inside = outcome.observed.in_subgroup[0] | ~outcome.enriched[0]
    return np.asarray(outcome.enrolled[0] & inside)


def _flag(happened: NDArray[np.bool_]) -> NDArray[np.str_]:
    return np.where(happened, "Y", "N")


def _day(times: Numbers, last: float) -> Numbers:
    """Return study days of events, missing where they did not happen in the trial."""
    return np.where(times < last, np.floor(np.where(times < last, times, 0.0)) + 1, np.nan)
