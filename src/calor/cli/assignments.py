"""The option `--set NAME=VALUE`: a number of the model held at another value, read strictly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from calor.cli.number_types import Number
from calor.core.errors import InputError

Command = TypeVar("Command", bound=Callable[..., Any])

_NUMBER = Number()


class Assignment(click.ParamType):  # type: ignore[type-arg]
    """A name and a finite number, NAME=VALUE."""

    name = "NAME=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        """Return the name and the number."""
        if isinstance(value, tuple):
            return value
        name, equals, number = str(value).partition("=")
        if not equals or not name.strip():
            self.fail(f"{value!r} is not NAME=VALUE, as clearance=0.2", param, ctx)
        return name.strip(), _NUMBER.convert(number, param, ctx)


def set_option(what: str) -> Callable[[Command], Command]:
    """Give a command the option --set, which may be repeated. Arguments: what it sets, for the help."""
    return click.option(
        "--set", "assignments", type=Assignment(), multiple=True, metavar="NAME=VALUE",
        help=f"Hold {what} at a value; may be repeated.",
    )  # fmt: skip


def assigned(assignments: tuple[tuple[str, float], ...]) -> dict[str, float]:
    """Return the numbers by name. Raises InputError for a name that is set twice."""
    names = [name for name, _ in assignments]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError.of(f"sets {twice} twice", key="--set", hint="leave one out")
    return dict(assignments)
