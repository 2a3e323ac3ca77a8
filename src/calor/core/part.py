"""What every part of a document's schema shares: no unknown keys, numbers that are numbers, no change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from calor.core.documents import Key, MisfitError


class Part(BaseModel):
    """A part of a document: unknown keys are refused, and nothing changes after it was read.

    A number is finite, and true or false is none, though the schema library would read it as 1 or 0.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _truth_is_no_number(cls, given: Any) -> Any:
        if isinstance(given, dict):
            for name, info in cls.model_fields.items():
                if "bool" not in str(info.annotation):
                    for key, value in _truths(given.get(name), (name,)):
                        raise MisfitError(f"is {str(value).lower()}, where nothing is true or false", *key)
        return given


def _truths(value: Any, key: Key) -> Iterator[tuple[Key, bool]]:
    """Yield every true or false in a value or a list of values, with its key."""
    if isinstance(value, bool):
        yield key, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _truths(item, (*key, index))
