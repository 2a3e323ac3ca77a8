"""The answer of a trial in three sentences, by rules: the outcome, what a trial would show, what it rests on.

The verdict, by the first rule that applies:

- *prior only*: the result is prior-predictive; no data stand behind it.
- *rivals disagree*: the rivals' mean effects lie on both sides of zero, or the trial would more likely than
  not succeed under one rival and fail under another (power on both sides of one half).
- *direction clear*: the 95 % interval of what is uncertain lies on one side of zero. How large the
  effect is, and whether a trial would find it, is another question: the sentences say.
- *unclear*: everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from calor.report.numbers import fixed_text, interval_text, percent_text

PUBLISHED = {
    "none": "no significant difference",
    "favours-active": "a significant difference in favour of the treatment",
    "favours-control": "a significant difference in favour of control",
    "mixed": "mixed results",
}


class Verdict(StrEnum):
    """How clear a trial's answer is."""

    PRIOR_ONLY = "prior only"
    RIVALS_DISAGREE = "rivals disagree"
    CLEAR = "direction clear"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Answer:
    """A verdict with its three sentences."""

    verdict: Verdict
    sentences: tuple[str, str, str]


def answer_of(result: dict[str, Any], context: dict[str, Any]) -> Answer:
    """Return the answer of a trial. Arguments: its result document, and its context."""
    verdict = verdict_of(result, context)
    sentences = (_outcome(result, context, verdict), _trial(result), _basis(result, context, verdict))
    return Answer(verdict, sentences)


def verdict_of(result: dict[str, Any], context: dict[str, Any]) -> Verdict:
    """Return the verdict by the first rule that applies."""
    contrast = result["contrast"]
    if result["status"] == "prior-predictive":
        return Verdict.PRIOR_ONLY
    if _on_both_sides(contrast["range_over_rivals"], 0.0) or _powers_disagree(context):
        return Verdict.RIVALS_DISAGREE
    low, high = contrast["effect_interval95"]
    return Verdict.CLEAR if low > 0 or high < 0 else Verdict.UNCLEAR


def _on_both_sides(pair: list[float], of: float) -> bool:
    return pair[0] < of < pair[1]


def _powers_disagree(context: dict[str, Any]) -> bool:
    powers = [each["power"] for each in context.get("rivals", {}).values() if each["power"] is not None]
    return bool(powers) and _on_both_sides([min(powers), max(powers)], 0.5)


def _outcome(result: dict[str, Any], context: dict[str, Any], verdict: Verdict) -> str:
    """Return the first sentence: the effect, and how clear it is."""
    contrast = result["contrast"]
    span = interval_text(contrast["effect_interval95"])
    rivals = interval_text(contrast["range_over_rivals"])
    effect = (
        f"{contrast['label']} is {fixed_text(contrast['predicted_mean'], 2, signed=True)} {contrast['unit']}"
    )
    better = _better(contrast["predicted_mean"], context)
    assumed = context.get("contrast", {}).get("assumed_effect")
    drugs = ", ".join(result["posterior"]["drugs_resting_on_prior"])
    given = "On what is known today"
    if assumed is not None:
        given = "With the effect that was assumed"
    elif drugs:
        given = f"If the judgement of what {drugs} does holds,"
    match verdict:
        case Verdict.PRIOR_ONLY:
            return (
                f"Undetermined: no data stand behind this answer; by judgement alone {effect}, "
                f"anywhere from {span}."
            )
        case Verdict.RIVALS_DISAGREE:
            return (
                f"Undetermined: the rival explanations disagree, with mean effects from {rivals} "
                f"{contrast['unit']} ({contrast['label']}; 95 % of what is uncertain: {span})."
            )
        case Verdict.CLEAR:
            return f"{given} {effect}, which is {better}: 95 % of what is uncertain lies from {span}."
        case Verdict.UNCLEAR:
            return (
                f"Unclear: {effect}, and 95 % of what is uncertain, from {span}, does not rule out no effect."
            )


def _better(mean: float, context: dict[str, Any]) -> str:
    """Return on whose side an effect is."""
    less_is_better = context.get("contrast", {}).get("less_is_better", True)
    return "better with treatment" if (mean < 0) == less_is_better else "worse with treatment"


def _trial(result: dict[str, Any]) -> str:
    """Return the second sentence: what one trial of this design would show."""
    size = f"{result['trial']['patients']:,} patients"
    power, found = result["operating_characteristics"]["power"], result["contrast"]["trial_result_interval95"]
    if power["value"] is not None:
        low, high = power["range_over_rivals"]
        return (
            f"A trial of {size} would find a significant difference in {percent_text(power['value'])} of "
            f"repetitions, {percent_text(low)} to {percent_text(high)} depending on the explanation."
        )
    if found is None:
        return f"What a single trial of {size} would show cannot be said."
    return (
        f"A single trial of {size} would show anything from {interval_text(found)}, and no power is quoted "
        "from priors that were set by hand."
    )


def _basis(result: dict[str, Any], context: dict[str, Any], verdict: Verdict) -> str:
    """Return the third sentence: what the answer rests on, and whether a published result tests it."""
    posterior = result["posterior"]
    if verdict is Verdict.PRIOR_ONLY:
        return (
            f"All {posterior['uncertain']} uncertain numbers behind it are judgements, so it is no forecast."
        )
    share = percent_text(posterior["share_resting_on_prior"])
    if context.get("contrast", {}).get("assumed_effect") is not None:
        return (
            f"The effect itself was assumed, and {share} of the uncertain numbers of the disease and its "
            "measurement rest on judgement."
        )
    drugs = posterior["drugs_resting_on_prior"]
    judged = f", among them all of what {', '.join(drugs)} does" if drugs else ""
    return f"{share} of the uncertain numbers behind it rest on judgement{judged}{_test(result)}."


def _test(result: dict[str, Any]) -> str:
    """Return what a published result says of the answer, as far as the fit has not seen it."""
    published, posterior = result["contrast"]["published"], result["posterior"]
    if published is None or published["direction"] == "not-read":
        return ""
    words = PUBLISHED.get(published["direction"], published["direction"])
    match posterior["has_seen_this_trial"]:
        case False:
            return f"; the fit has not seen this trial, so its published result ({words}) is a fair test"
        case True:
            return f"; the fit has seen this trial's result ({words}), so agreement with it proves nothing"
        case _:
            return f"; whether the fit has seen this trial's result ({words}) is not known"
