"""Names that a person gives in a list: one that stands twice is a slip, and every face refuses it alike."""

from __future__ import annotations

from collections.abc import Sequence

from calor.core.errors import InputError


def refuse_repeated(names: Sequence[str], key: str) -> None:
    """Raise InputError, naming the key, where a name stands twice."""
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError.of(f"names {twice} twice", key=key, allowed="each once")
