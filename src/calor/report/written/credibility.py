"""Appendix A: the credibility of the model for this question, in the terms of ICH M15 and ASME V&V40.

Verification, calibration, validation, uncertainty, applicability and gap are filled from the run. What only
a person can say (the context of use, how much the decision leans on the model, what a wrong decision would
cost) comes from a file, and is blank without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calor.report.blocks import Block, Heading, Paragraph
from calor.report.credibility_file import LEVELS, Credibility, Judged
from calor.report.numbers import interval_text, percent_text, with_error_text
from calor.report.tables import Table, number, words
from calor.store.saved_run import SavedRun

BLANK = "Blank: only a person can say this (file: calor new credibility; then --credibility FILE)."


def credibility_chapter(run: SavedRun, said: Credibility) -> Iterator[Block]:
    """Yield the credibility table, the tests behind the code, and the tools that it was checked against."""
    yield Heading("Appendix A. Credibility", 2, "credibility")
    yield Paragraph(
        "In the terms of ICH M15 (model-informed drug development) and ASME V&V40. What a person said is "
        "marked; the rest is filled from this run and from the tests of calor."
    )
    yield Table(
        (words("element"), words("in this run", greedy=True)), list(_rows(run, said)), title="Credibility"
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
    asked = said.question or run.protocol.get("question") or run.result["trial"]["title"]
    yield "question of interest", asked
    yield "context of use", f"{said.context_of_use} (said by a person)" if said.context_of_use else BLANK
    yield "model influence", _judged(said.model_influence)
    yield "consequence of a wrong decision", _judged(said.consequence_of_wrong_decision)
    yield "model risk", _risk(said)
    yield "criteria fixed beforehand", "\n".join(said.criteria) or BLANK
    yield "verification", _verification(run)
    yield "calibration", _calibration(run)
    yield "validation", _validation(run)
    yield "uncertainty", _uncertainty(run)
    yield "applicability", _applicability(run)
    yield "gap", _gap(run)


def _judged(judged: Judged | None) -> str:
    return f"{judged.level}: {judged.because} (said by a person)" if judged else BLANK


def _risk(said: Credibility) -> str:
    """Return the model risk: the higher of influence and consequence where both were judged."""
    if said.model_influence is None or said.consequence_of_wrong_decision is None:
        return BLANK
    levels = (said.model_influence.level, said.consequence_of_wrong_decision.level)
    higher = max(levels, key=LEVELS.index)
    return f"{higher}: the higher of influence ({levels[0]}) and consequence ({levels[1]})"


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
    telling = sum(bool(trial["discriminates"]) for trial in held)
    return (
        f"Forecasts frozen on {found['date']} of {len(held)} trials that the fit has not seen: "
        f"{len(failed)} failed ({', '.join(failed) or 'none'}); {telling} of the {len(held)} could have told "
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
