"""What a protocol in the browser starts from: an example of each design, and every published trial."""

from __future__ import annotations

from dataclasses import dataclass

from calor.app.failures import AbsentError
from calor.study.library import trial_ids
from calor.trial.protocols.published import published_protocol
from calor.trial.protocols.template import protocol_text

PARALLEL = "design: {type: parallel}\n"
ONE_SIDED = ("  sided: 2\n", "  sided: 1\n")


@dataclass(frozen=True)
class Start:
    """Something to start from: its name in addresses, what it is called, and what it is for."""

    name: str
    title: str
    about: str


@dataclass(frozen=True)
class _Design:
    """A design as it is put into the template: its line there, and what else changes with it."""

    title: str
    about: str
    line: str
    changes: tuple[tuple[str, str], ...] = ()


DESIGNS = {
    "parallel": _Design("Parallel", "each patient gets one arm", PARALLEL),
    "crossover": _Design(
        "Crossover", "each patient gets every arm",
        "design: {type: crossover, period_days: 42, washout_days: 56}\n",
        (("  method: ancova ", "  method: crossover "),),
    ),
    "group-sequential": _Design(
        "Group-sequential", "looks on the way; may stop early",
        "design: {type: group-sequential, looks: [0.5, 1.0], spending: asOF, futility: [0.0]}\n",
        (ONE_SIDED,),
    ),
    "sample-size-reestimation": _Design(
        "Size set again", "from the spread at an interim",
        "design: {type: sample-size-reestimation, interim_patients: 50, most_patients: 200, "
        "assumed_difference: 1, power: 0.8}\n",
    ),
    "adaptive-enrichment": _Design(
        "Enrichment", "may go on in a subgroup alone",
        "design: {type: adaptive-enrichment, subgroup: {by: duration, below: 36}, interim_patients: 50}\n",
        (ONE_SIDED,),
    ),
}  # fmt: skip

QUESTIONS = (
    Start("kalita-2006", "Early prednisolone", "against piroxicam"),
    Start("goebel-2017-lips", "Immunoglobulin, long-standing", "against placebo"),
)
"""Published trials that come first."""

FIRST = "parallel"


def designs() -> tuple[Start, ...]:
    """Return an example of each design."""
    return tuple(Start(name, design.title, design.about) for name, design in DESIGNS.items())


def published() -> tuple[Start, ...]:
    """Return every published trial."""
    return tuple(Start(name, name, published_protocol(name).title) for name in trial_ids())


def text_of(name: str) -> str:
    """Return a protocol to start from. Raises AbsentError, with what there is, for any other name."""
    if name in trial_ids():
        return protocol_text(name)
    design = DESIGNS.get(name)
    if design is None:
        raise AbsentError.of(
            f"there is nothing {name!r} to start from", allowed=", ".join((*DESIGNS, *trial_ids()))
        )
    text = protocol_text().replace(PARALLEL, design.line, 1)
    for old, new in design.changes:
        text = text.replace(old, new, 1)
    return text
