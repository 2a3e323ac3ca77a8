"""What holds for every command: numbers are read strictly, rules name real options, help answers."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from calor.cli.options import rules_of
from calor.cli.root import calor_command
from tests.cli.conftest import Calor


def all_commands(
    group: click.Group = calor_command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from all_commands(command, (*path, name))


COMMANDS = dict(all_commands())
OPTIONS = [
    pytest.param(option, id=f"{' '.join(path)} {option.opts[0]}")
    for path, command in COMMANDS.items()
    for option in command.params
    if isinstance(option, click.Option)
]
RULES = [
    pytest.param(path, rule, id=f"{' '.join(path)} {rule.option}")
    for path, command in COMMANDS.items()
    for rule in rules_of(command)
]


@pytest.mark.parametrize("option", OPTIONS)
def test_no_option_reads_numbers_loosely(option: click.Option) -> None:
    assert not isinstance(option.type, click.types.FloatParamType | click.types.IntParamType)


def arguments_for(path: tuple[str, ...], name: str) -> list[str]:
    """Return arguments that give a parameter of a command some value of its type."""
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Option) and name in parameter.opts:
            if parameter.is_flag:
                return [name]
            if isinstance(parameter.type, click.Choice):
                return [name, str(parameter.type.choices[0])]
            low = getattr(parameter.type, "low", None)
            return [name, "x" if low is None else str(low)]
    return ["x"]


def required_of(path: tuple[str, ...]) -> list[str]:
    arguments: list[str] = []
    for parameter in COMMANDS[path].params:
        if parameter.required:
            arguments += ["x"] if isinstance(parameter, click.Argument) else [parameter.opts[0], "x"]
    return arguments


@pytest.mark.parametrize(("path", "rule"), RULES)
def test_every_rule_refuses_before_anything_is_done(
    calor: Calor, path: tuple[str, ...], rule: object
) -> None:
    option = str(getattr(rule, "option", ""))
    partners: tuple[str, ...] = getattr(rule, "partners", ())
    together = bool(getattr(rule, "together", False))
    needless = [[]] if together else [arguments_for(path, partner) for partner in partners]
    for beside in needless:
        outcome = calor(*path, *required_of(path), *arguments_for(path, option), *beside)
        assert outcome.code == 2
        assert outcome.out == ""
        assert f"{option} does nothing" in outcome.err, outcome.err


@pytest.mark.parametrize("path", COMMANDS)
def test_help_shows_an_example(calor: Calor, path: tuple[str, ...]) -> None:
    outcome = calor(*path, "--help")
    assert outcome.code == 0
    assert "Example" in outcome.out
