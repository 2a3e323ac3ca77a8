"""What every part of a protocol shares: no unknown keys, and nothing changes after it was read."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a protocol: no unknown keys, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
