"""The help of every command as one page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from calor.cli.root import calor_command
from scripts.documentation.writing import write_where_new

WIDTH = 100
INTRODUCTION = """\
# Every command

What each command answers to `--help`; this page is made from it. [The command line](command-line.md) says
what holds for all of them.
"""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command by the words that people type, a group before what is in it."""
    yield from _below("calor", calor_command)


def help_of(words: str, command: click.Command) -> str:
    """Return what a command answers to `--help`."""
    context = click.Context(command, info_name=words, terminal_width=WIDTH, max_content_width=WIDTH)
    return command.get_help(context)


def write_help_page(target: Path) -> None:
    """Write the help of every command, a section each."""
    sections = [
        f"{'##' if words.count(' ') < 2 else '###'} {words}\n\n```text\n{help_of(words, command)}\n```\n"
        for words, command in commands()
    ]
    write_where_new(target, "\n".join([INTRODUCTION, *sections]).encode())


def _below(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=words)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None, f"{words} {name}"
            yield from _below(f"{words} {name}", found)
