"""A command group that imports a subcommand's module when it is used, so that help answers at once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        if self._table:
            with formatter.section("Commands"):
                formatter.write_dl([(name, help_line) for name, (_, help_line) in self._table.items()])
