"""Protocols for programs: checked, and not run."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from calor.app.protocols import sent_protocol
from calor.app.v1.problems import problems

router = APIRouter(tags=["protocols"])


MOST_LETTERS = 80_000
"""Of a protocol: as JSON's escapes, 12 bytes a letter, they fit a body (`Limits.body_bytes`)."""


class SentProtocol(BaseModel):
    """A protocol as its YAML text."""

    model_config = ConfigDict(extra="forbid")
    protocol: str = Field(max_length=MOST_LETTERS)


@router.post("/protocols:validate", responses=problems(400, 403, 413, 415, 422))
def validate(sent: SentProtocol) -> dict[str, Any]:
    """Check a protocol: every problem with its line and key, as `calor trial` says them."""
    found = sent_protocol(sent.protocol)
    return {"valid": True, "id": found.id, "title": found.title, "design": found.design.type}
