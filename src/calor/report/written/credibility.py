"""Appendix A: the credibility of the model for this question, in the terms of ICH M15.

The table has the items of the assessment table of ICH M15 (Appendix 1, Step 4, January 2026), in their order
and by their names; the terms of model evaluation are those of its section 3. What only people
can say comes from a file, and is blank without it; the evaluation of the model is filled from the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calor.report.blocks import Block, Heading, Paragraph
from calor.report.credibility_file import Credibility, Judged
from calor.report.numbers import interval_text, percent_text, with_error_text
from calor.report.tables import Table, number, words
from calor.store.saved_run import SavedRun

BLANK = "Blank: only a person can say this (file: calor new credibility; then --credibility FILE)."
SOURCE = (
    "ICH M15, General Principles for Model-Informed Drug Development (MIDD), Step 4, January 2026, "
    "Appendix 1, which takes part of its terms from ASME V&V 40-2018"
)


def credibility_chapter(run: SavedRun, said: Credibility) -> Iterator[Block]:
    """Yield the credibility table, the tests behind the code, and the tools that it was checked against."""
    yield Heading("Appendix A. Credibility", 2, "credibility")
    yield Paragraph(
        f"The assessment table of {SOURCE}. What a person said is marked; the rest is filled from this run "
        "and from the tests of calor. Model risk is that of answering this question with the model; it is no "
        "property of the model."
    )
    yield Table(
        (words("item"), words("entry", greedy=True)),
        list(_rows(run, said)),
        title="Assessment of the evidence",
    )
    yield Table(
        (words("element"), words("in this run", greedy=True)),
        list(_evaluation(run)),
        title="Evaluation of the model and its outcomes",
    )
    summary = run.context["verification"]
    yield Table(
        (words("area"), number("tests"), words("what is tested", greedy=True)),
        [(each["area"], f"{each['tests']:,}", each["what"]) for each in summary["areas"]],
        title=f"Tests of calor, counted on {summary['date']} at commit {summary['commit']}",
    )
    yield Table(
        (words("what is checked"), words("against", greedy=True), number("cases")),
        [(each["checks"], each["tool"], f"{each['cases']:,}") for each in summary["oracles"]],
        title="Numbers that other tools computed",
    )


def _rows(run: SavedRun, said: Credibility) -> Iterator[tuple[str, str]]:
    """Yield the items of the assessment table, the last from the evaluation below."""
    asked = run.protocol.get("question") or run.result["trial"]["title"]
    yield "question of interest", _said(said.question_of_interest) if said.question_of_interest else asked
    yield "context of use", _said(said.context_of_use)
    yield "model influence", _judged(said.model_influence)
    yield "consequence of wrong decision", _judged(said.consequence_of_wrong_decision)
    yield "model risk", _risk(said)
    yield "model impact", _judged(said.model_impact)
    yield "technical criteria", _said("\n".join(said.technical_criteria))
    yield "appropriateness of proposed MIDD", _said(said.appropriateness)
    yield "evaluation of model and model outcomes", "See the next table."
    yield "outcome of the MIDD evidence assessment", _said(said.outcome)


def _evaluation(run: SavedRun) -> Iterator[tuple[str, str]]:
    yield "verification", _verification(run)
    yield "calibration", _calibration(run)
    yield "external validation", _validation(run)
    yield "uncertainty", _uncertainty(run)
    yield "applicability assessment", _applicability(run)
    yield "key assumptions", _gap(run)


def _said(words_of: str | None) -> str:
    return f"{words_of} (said by a person)" if words_of else BLANK


def _judged(judged: Judged | None) -> str:
    return _said(f"{judged.level}: {judged.because}") if judged else BLANK


def _risk(said: Credibility) -> str:
    """Return the model risk: what influence and consequence agree on, else what a person says of them."""
    if said.model_risk is not None:
        return _judged(said.model_risk)
    if said.model_influence is None or said.consequence_of_wrong_decision is None:
        return BLANK
    influence, consequence = said.model_influence.level, said.consequence_of_wrong_decision.level
    if influence == consequence:
        return f"{influence}: influence and consequence are both {influence}"
    return (
        f"Blank: influence is {influence} and consequence {consequence}; a person weighs them (model_risk)."
    )


def _verification(run: SavedRun) -> str:
    summary = run.context["verification"]
    tools = len({each["tool"] for each in summary["oracles"]})
    cases = sum(each["cases"] for each in summary["oracles"])
    return (
        f"{summary['tests']:,} tests on {summary['date']} (calor {summary['calor_version']}, commit "
        f"{summary['commit']}); {cases:,} cases against {tools} sets of other tools; listed below."
    )


def _calibration(run: SavedRun) -> str:
    fit, posterior = run.context["numbers"]["fit"], run.result["posterior"]
    if posterior["name"] == "prior":
        return "None: this run rests on the priors."
    count = f"{len(posterior['narrowed'])} of {posterior['uncertain']}"
    narrowed = f"{count} uncertain numbers narrowed by a tenth or more"
    if fit is None:
        return f"{narrowed}; the report of the fit is not at hand."
    outside = ", ".join(fit["outside_95"]) or "none"
    return (
        f"{narrowed}; {fit['targets']} published numbers of {len(fit['studies'])} studies, mean squared z "
        f"{fit['mean_squared_z']:.2f} on fresh virtual people, outside the 95 % interval: {outside}."
    )


def _validation(run: SavedRun) -> str:
    found = run.context["forecasts"]
    held = [trial for trial in found["trials"] if trial["role"] == "held-back"]
    if not held:
        return "No held-out trial has a frozen forecast."
    failed = [trial["id"] for trial in held if trial["failed"]]
    beside = [name for name in found["held_back"]["failed"] if name not in failed]
    worse = found["held_back"]["worse_than_no_effect"]
    telling = sum(bool(trial["discriminates"]) for trial in held)
    return (
        f"Forecasts frozen on {found['date']} of {len(held)} trials that the fit has not seen: "
        f"{len(failed)} failed in their main result ({', '.join(failed) or 'none'}), "
        f"{len(beside)} in another figure ({', '.join(beside) or 'none'}), and {len(worse)} did worse than "
        f"predicting no effect ({', '.join(worse) or 'none'}); {telling} of the {len(held)} could have told "
        "the effect from none, so agreement of the others is no merit."
    )


def _uncertainty(run: SavedRun) -> str:
    contrast, found = run.result["contrast"], run.result["operating_characteristics"]
    worst = found["type_one_error"]["worst_corner"]
    return (
        f"Effect {interval_text(contrast['effect_interval95'])} (95 % of what is uncertain), rivals' means "
        f"{interval_text(contrast['range_over_rivals'])}, Monte Carlo error "
        f"{contrast['monte_carlo_error']:.2f}; type I error {with_error_text(found['type_one_error'], 3)}, "
        f"at the worst corner of the nuisance parameters {with_error_text(worst, 3)}."
    )


def _applicability(run: SavedRun) -> str:
    posterior = run.result["posterior"]
    misfits = "; ".join(posterior["misfits"]) or "none"
    judged = ", ".join(posterior["drugs_resting_on_prior"]) or "none"
    fitted = set((posterior["fingerprint"] or {}).get("drugs", {}))
    unseen = [drug["id"] for drug in run.context["drugs"] if drug["id"] not in fitted]
    return (
        f"Drugs of the trial that no study of the fit gave: {', '.join(unseen) or 'none'}; drugs of which no "
        f"data have narrowed what they do: {judged}; numbers that took no part in the fit: "
        f"{len(posterior['left_to_prior'])}; model and posterior differ in: {misfits}."
    )


def _gap(run: SavedRun) -> str:
    assumed: dict[str, Any] = run.result["trial"]["assumed"]
    share = run.result["parameters"]["share_by_status"].get("assumed", 0.0)
    resting = percent_text(run.result["posterior"]["share_resting_on_prior"])
    return (
        f"{percent_text(share)} of the numbers of the disease are assumed, "
        f"{resting} of the uncertain ones of this run rest on the prior; "
        f"the protocol assumed {', '.join(assumed) or 'nothing'}."
    )
