"""What a protocol in the browser starts from: one of each design, and every published trial."""

from __future__ import annotations

from dataclasses import dataclass

from calor.app.failures import AbsentError
from calor.study.library import trial_ids
from calor.trial.protocols.published import published_protocol
from calor.trial.protocols.schema import design_descriptions
from calor.trial.protocols.template import protocol_text, template_names


@dataclass(frozen=True)
class Start:
    """Something to start from: its name in addresses, what it is called, and what it is for."""

    name: str
    title: str
    about: str


QUESTIONS = (
    Start("kalita-2006", "Early prednisolone", "against piroxicam"),
    Start("goebel-2017-lips", "Immunoglobulin, long-standing", "against placebo"),
)
"""Published trials that come first."""

FIRST = "parallel"


def designs() -> tuple[Start, ...]:
    """Return one of each design, in the order of the schema."""
    names = template_names()
    return tuple(
        Start(name, name.capitalize(), about.splitlines()[0])
        for name, about in design_descriptions().items()
        if name in names
    )


def published() -> tuple[Start, ...]:
    """Return every published trial."""
    return tuple(Start(name, name, published_protocol(name).title) for name in trial_ids())


def text_of(name: str) -> str:
    """Return a protocol to start from. Raises AbsentError, with what there is, for any other name."""
    if name in trial_ids():
        return protocol_text(name)
    if name in template_names():
        return protocol_text(design=name)
    raise AbsentError.of(
        f"there is nothing {name!r} to start from", allowed=", ".join((*template_names(), *trial_ids()))
    )


def command_of(name: str) -> tuple[str, ...]:
    """Return the words of the command that writes a protocol to start from into a file."""
    option = "--like" if name in trial_ids() else "--design"
    return ("calor", "new", "protocol", option, name, "--out", "my-trial.yaml")
