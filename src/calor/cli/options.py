"""Options that would do nothing are refused by name, by one rule for every command.

An option counts as given when the person wrote it, whatever its value; a default never does. Where what an
option needs can be said in one line, `needs` and `excludes` stand above the command and can be listed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from calor.core.errors import InputError

Command = TypeVar("Command", bound=Callable[..., Any])


def given(*options: str) -> tuple[str, ...]:
    """Return which of some options of the running command the person wrote, in this order.

    Options are named as they are typed (`--end`), arguments as the usage line shows them (`ID`).
    """
    context = click.get_current_context()
    names = {flag: parameter.name for parameter in context.command.params for flag in _names(parameter)}
    missing = [option for option in options if option not in names]
    if missing:
        raise ValueError(f"{context.command_path} has no option {', '.join(missing)}")
    return tuple(
        option
        for option in options
        if context.get_parameter_source(names[option] or "")
        not in {ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP, None}
    )


def refuse_options(options: tuple[str, ...], why: str, *, hint: str | None = None) -> None:
    """Raise InputError naming those of some options that were given though they have no effect.

    Arguments: the options as people write them (`--end`); why they have none, after which reads the message
    (`without --events`); and what to do instead.
    """
    found = given(*options)
    if found:
        does = "does" if len(found) == 1 else "do"
        raise InputError.of(
            f"{', '.join(found)} {does} nothing {why}",
            hint=hint or f"leave {'it' if len(found) == 1 else 'them'} out",
        )


def refuse_two_outputs(csv_path: str | None, as_json: bool) -> None:
    """Raise InputError where CSV and JSON would both go to stdout; CSV in a file beside JSON is fine."""
    if csv_path == "-" and as_json:
        raise InputError.of(
            "--csv - and --json both write to stdout",
            allowed="one of them, or --csv FILE with --json",
        )


@dataclass(frozen=True)
class Rule:
    """What an option goes with: `partners` of which one is needed, or beside which it has no effect."""

    option: str
    partners: tuple[str, ...]
    together: bool

    def check(self) -> None:
        """Raise InputError where what was given to the running command breaks the rule."""
        beside = given(*self.partners)
        if self.together and not beside:
            partners = " or ".join(self.partners)
            refuse_options((self.option,), f"without {partners}", hint=f"add {partners}, or leave it out")
        if not self.together and beside:
            refuse_options((self.option,), f"beside {beside[0]}", hint="leave one of the two out")


def needs(option: str, *partners: str) -> Callable[[Command], Command]:
    """Refuse an option that is given without any of its partners, since it would do nothing."""
    return _ruled(Rule(option, partners, together=True))


def excludes(option: str, *partners: str) -> Callable[[Command], Command]:
    """Refuse an option that is given beside any of its partners, since one of them would do nothing."""
    return _ruled(Rule(option, partners, together=False))


def rules_of(command: click.Command) -> tuple[Rule, ...]:
    """Return the rules that stand above a command, in that order."""
    return tuple(getattr(command.callback, "__option_rules__", ()))


def _ruled(rule: Rule) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        @wraps(command)
        def checked(*arguments: Any, **settings: Any) -> Any:
            rule.check()
            return command(*arguments, **settings)

        ruled: Any = checked
        ruled.__option_rules__ = (rule, *getattr(command, "__option_rules__", ()))
        decorated: Command = ruled
        return decorated

    return decorate


def _names(parameter: click.Parameter) -> tuple[str, ...]:
    """Return the names of a parameter as people meet them."""
    if isinstance(parameter, click.Argument):
        return ((parameter.metavar or parameter.name or "").strip("[].").upper(),)
    return (*parameter.opts, *parameter.secondary_opts)
