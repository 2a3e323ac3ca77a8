"""A command group that imports a subcommand's module when it is used, so that help answers at once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import click

Commands = Mapping[str, tuple[str, str]]
"""Commands by name: the module under calor.cli that holds a click `command`, and one line of help."""


class LazyGroup(click.Group):
    """A group whose subcommands are named in a table and imported on first use."""

    def __init__(self, *args: Any, table: Commands, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order people meet them."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name, or None where there is none."""
        if cmd_name not in self._table:
            return None
        module, _ = self._table[cmd_name]
        command: click.Command = importlib.import_module(f"calor.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is asked for; for a name that there is not, say which there are."""
        if args and args[0] not in self._table and not args[0].startswith("-"):
            near = get_close_matches(args[0], self._table, n=1)
            says = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(self._table)}"
            ctx.fail(f"No such command {args[0]!r}; {says}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        if self._table:
            with formatter.section("Commands"):
                formatter.write_dl([(name, help_line) for name, (_, help_line) in self._table.items()])
