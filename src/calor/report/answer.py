"""The answer of a trial in three sentences, by rules: the outcome, what a trial would show, what it rests on.

The verdict, by the first rule that applies:

- *prior only*: the result is prior-predictive; no data stand behind it.
- *rivals disagree*: the rivals' mean effects lie on both sides of zero (of the margin, where the trial has
  one), or the trial would more likely than not succeed under one rival and fail under another (power on both
  sides of one half).
- *direction clear*: the 95 % interval of what is uncertain lies on one side of zero (of the margin). How
  large the effect is, and whether a trial would find it, is another question: the sentences say.
- *unclear*: everything else.

Of a trial with several contrasts the verdict is on the first; the others stand beside it with their effect.
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
    contrast, limits = result["contrast"], _limits(context)
    if result["status"] == "prior-predictive":
        return Verdict.PRIOR_ONLY
    if any(_on_both_sides(contrast["range_over_rivals"], limit) for limit in limits):
        return Verdict.RIVALS_DISAGREE
    if _powers_disagree(context):
        return Verdict.RIVALS_DISAGREE
    low, high = contrast["effect_interval95"]
    return Verdict.CLEAR if all(low > limit or high < limit for limit in limits) else Verdict.UNCLEAR


def _limits(context: dict[str, Any]) -> tuple[float, ...]:
    """Return the effects on one side of which an answer must lie to be clear: none, or the margin."""
    margin = context.get("contrast", {}).get("margin")
    if margin is None:
        return (0.0,)
    if margin["claim"] == "equivalence":
        return (-margin["size"], margin["size"])
    less_is_better = context["contrast"].get("less_is_better", True)
    return (margin["size"] if less_is_better else -margin["size"],)


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
    others = _others(result)
    match verdict:
        case Verdict.PRIOR_ONLY:
            return (
                f"Undetermined: no data stand behind this answer; by judgement alone {effect}, "
                f"anywhere from {span}{others}."
            )
        case Verdict.RIVALS_DISAGREE:
            about = "" if _effects_disagree(result, context) else " on whether such a trial would succeed"
            return (
                f"Undetermined: the rival explanations disagree{about}, with mean effects from {rivals} "
                f"{contrast['unit']} ({contrast['label']}; 95 % of what is uncertain: {span}{others})."
            )
        case Verdict.CLEAR:
            return (
                f"{_given(result, context)} {effect}, which is {_better(result, context)}: 95 % of what is "
                f"uncertain lies from {span}{others}."
            )
        case Verdict.UNCLEAR:
            left = "no effect"
            if context.get("contrast", {}).get("margin"):
                left = "either side of the margin"
            return (
                f"Unclear: {effect}, and 95 % of what is uncertain, from {span}, does not rule out "
                f"{left}{others}."
            )


def _effects_disagree(result: dict[str, Any], context: dict[str, Any]) -> bool:
    pair = result["contrast"]["range_over_rivals"]
    return any(_on_both_sides(pair, limit) for limit in _limits(context))


def _given(result: dict[str, Any], context: dict[str, Any]) -> str:
    """Return on what the effect rests: an assumption, a judgement of a drug that it is of, or the data."""
    if context.get("contrast", {}).get("assumed_effect") is not None:
        return "With the effect that was assumed"
    judged = result["posterior"]["drugs_resting_on_prior"]
    asked = next(iter(context.get("contrasts", ())), None)
    drugs = judged if asked is None else [drug for drug in judged if drug in asked["drugs"]]
    return f"If the judgement of {_what_drugs_do(drugs)} holds," if drugs else "On what is known today"


def _what_drugs_do(drugs: list[str]) -> str:
    """Return in words what some drugs do: `what ivig does`, `what ivig and piroxicam do`."""
    *first, last = drugs
    return f"what {', '.join(first)} and {last} do" if first else f"what {last} does"


def _better(result: dict[str, Any], context: dict[str, Any]) -> str:
    """Return on whose side an effect is, of the arms that are compared or of the margin."""
    about = context.get("contrast", {})
    low, high = result["contrast"]["effect_interval95"]
    if margin := about.get("margin"):
        limits = _limits(context)
        inside = (
            limits[0] < low and high < limits[1]
            if len(limits) == 2
            else _better_than(limits[0], about, result)
        )
        return f"{'within' if inside else 'beyond'} the margin of {margin['size']:g} ({margin['claim']})"
    side = "better" if _better_than(0.0, about, result) else "worse"
    asked = next(iter(context.get("contrasts", ())), None)
    if asked is None or len(asked["arms"]) != 1 or len(asked["against"]) != 1:
        return f"{side} with treatment"
    return f"{side} with {asked['arms'][0]} than with {asked['against'][0]}"


def _better_than(limit: float, about: dict[str, Any], result: dict[str, Any]) -> bool:
    mean = result["contrast"]["predicted_mean"]
    return bool((mean < limit) == about.get("less_is_better", True))


def _others(result: dict[str, Any]) -> str:
    """Return the effects of the other contrasts of a trial that has several."""
    others = [
        f"{contrast['label']} {fixed_text(contrast['predicted_mean'], 2, signed=True)} "
        f"({interval_text(contrast['effect_interval95'])})"
        for contrast in result.get("contrasts", ())[1:]
    ]
    return f"; beside it {', '.join(others)}" if others else ""


def _trial(result: dict[str, Any]) -> str:
    """Return the second sentence: what one trial of this design would show."""
    size = f"{result['trial']['patients']:,} patients"
    power, found = result["operating_characteristics"]["power"], result["contrast"]["trial_result_interval95"]
    if power["value"] is not None:
        low, high = map(percent_text, power["range_over_rivals"])
        span = "whatever the explanation" if low == high else f"{low} to {high} depending on the explanation"
        return (
            f"A trial of {size} would {_success(result)} in {percent_text(power['value'])} of "
            f"repetitions, {span}."
        )
    if found is None:
        return f"What a single trial of {size} would show cannot be said."
    return (
        f"A single trial of {size} would show anything from {interval_text(found)}, and no power is quoted "
        "from priors that were set by hand."
    )


def _success(result: dict[str, Any]) -> str:
    """Return what a trial finds that succeeds: a margin kept, a difference, or one of several."""
    margin = result["operating_characteristics"].get("type_one_error", {}).get("margin")
    if margin:
        return f"show {margin}"
    several = len(result.get("contrasts", ())) > 1
    return f"find a significant difference{' in at least one contrast' if several else ''}"


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
    judged = f", among them all of {_what_drugs_do(drugs)}" if drugs else ""
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
