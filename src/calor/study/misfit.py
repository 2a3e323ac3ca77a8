"""What does not fit in a study: parts that are sound each and break a rule together."""

from __future__ import annotations

from dataclasses import dataclass

from calor.core.documents import Key


@dataclass(frozen=True)
class Misfit:
    """One rule that is broken: what, at which key of the study, and what is allowed."""

    what: str
    key: Key
    allowed: str | None = None
