"""Lists of names in options, read strictly: an empty name, and one that stands twice, is a slip."""

from __future__ import annotations

from typing import Any

import click


class Names(click.ParamType):  # type: ignore[type-arg]
    """Names separated by commas, at least one."""

    name = "NAMES"

    def __init__(self, *, repeated: bool = False) -> None:
        """`repeated`: whether a name may stand twice, where its places mean something."""
        self._repeated = repeated

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the names without the blanks around them."""
        if isinstance(value, tuple):
            return value
        names = [name.strip() for name in str(value).split(",")]
        if not all(names):
            self.fail(f"{value!r} has an empty name; allowed: names separated by commas", param, ctx)
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None and not self._repeated:
            self.fail(f"{value!r} names {twice} twice; allowed: each name once", param, ctx)
        return tuple(names)
