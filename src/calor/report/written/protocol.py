"""The question, the protocol and the estimand of a trial, from its own documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calor.report.blocks import Block, Heading, Paragraph
from calor.report.tables import Table, words
from calor.store.saved_run import SavedRun

EVENTS = {
    "stopping": "the treatment is stopped",
    "rescue": "a rescue analgesic is taken",
    "loss": "the patient is lost to follow-up",
}
STRATEGIES = {
    "treatment-policy": "treatment policy: the outcome whatever happened",
    "hypothetical": "hypothetical: the outcome had the event not happened",
    "composite": "composite: the event is a failure",
    "while-on-treatment": "while on treatment: the outcome up to the event",
}


def protocol_chapter(run: SavedRun) -> Iterator[Block]:
    """Yield the question, what is done to whom, and the estimand by its five attributes."""
    protocol = run.protocol
    yield Heading("Question, protocol and estimand", 2, "protocol")
    yield Paragraph(protocol.get("question") or "The protocol states no question.")
    yield Table((words(""), words("in this trial", greedy=True)), list(_rows(run)), title="The protocol")
    yield estimand_table(run)


def _rows(run: SavedRun) -> Iterator[tuple[str, str]]:
    protocol = run.protocol
    design, allocation = protocol["design"], protocol["allocation"]
    yield "design", ", ".join(_entries(design, {"type": "{}"}))
    for arm in protocol["arms"]:
        yield f"arm {arm['name']}", treatments_text(arm)
    ratio = ":".join(f"{part:g}" for part in allocation["ratio"]) if allocation["ratio"] else "equal"
    strata = (
        f", stratified by {', '.join(value_text(each) for each in allocation['strata'])}"
        if allocation["strata"]
        else ""
    )
    yield "allocation", f"{ratio}, blocks of {allocation['block_size'] or 'the smallest size'}{strata}"
    yield "patients", f"{protocol['patients']:,}"
    yield "entry", entry_text(protocol)
    yield "endpoint", run.result["trial"]["endpoint"]
    if protocol["visits"]:
        yield "visits", f"days {', '.join(map(str, protocol['visits']))}"
    analysis = protocol["analysis"]
    test = f"level {analysis['alpha']:g}, {analysis['sided']}-sided"
    yield (
        "analysis",
        f"{analysis['method']}, {test}, missing: {analysis['missing']}",
    )
    for key, value in protocol["conduct"].items():
        if value not in (None, 0, {}, 1.0):
            yield f"conduct: {key.replace('_', ' ')}", value_text(value)


def treatments_text(arm: dict[str, Any]) -> str:
    """Return what an arm is given, in words."""
    given = "; ".join(f"{each['drug']} {each['regimen']}" for each in arm["treatments"])
    return given or "no drug of the trial (placebo where the arms are blinded)"


def entry_text(protocol: dict[str, Any]) -> str:
    """Return who may enter, in words."""
    population = protocol["population"]
    months, pain = population["duration_months"], population["pain_nrs"]
    words_of = [
        f"CRPS of {months['at_least']:g} to {months['at_most']:g} months",
        f"mean pain {pain['at_least']:g} to {pain['at_most']:g} of 10 over {pain['run_in_days']} days",
    ]
    for name, limits in population.items():
        if name not in {"duration_months", "pain_nrs"} and limits:
            words_of.append(f"{name.replace('_', ' ')} {value_text(limits)}")
    return "; ".join(words_of)


def estimand_table(run: SavedRun) -> Table:
    """Return the estimand by the five attributes of ICH E9(R1)."""
    protocol, result = run.protocol, run.result
    arms = [f"{arm['name']}: {treatments_text(arm)}" for arm in protocol["arms"]]
    events = [f"{EVENTS[key]}: {STRATEGIES[value]}" for key, value in protocol["estimand"].items()]
    summaries = [f"{contrast['label']}, in {contrast['unit']}" for contrast in result["contrasts"]]
    rows = (
        ("treatment", "\n".join(arms)),
        ("population", entry_text(protocol)),
        ("variable", result["trial"]["endpoint"]),
        ("intercurrent events", "\n".join(events)),
        ("population-level summary", "\n".join(summaries)),
    )
    return Table((words("attribute"), words("in this trial", greedy=True)), rows,
                 title="Estimand, by the attributes of ICH E9(R1)")  # fmt: skip


def _entries(part: dict[str, Any], first: dict[str, str]) -> Iterator[str]:
    for key, value in part.items():
        if key in first:
            yield first[key].format(value)
        elif value is not None:
            yield f"{key.replace('_', ' ')} {value_text(value)}"


def value_text(value: Any) -> str:
    """Return any value of a protocol as people read it."""
    if isinstance(value, dict):
        return ", ".join(
            f"{key.replace('_', ' ')} {value_text(each)}" for key, each in value.items() if each is not None
        )
    if isinstance(value, list):
        return ", ".join(value_text(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
