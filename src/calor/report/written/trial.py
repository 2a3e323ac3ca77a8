"""The report of a trial: its chapters in the order in which a board reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calor.report.answer import answer_of
from calor.report.blocks import Block, Heading, Items, Paragraph, Tone
from calor.report.credibility_file import Credibility
from calor.report.numbers import percentages
from calor.report.page import Page
from calor.report.pictures import numbers
from calor.report.tables import Table, number, words
from calor.report.trial_pictures import basis, contrast, courses, exposure, outcomes, within
from calor.report.trial_remarks import (
    DISCLAIMER,
    RIVALS_LEGEND,
    origin_text,
    resting_remark,
    role_text,
    warning_remarks,
)
from calor.report.trial_table import (
    arms_table,
    contrast_table,
    contrasts_table,
    design_table,
    rivals_table,
    subgroups_tables,
)
from calor.report.written.credibility import credibility_chapter
from calor.report.written.evidence import evidence_chapter
from calor.report.written.harms import harm_chapter
from calor.report.written.protocol import protocol_chapter
from calor.report.written.provenance import provenance_chapter
from calor.store.saved_run import SavedRun


def trial_page(run: SavedRun, credibility: Credibility) -> Page:
    """Return the report of a trial, from its run folder alone and what a person said of its use."""
    result = run.result
    trial = result["trial"]
    about = (
        f"{trial['id']} · {trial['design']} · {trial['patients']:,} patients · {trial['endpoint']} · "
        f"{trial['analysis']}",
        f"{result['status']} · {origin_text(result['posterior'])} · {role_text(result)}",
        f"Simulated by calor {result['provenance']['calor_version']} on {_day(result)}. {DISCLAIMER}",
    )
    blocks = (
        *_answer(run),
        *_basis(run),
        *protocol_chapter(run),
        *_people(run),
        *_results(run),
        *_rivals(run),
        *_what_would_change(run),
        *evidence_chapter(run),
        *harm_chapter(run),
        *_limits(run),
        *credibility_chapter(run, credibility),
        *provenance_chapter(run),
    )
    return Page(trial["title"], about, blocks, DISCLAIMER, _day(result))


def _day(result: dict[str, Any]) -> str:
    return str(result["provenance"]["started"])[:10]


def _answer(run: SavedRun) -> Iterator[Block]:
    answer = answer_of(run.result, run.context)
    yield Heading("Answer", 2, "answer")
    for sentence in answer.sentences:
        yield Paragraph(sentence, Tone.ANSWER)
    yield Paragraph(
        f"Verdict{_on_what(run.result)}: {answer.verdict}. The sentences follow from stated rules, not from "
        "a person's reading.",
        Tone.NOTE,
    )


def _on_what(result: dict[str, Any]) -> str:
    """Return what the verdict is on, where a trial has several contrasts."""
    return f" on {result['contrast']['label']}" if len(result["contrasts"]) > 1 else ""


def _basis(run: SavedRun) -> Iterator[Block]:
    posterior, parameters = run.result["posterior"], run.result["parameters"]
    yield Heading("What rests on data, what on assumption", 2, "basis")
    yield from basis(run)
    yield Paragraph(resting_remark(posterior))
    rows = [(name, f"{share}%") for name, share in percentages(parameters["share_by_status"]).items()]
    yield Table((words("status", greedy=True), number("share")), rows,
                title="The numbers of the disease (calibrated: a fit narrowed them)")  # fmt: skip
    for drug in posterior["drugs_resting_on_prior"]:
        yield Paragraph(
            f"No data have narrowed what {drug} does (potency, largest effects): what is said of its effect "
            "is a judgement about the drug, carried through the model.",
            Tone.WARNING,
        )
    yield from numbers(run)
    yield Paragraph("Assumed in the protocol:" if run.result["trial"]["assumed"] else _NOTHING_ASSUMED)
    if run.result["trial"]["assumed"]:
        yield Items([f"{key}: {reason}." for key, reason in run.result["trial"]["assumed"].items()])


_NOTHING_ASSUMED = "The protocol declares nothing as assumed."


def _people(run: SavedRun) -> Iterator[Block]:
    found = run.result["population"]
    yield Heading("The virtual patients", 2, "people")
    yield Paragraph(
        f"Screened {found['screened']:,} virtual people; {found['enrolled']:,} were eligible on their "
        f"measured values and were followed under every arm; {found['failed_simulations']:,} could not be "
        "simulated. "
        f"They live in {found['cells']:,} worlds (draws of what is uncertain about everybody, under a rival "
        f"explanation); {found['cells_without_enough_patients']:,} worlds had too few eligible people."
    )
    columns = (words("at screening", greedy=True), *map(number, ("5 %", "25 %", "median", "75 %", "95 %")))
    rows = [
        (f"{each['is']} ({each['unit']})", *(f"{value:.2f}" for value in each["quantiles"]))
        for each in run.context.get("people", ())
    ]
    yield Table(columns, rows, title="Eligible virtual patients as measured, quantiles over people")
    own = next((each for each in _records(run) if each["id"] == run.context["evidence"]["own"]), None)
    if own is None or not own["enrolled"]:
        yield Paragraph("No enrolled people are on record to compare them with.")
        return
    enrolled = [(key, value) for key, value in own["enrolled"].items()]
    yield Table((words("of those enrolled"), words("as read", greedy=True)), enrolled,
                title=f"The people of {own['id']}, as far as they were read")  # fmt: skip


def _records(run: SavedRun) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = run.context.get("evidence", {}).get("records", [])
    return records


def _results(run: SavedRun) -> Iterator[Block]:
    yield Heading("Results", 2, "results")
    yield from within(run)
    yield from outcomes(run)
    yield contrast_table(run.result)
    if len(run.result["contrasts"]) > 1:
        yield contrasts_table(run.result)
    yield arms_table(run.result)
    yield from courses(run)
    yield Heading("How the design performs", 3, "design-performance")
    yield design_table(run.result)
    yield from exposure(run)


def _rivals(run: SavedRun) -> Iterator[Block]:
    yield Heading("Rival explanations and sensitivity", 2, "rivals")
    yield Paragraph(RIVALS_LEGEND)
    yield from contrast(run)
    yield rivals_table(run.result)
    found = run.context.get("rivals", {})
    rows = [
        (rival["name"], rival["says"], _power(found.get(rival["name"], {}))) for rival in run.result["rivals"]
    ]
    yield Table((words("rival"), words("what it says", greedy=True), number("power")), rows,
                title="What each rival says, and the power under it")  # fmt: skip
    yield from subgroups_tables(run.result)


def _power(found: dict[str, Any]) -> str:
    return "not quoted" if found.get("power") is None else f"{found['power']:.2f}"


def _what_would_change(run: SavedRun) -> Iterator[Block]:
    """Yield what would change the answer; a ranking of next studies (calor next) belongs at its end."""
    result = run.result
    posterior = result["posterior"]
    yield Heading("What would change the answer", 2, "change")
    entries = [
        f"Data on what {drug} does in people: nothing has narrowed it yet."
        for drug in posterior["drugs_resting_on_prior"]
    ]
    means = {rival["name"]: rival["predicted_mean"] for rival in result["rivals"]}
    if len(means) > 1:
        low, high = min(means, key=lambda name: means[name]), max(means, key=lambda name: means[name])
        entries.append(
            f"A study that tells {low} (mean effect {means[low]:+.2f}) from {high} ({means[high]:+.2f}): the "
            "answer differs most between them."
        )
    entries += [f"{each['id']}: {', '.join(each['not_read'])}." for each in _records(run) if each["not_read"]]
    yield Items(entries or ["Nothing that this run holds: no drug rests on judgement alone."])


def _limits(run: SavedRun) -> Iterator[Block]:
    yield Heading("Limits", 2, "limits")
    for warning in warning_remarks(run.result):
        yield Paragraph(warning, Tone.WARNING)
    for misfit in run.result["posterior"]["misfits"]:
        yield Paragraph(f"The posterior was made of another model: {misfit}.", Tone.WARNING)
    yield Items(
        [
            "A prediction is of virtual people whose disease follows the equations of the model; what the "
            "equations leave out is in no interval.",
            "An interval of the effect spans draws of what is uncertain and the rival explanations; one of a "
            "trial's result adds who is enrolled and how the measurements scatter. They are never mixed.",
            "Monte Carlo errors stand after ±.",
            *(f"Forecasts: since they were frozen, {each}." for each in run.context["forecasts"]["stale"]),
        ]
    )
