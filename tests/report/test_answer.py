"""The three sentences of a report follow from rules: each rule on a case of its own."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from calor.report.answer import Verdict, answer_of

RESULT: dict[str, Any] = {
    "status": "posterior-predictive",
    "trial": {"patients": 60},
    "contrast": {
        "label": "drug minus placebo",
        "unit": "NRS points (0-10)",
        "predicted_mean": -1.5,
        "effect_interval95": [-2.5, -0.5],
        "trial_result_interval95": [-3.0, 0.1],
        "range_over_rivals": [-1.8, -1.2],
        "published": None,
    },
    "operating_characteristics": {"power": {"value": 0.81, "range_over_rivals": [0.7, 0.9]}},
    "posterior": {
        "uncertain": 100,
        "share_resting_on_prior": 0.4,
        "drugs_resting_on_prior": [],
        "has_seen_this_trial": None,
    },
}
CONTEXT: dict[str, Any] = {
    "contrast": {"less_is_better": True, "assumed_effect": None},
    "rivals": {"a": {"power": 0.7}, "b": {"power": 0.9}},
}


def case(contrast: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    result = copy.deepcopy(RESULT)
    result["contrast"].update(contrast or {})
    for key, value in changed.items():
        result[key] = {**result[key], **value} if isinstance(value, dict) else value
    return result


def test_clear() -> None:
    answer = answer_of(RESULT, CONTEXT)
    assert answer.verdict is Verdict.CLEAR
    assert answer.sentences == (
        "On what is known today drug minus placebo is -1.50 NRS points (0-10), which is better with "
        "treatment: 95 % of what is uncertain lies from -2.50 to -0.50.",
        "A trial of 60 patients would find a significant difference in 81% of repetitions, 70% to 90% "
        "depending on the explanation.",
        "40% of the uncertain numbers behind it rest on judgement.",
    )


def test_clear_harm_is_called_worse() -> None:
    harm = case({"predicted_mean": 1.5, "effect_interval95": [0.5, 2.5], "range_over_rivals": [1.2, 1.8]})
    assert "which is worse with treatment" in answer_of(harm, CONTEXT).sentences[0]
    more_is_better = {**CONTEXT, "contrast": {"less_is_better": False, "assumed_effect": None}}
    assert "which is better with treatment" in answer_of(harm, more_is_better).sentences[0]


def test_unclear() -> None:
    answer = answer_of(case({"effect_interval95": [-2.0, 0.4]}), CONTEXT)
    assert answer.verdict is Verdict.UNCLEAR
    assert answer.sentences[0] == (
        "Unclear: drug minus placebo is -1.50 NRS points (0-10), and 95 % of what is uncertain, from -2.00 "
        "to +0.40, does not rule out no effect."
    )


@pytest.mark.parametrize(
    ("contrast", "powers"),
    [
        ({"range_over_rivals": [-1.8, 0.2]}, (0.7, 0.9)),  # means on both sides of zero
        ({}, (0.06, 0.77)),  # the trial would fail under one rival and succeed under another
    ],
)
def test_rivals_disagree(contrast: dict[str, Any], powers: tuple[float, float]) -> None:
    context = {**CONTEXT, "rivals": {"a": {"power": powers[0]}, "b": {"power": powers[1]}}}
    answer = answer_of(case(contrast), context)
    assert answer.verdict is Verdict.RIVALS_DISAGREE
    assert answer.sentences[0].startswith("Undetermined: the rival explanations disagree")


def test_rivals_that_all_fail_agree() -> None:
    context = {**CONTEXT, "rivals": {"a": {"power": 0.1}, "b": {"power": 0.4}}}
    assert answer_of(RESULT, context).verdict is Verdict.CLEAR


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (
            False,
            "the fit has not seen this trial, so its published result (no significant difference) is a fair "
            "test",
        ),
        (
            True,
            "the fit has seen this trial's result (no significant difference), so agreement with it proves "
            "nothing",
        ),
        (None, "whether the fit has seen this trial's result (no significant difference) is not known"),
    ],
)
def test_held_back(seen: bool | None, words: str) -> None:
    result = case({"published": {"direction": "none"}}, posterior={"has_seen_this_trial": seen})
    assert answer_of(result, CONTEXT).sentences[2].endswith(f"; {words.format('no significant difference')}.")


def test_prior_only() -> None:
    result = case(
        status="prior-predictive",
        operating_characteristics={"power": {"value": None, "reason": "none is quoted"}},
        posterior={"share_resting_on_prior": 1.0},
    )
    answer = answer_of(result, CONTEXT)
    assert answer.verdict is Verdict.PRIOR_ONLY
    assert answer.sentences[0].startswith("Undetermined: no data stand behind this answer")
    assert "no power is quoted" in answer.sentences[1]
    assert answer.sentences[2] == "All 100 uncertain numbers behind it are judgements, so it is no forecast."


def test_what_a_drug_does_by_judgement_alone_is_said() -> None:
    result = case(posterior={"drugs_resting_on_prior": ["ivig"]})
    first, _, third = answer_of(result, CONTEXT).sentences
    assert first.startswith("If the judgement of what ivig does holds, drug minus placebo is -1.50")
    assert "among them all of what ivig does" in third


def test_a_judged_drug_of_another_contrast_is_no_condition() -> None:
    asked = {"label": "a", "arms": ["new"], "against": ["old"], "drugs": ["prednisolone"], "tested": True}
    context = {**CONTEXT, "contrasts": [asked]}
    result = case(posterior={"drugs_resting_on_prior": ["ivig", "piroxicam"]})
    first, _, third = answer_of(result, context).sentences
    assert first.startswith("On what is known today drug minus placebo is -1.50")
    assert "which is better with new than with old" in first
    assert "among them all of what ivig and piroxicam do" in third


def test_of_several_contrasts_the_others_stand_beside_the_first() -> None:
    result = case()
    other = {
        **result["contrast"],
        "label": "second",
        "predicted_mean": -0.2,
        "effect_interval95": [-0.6, 0.1],
    }
    result["contrasts"] = [result["contrast"], other]
    first, second, _ = answer_of(result, CONTEXT).sentences
    assert first.endswith("from -2.50 to -0.50; beside it second -0.20 (-0.60 to +0.10).")
    assert "find a significant difference in at least one contrast in 81% of repetitions" in second


MARGIN = {"claim": "non-inferiority", "size": 1.0}


@pytest.mark.parametrize(
    ("mean", "interval", "rivals", "verdict", "words"),
    [
        (0.2, [-0.4, 0.8], [-0.1, 0.5], Verdict.CLEAR, "within the margin of 1 (non-inferiority)"),
        (1.6, [1.1, 2.0], [1.2, 1.9], Verdict.CLEAR, "beyond the margin of 1 (non-inferiority)"),
        (0.8, [0.2, 1.4], [0.6, 0.9], Verdict.UNCLEAR, "does not rule out either side of the margin"),
        (0.9, [0.2, 1.4], [0.6, 1.2], Verdict.RIVALS_DISAGREE, "the rival explanations disagree, with"),
    ],
)
def test_a_trial_against_a_margin_is_judged_by_it(
    mean: float, interval: list[float], rivals: list[float], verdict: Verdict, words: str
) -> None:
    """Less is better: the active arm is worse by more than the margin where the difference lies above it."""
    effect = {"predicted_mean": mean, "effect_interval95": interval, "range_over_rivals": rivals}
    result = case(effect)
    result["operating_characteristics"]["type_one_error"] = {"margin": "non-inferiority by a margin of 1"}
    context = {**CONTEXT, "contrast": {**CONTEXT["contrast"], "margin": MARGIN}}
    answer = answer_of(result, context)
    assert answer.verdict is verdict
    assert words in answer.sentences[0]
    assert "would show non-inferiority by a margin of 1 in 81% of repetitions" in answer.sentences[1]


def test_equivalence_has_a_margin_on_either_side() -> None:
    margin = {"claim": "equivalence", "size": 1.0}
    context = {**CONTEXT, "contrast": {**CONTEXT["contrast"], "margin": margin}}
    alike = case({"predicted_mean": 0.0, "effect_interval95": [-0.4, 0.4], "range_over_rivals": [-0.1, 0.1]})
    assert answer_of(alike, context).verdict is Verdict.CLEAR
    assert "which is within the margin of 1 (equivalence)" in answer_of(alike, context).sentences[0]
    worse = case(
        {"predicted_mean": -1.5, "effect_interval95": [-2.0, -1.1], "range_over_rivals": [-1.8, -1.2]}
    )
    assert "which is beyond the margin of 1 (equivalence)" in answer_of(worse, context).sentences[0]


def test_rivals_that_differ_in_power_alone_disagree_on_the_trial() -> None:
    context = {**CONTEXT, "rivals": {"a": {"power": 0.2}, "b": {"power": 0.9}}}
    first = answer_of(RESULT, context).sentences[0]
    assert first.startswith(
        "Undetermined: the rival explanations disagree on whether such a trial would succeed"
    )


def test_an_assumed_effect_is_said_to_be_assumed() -> None:
    context = {**CONTEXT, "contrast": {"less_is_better": True, "assumed_effect": -1.5}}
    answer = answer_of(case(status="assumed-effect"), context)
    assert answer.sentences[0].startswith("With the effect that was assumed")
    assert answer.sentences[2].startswith("The effect itself was assumed")
