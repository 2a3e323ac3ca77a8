"""Hints can be followed: a command or an option that a message names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import calor
from calor.cli.root import calor_command

SOURCES = sorted(Path(next(iter(calor.__path__))).rglob("*.py"))


def texts(tree: ast.Module) -> Iterator[str]:
    """Yield the strings that a module can say: constants, and the constant parts around what is filled in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
            yield "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def command_at(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that words lead to, and the words that are left."""
    command: click.Command = calor_command
    while isinstance(command, click.Group) and words:
        inner = command.get_command(click.Context(command), words[0])
        if inner is None:
            break
        command, words = inner, words[1:]
    return command, words


def calls() -> Iterator[tuple[str, str]]:
    """Yield what messages and help name as a call of calor, with the file it stands in."""
    for path in SOURCES:
        for text in texts(ast.parse(path.read_text(encoding="utf-8"))):
            for match in re.finditer(r"(?:^|[`:,(·] ?|or |example: |see )calor ([a-z]+[^`·;()\n]*)", text):
                yield match[1], path.name


CALLS = sorted(set(calls()))


def test_there_are_calls_to_check() -> None:
    assert len(CALLS) > 40


@pytest.mark.parametrize(("call", "file"), CALLS)
def test_a_call_that_is_named_can_be_made(call: str, file: str) -> None:
    words = call.split()
    first = words[0].strip(",.:")
    names = calor_command.list_commands(click.Context(calor_command))
    if first not in names:
        assert not any(word.startswith("--") for word in words), f"{file}: calor {call}"
        return
    command, left = command_at([first, *words[1:]])
    options = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
    for word in left:
        option = re.match(r"--[a-z][a-z0-9-]*", word)
        if option is not None:
            assert option[0] in options, f"{file}: calor {call}"


OPTION_HINTS = sorted(
    {
        (option, path.name)
        for path in SOURCES
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+[a-z]", text)
    }
)


def every_option(command: click.Command = calor_command) -> Iterator[str]:
    for parameter in command.params:
        yield from parameter.opts
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from every_option(inner)


EVERY_OPTION = {*every_option(), "--help", "--version"}


@pytest.mark.parametrize(("option", "file"), OPTION_HINTS)
def test_an_option_that_is_named_exists(option: str, file: str) -> None:
    assert option in EVERY_OPTION, file
