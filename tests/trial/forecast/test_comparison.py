"""Comparisons of made-up trials whose effect is known: covered, failed, worse than nothing, could tell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from calor.core.progress import Silent
from calor.core.provenance import Grade
from calor.evidence.vocabulary import Direction
from calor.model.rivals import load_rivals
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.forecast.comparison import compared
from calor.trial.forecast.failures import failures_of
from calor.trial.forecast.kinds import Kind, Of
from calor.trial.forecast.samples import RivalTrials, Trials
from calor.trial.forecast.scales import PublishedResult, ScaleEntry
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import bank_of, protocol

TEXT = """\
design: {type: parallel}
patients: 60
endpoint: {variable: pain-diary, from_day: 8, to_day: 14}
analysis: {method: t-test}
"""
RESPONDERS = TEXT.replace("to_day: 14}", "to_day: 14, responder: {reduction_percent: 30}}").replace(
    "t-test", "risk-difference"
)
NUMBER = ScaleEntry(kind=Kind.NUMERIC, of=Of.CONTRAST, scale="difference", parts=("p",), because="made up")
DIRECTION = NUMBER.model_copy(update={"kind": Kind.DIRECTION})
ONE = np.ones(1)


def published(value: float | None = None, direction: Direction = Direction.NONE) -> PublishedResult:
    return PublishedResult(value, None, direction, Grade.VERIFIED, "made-up")


def trials_of(*effects: float, text: str = TEXT, n_cells: int = 10) -> Trials:
    """Return trials under as many rivals as there are effects, of equal weight."""
    trial = protocol(text)
    parts, first = [], None
    for rival, effect in zip(load_rivals(), effects, strict=False):
        bank = bank_of(trial, {"active": effect}, n_cells=n_cells)
        first = first or bank
        pair = [
            ReplicateSimulator(plan_of(trial), each, 1, ONE).run(1500, Silent())
            for each in (bank, bank.mechanism_off(1))
        ]
        parts.append(RivalTrials(rival, 1 / len(effects), *pair))
    assert first is not None
    return Trials(plan_of(trial), first, tuple(parts))


def test_a_number_is_covered_where_the_effect_is_right_and_better_than_no_effect() -> None:
    found = compared(trials_of(-1.5), NUMBER, published(-1.5))
    assert found["covered"] is True
    assert found["failed"] is False
    assert found["predicted_mean"] == pytest.approx(-1.5, abs=0.05)
    sd = np.sqrt(2 / 30 * (1.0 + (1.0 + 1 / 12) / 7))
    assert found["interval_width"] == pytest.approx(2 * 1.96 * sd, rel=0.1)
    own = found["interval_width"] / (2 * 1.96)
    assert found["log_score"] == pytest.approx(norm.logpdf(-1.5, found["predicted_mean"], own), abs=0.1)
    assert found["gain"] == pytest.approx(found["log_score"] - found["log_score_zero_effect"])
    assert found["gain"] > 3
    assert found["discriminates"] is True


def test_a_number_is_missed_where_the_effect_is_wrong_and_no_effect_does_better() -> None:
    found = compared(trials_of(-1.5), NUMBER, published(0.0))
    assert found["covered"] is False
    assert found["failed"] is True
    assert found["gain"] + 2 * found["gain_mc_error"] < 0


def test_a_trial_of_a_weak_effect_could_not_tell() -> None:
    found = compared(trials_of(-0.05), NUMBER, published(0.3))
    assert found["discriminates"] is False
    assert found["overlap_with_no_effect"] > 0.9


def test_a_direction_is_scored_by_the_share_of_trials_that_show_it() -> None:
    found = compared(trials_of(-1.5), DIRECTION, published(None, Direction.NONE))
    sd = np.sqrt(2 / 30 * (1.0 + (1.0 + 1 / 12) / 7))
    power = norm.cdf(1.5 / sd - 2.0)
    assert found["covered"] is None
    assert found["probability"] == pytest.approx(1 - power, abs=0.02)
    assert found["failed"] is True
    assert found["log_score_zero_effect"] == pytest.approx(np.log(0.95), abs=0.02)
    agreed = compared(trials_of(-1.5), DIRECTION, published(None, Direction.FAVOURS_ACTIVE))
    assert agreed["probability"] == pytest.approx(power, abs=0.02)
    assert agreed["failed"] is False


def test_each_rival_is_compared_and_a_failing_one_is_named_although_the_average_stands() -> None:
    found = compared(trials_of(0.0, 0.0, -1.5), DIRECTION, published(None, Direction.NONE))
    assert found["failed"] is False
    assert [rival["failed"] for rival in found["by_rival"]] == [False, False, True]
    trial = {"id": "made-up", "role": "held-back", "comparison": found, "also": []}
    fitted = {**trial, "id": "fitted", "role": "calibration"}
    failures = failures_of([fitted, trial])
    assert [failure["trial"] for failure in failures] == ["made-up", "fitted"]
    names = [rival["name"] for rival in failures[0]["rivals"]]
    assert names == [load_rivals()[2].name]
    assert failures[0]["rivals"][0]["worse_than_no_effect"] is True


def test_one_world_alone_has_no_monte_carlo_error_and_is_called_nothing() -> None:
    found = compared(trials_of(-1.5, n_cells=1), DIRECTION, published(None, Direction.NONE))
    assert found["gain_mc_error"] is None
    (failure,) = failures_of([{"id": "a", "role": "held-back", "comparison": found, "also": []}])
    assert failure["failed"] is True
    assert failure["worse_than_no_effect"] is False


def test_a_forecast_of_what_happened_is_no_failure() -> None:
    found = compared(trials_of(0.0), DIRECTION, published(None, Direction.NONE))
    assert failures_of([{"id": "a", "role": "held-back", "comparison": found, "also": []}]) == []


def test_shares_of_responders_have_their_level_and_their_difference() -> None:
    trials = trials_of(-2.5, text=RESPONDERS)
    level = compared(trials, NUMBER.model_copy(update={"of": Of.LEVEL}), published(1.0))
    difference = compared(trials, NUMBER, published(0.0))
    control = trials.forecast(Of.CONTROL)
    assert 0 <= control.mean < level["predicted_mean"] < 1
    assert level["predicted_mean"] == pytest.approx(control.mean + difference["predicted_mean"] / 2, abs=0.01)
    assert level["discriminates"] is None
    assert difference["predicted_interval95"][0] > 0
