"""What the model is asked about each claim: quantities of a trial, each with the benefit that counts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from calor.core.documents import MisfitError, read_document, validate
from calor.core.part import Part
from calor.study import Endpoint, Protocol, Subgroup
from calor.trial.protocols.reading import read_protocol

FOLDER = Path(str(files("calor.trial.claims")))


class Quantity(Part):
    """One quantity that a claim is asked by.

    Arguments: what it is, in words; the benefit that counts, in its unit, towards benefit; the endpoint,
    where it is not the protocol's own; and what supports the claim: `benefit`, or that the quantity is still
    `undetermined` (a claim that more must be learnt).
    """

    asks: str = Field(min_length=1)
    at_least: float = Field(gt=0, le=100)
    endpoint: Endpoint | None = None
    supported_when: Literal["benefit", "undetermined"] = "benefit"


class Effect(Quantity):
    """The contrast of an arm with another one (without a name: the control)."""

    kind: Literal["effect"]
    arm: str
    minus: str | None = None


class Interaction(Quantity):
    """How much the contrast of an arm with control differs in a subgroup from that in everybody else."""

    kind: Literal["interaction"]
    arm: str
    more_in: Subgroup


class ShareHelped(Quantity):
    """The share of patients in whom an arm, beside control, is better by so many units of the endpoint."""

    kind: Literal["share-helped"]
    arm: str
    by: float = Field(gt=0, le=100)


class Explanation(Quantity):
    """The probability that one of some rival answers to a question is right."""

    kind: Literal["explanation"]
    question: Literal["persistence", "antibody"]
    answers: tuple[str, ...] = Field(min_length=1)


AnyQuantity = Annotated[Effect | Interaction | ShareHelped | Explanation, Field(discriminator="kind")]


class Question(Part):
    """A claim's question: its id and its parts, the headline first."""

    id: str = Field(pattern=r"^S([1-9]|10)$")
    parts: tuple[AnyQuantity, ...] = Field(min_length=1)


class _Questions(Part):
    claims: tuple[Question, ...]


@cache
def load_questions() -> dict[str, Question]:
    """Return the questions by claim, S1 to S10."""
    found = validate(read_document(FOLDER / "questions.yaml"), _Questions)
    return {question.id: question for question in found.claims}


@cache
def protocol_of(claim: str) -> Protocol:
    """Return the protocol of a claim's trial."""
    return read_protocol(FOLDER / "protocols" / f"{claim}.yaml")


def with_endpoint(protocol: Protocol, endpoint: Endpoint | None) -> Protocol:
    """Return the trial with another endpoint, without visits that would not fit it.

    Raises MisfitError where the endpoint does not fit the trial.
    """
    if endpoint is None or endpoint == protocol.endpoint:
        return protocol
    if protocol.visits and protocol.visits[-1] != endpoint.to_day:
        raise MisfitError(f"the endpoint must end on the last visit, {protocol.visits[-1]}", "endpoint")
    changed = {**protocol.model_dump(mode="json"), "endpoint": endpoint.model_dump(mode="json")}
    return Protocol.model_validate(changed)
