"""The plan of a protocol: what each room takes, worked out once from what was written."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.errors import InputError, UnsupportedError
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import protocol

IVIG = """\
id: planned
title: Planned
population: {duration_months: {at_least: 1, at_most: 60}, pain_nrs: {at_least: 0}}
arms:
  - {name: IVIG, treatments: [{drug: ivig, regimen: "0.5 g/kg iv at day 1, 15, 29"}]}
  - {name: placebo}
acknowledge: [thrombosis]
patients: 40
"""
PARALLEL = """\
design: {type: parallel}
endpoint: {variable: pain-diary, from_day: 22, to_day: 28}
analysis: {method: ancova, alpha: 0.05, sided: 2}
"""
CROSSED = """\
design: {type: crossover, period_days: 14, washout_days: 7}
patients: 20
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
analysis: {method: crossover}
conduct:
  stopping: {per_month: 0.1, side_effects_per_month: {active: 0.5}}
  unblinding: {shift_nrs: 1, believing_share: {active: 0.75}}
"""


def test_a_crossover_is_laid_out_in_periods_and_followed_by_the_control_throughout() -> None:
    layout = plan_of(protocol(CROSSED)).layout
    assert layout.starts == (0.0, 21.0)
    assert layout.last_day == 35  # 21 days to the second period, and its 14
    assert layout.sequences == ((0, 1), (1, 0))
    assert layout.names == ("active > placebo", "placebo > active")
    assert layout.followed == ((0, 1), (1, 0), (1, 1))
    assert layout.control_throughout == 2
    assert layout.contrasts == ("active minus placebo",)


def test_parallel_arms_are_followed_as_they_are_allocated() -> None:
    layout = plan_of(protocol(PARALLEL, IVIG)).layout
    assert layout.followed == layout.sequences == ((0,), (1,))
    assert layout.control_throughout == 1


def test_belief_and_side_effects_stand_by_sequence_and_period() -> None:
    plan = plan_of(protocol(CROSSED))
    assert plan.assessments.belief is not None
    # The third is what is followed besides: the control throughout.
    assert plan.assessments.belief.share.tolist() == [[0.75, 0.0], [0.0, 0.75], [0.0, 0.0]]
    first, second, third = plan.events.side_effects * DAYS_PER_MONTH
    assert not third.any()
    # The first period, with its wash-out, has 21 days.
    assert first == pytest.approx(np.repeat([0.5, 0.0], [21, 14]))
    assert second == pytest.approx(np.repeat([0.0, 0.5], [21, 14]))


def test_patients_stop_on_visits_while_doses_are_due_else_on_days_of_doses() -> None:
    stopping = "conduct: {stopping: {per_month: 0.1}}\n"
    # Doses on days 1, 15 and 29; nobody stops on the day of the first one.
    assert plan_of(protocol(PARALLEL + stopping, IVIG)).given.stop_days == (15, 29)
    # On day 30 no dose is left to leave out.
    visits = (
        PARALLEL.replace("from_day: 22, to_day: 28", "from_day: 28, to_day: 30") + "visits: [7, 14, 30]\n"
    )
    assert plan_of(protocol(visits + stopping, IVIG)).given.stop_days == (7, 14)
    assert plan_of(protocol(visits, IVIG)).given.stop_days == ()


def test_days_that_count_reach_back_to_the_period_s_first_while_on_treatment() -> None:
    plain = plan_of(protocol(PARALLEL, IVIG)).assessments
    assert plain.days.tolist() == list(range(21, 28))
    on_treatment = PARALLEL + "estimand: {stopping: while-on-treatment}\n"
    assert plan_of(protocol(on_treatment, IVIG)).assessments.days.tolist() == list(range(28))


def test_the_level_is_that_of_a_one_sided_test() -> None:
    analysis = plan_of(protocol(PARALLEL, IVIG)).analysis
    assert analysis.level == pytest.approx(0.025)
    assert analysis.less_is_better


def test_a_protocol_that_breaks_a_rule_or_takes_too_many_courses_has_no_plan() -> None:
    trial = protocol(PARALLEL, IVIG)
    broken = trial.model_copy(update={"analysis": trial.analysis.model_copy(update={"method": "nosuch"})})
    with pytest.raises(InputError, match="nosuch"):
        plan_of(broken)
    daily = IVIG.replace("0.5 g/kg iv at day 1, 15, 29", "0.1 g/kg iv daily for 20 days")
    with pytest.raises(UnsupportedError, match="at most 12 days"):
        protocol(PARALLEL + "conduct: {stopping: {per_month: 0.1}}\n", daily)
