"""A rule that can never act is told; one that may is not."""

from __future__ import annotations

import pytest

from calor.trial.protocols.idle_rules import idle_rules
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import protocol

REST = (
    "endpoint: {variable: pain-diary, from_day: 8, to_day: 14}\n"
    "analysis: {method: ancova, sided: 1, alpha: 0.025}\n"
)
SEQUENTIAL = "design: {type: group-sequential, looks: [%s, 1.0]%s}\npatients: %d\n" + REST
ENRICHED = (
    "design: {type: adaptive-enrichment, subgroup: {by: duration, below: 12}, interim_patients: 40,"
    " margin: %g}\npatients: 80\n" + REST
)
REESTIMATED = (
    "design: {type: sample-size-reestimation, interim_patients: 40, most_patients: 90, power: 0.8,"
    " assumed_difference: 1}\npatients: 80\n" + REST
)
PARALLEL = "design: {type: parallel}\npatients: 40\n" + REST
FULL = (
    "design: {type: platform, arm_patients: 30, stays: {two: {enters_after: %s}}}\npatients: 100\n"
    "arms: [{name: one}, {name: two}, {name: placebo}]\n"
    "endpoint: {variable: pain-diary, from_day: 8, to_day: 14}\n"
    "analysis: {method: ancova, sided: 1, alpha: 0.025}\n"
    "conduct: {accrual: {sites: 4, patients_per_site_per_month: 1}}\n"
)
"""Arm one has its 30 in the first 60 patients, or where arm two comes at 20, in the first 80."""
FAST = "conduct: {accrual: {sites: 10, patients_per_site_per_month: 20}}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SEQUENTIAL % (0.05, "", 200), "look 1 (at 10 patients) cannot stop for benefit"),
        # The critical value at half the information is 2.96: no statistic lies between it and 3.
        (SEQUENTIAL % (0.5, ", futility: [3.0]", 80), "every trial ends at look 1 (at 40 patients)"),
        (
            SEQUENTIAL % (0.5, ", futility: [-7.0]", 80),
            "the futility bound -7 of look 1 (at 40 patients) cannot",
        ),
        (SEQUENTIAL % (0.3, "", 8), "look 1 (at 2 patients) has too few patients"),
        (SEQUENTIAL % ("0.5, 0.501", "", 80), "look 2 (at 40 patients) has the patients of another look"),
        # 200 patients a month over the 14 days of follow-up are 92, more than the 40 that are left.
        (SEQUENTIAL % (0.5, "", 80) + FAST, "all 80 patients are in when the data of look 1"),
        (ENRICHED % 0 + FAST, "all 80 patients are in when the data of the interim are (92 come meanwhile)"),
        (FULL % 60, "two gets about 20 of its 30 patients where no arm ends early"),
        (ENRICHED % 10, "no trial goes on in the subgroup"),
        (REESTIMATED + FAST, "all 90 patients are in"),
        (PARALLEL + "conduct: {stopping: {per_month: 0}}\n", "every hazard of stopping is 0"),
        (PARALLEL + "conduct: {stopping: {per_month: 0.2}}\n", "no dose is due"),
        (PARALLEL + "conduct: {rescue: {per_month: 0, relief_nrs: 1}}\n", "nobody takes rescue"),
        (PARALLEL + "conduct: {rescue: {per_month: 0.1, relief_nrs: 0}}\n", "its relief is 0"),
    ],
)
def test_a_rule_that_can_never_act_is_told(text: str, says: str) -> None:
    (warning,) = idle_rules(plan_of(protocol(text)))
    assert says in warning


@pytest.mark.parametrize(
    "text",
    [
        SEQUENTIAL % ("0.3, 0.6", ", futility: [0.0, 0.5]", 80),
        SEQUENTIAL % (0.5, ", futility: [2.9]", 80),
        ENRICHED % 0.5,
        REESTIMATED + "conduct: {accrual: {sites: 5, patients_per_site_per_month: 1}}\n",
        PARALLEL + "conduct: {rescue: {per_month: 0.1, relief_nrs: 1}}\n",
        FULL % 20,
        PARALLEL,
    ],
)
def test_a_rule_that_may_act_is_not(text: str) -> None:
    assert idle_rules(plan_of(protocol(text))) == ()
