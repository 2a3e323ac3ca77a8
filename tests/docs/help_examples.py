"""The examples that `--help` shows under every command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click

from scripts.documentation.help_pages import commands
from tests.docs.pages import ASSIGNMENT, Command

AFTERWARDS = re.compile(r"\. | \(")
"""Where the example ends and a remark begins."""


def help_examples() -> list[Command]:
    """Return the examples of all commands."""
    return [example for words, command in commands() for example in _examples(words, command)]


def _examples(words: str, command: click.Command) -> Iterator[Command]:
    epilog = command.epilog or ""
    for example in epilog.partition(": ")[2].split(" · "):
        text = AFTERWARDS.split(ASSIGNMENT.sub("", example))[0]
        if text:
            yield Command(f"{words} --help", 1, tuple(shlex.split(text)))
