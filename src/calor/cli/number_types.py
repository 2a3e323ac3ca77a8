"""What options are made of: numbers that are read strictly, and rules on which options go together.

Click's own number types take NaN, infinity and numbers of any length; an option without effect is ignored.
Here both are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from calor.core.errors import InputError

Command = TypeVar("Command", bound=Callable[..., Any])

LARGEST = 1e12
"""The bound of a number for which no narrower one is known."""
LONGEST_NUMERAL = 40
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+")


class _Bounded(click.ParamType):  # type: ignore[type-arg]
    """A number between two bounds, shown in the help as LOW..HIGH where that is short."""

    low: float
    high: float
    above: bool

    @property
    def span(self) -> str:
        """What is allowed, in words."""
        low, high = _short(self.low), _short(self.high)
        return f"above {low}, at most {high}" if self.above else f"{low} to {high}"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """Return what the help shows for the value."""
        shown = f"{_short(self.low)}..{_short(self.high)}"
        return shown if len(shown) <= 14 and not self.above else self.name.upper()

    def _within(
        self, number: float, text: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> None:
        if not (self.low < number <= self.high if self.above else self.low <= number <= self.high):
            self.fail(f"{_clipped(text)} is out of bounds; allowed: {self.span}", param, ctx)


class Number(_Bounded):
    """A finite number of an option, with a decimal point.

    Arguments: the lowest and the highest value that make sense, and whether the lowest itself is excluded.
    """

    name = "number"

    def __init__(self, low: float = -LARGEST, high: float = LARGEST, *, above: bool = False) -> None:
        self.low, self.high, self.above = low, high, above

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; NaN, infinity and what is no plain decimal number are refused."""
        text = str(value).strip()
        if len(text) > LONGEST_NUMERAL or not _DECIMAL.fullmatch(text):
            self.fail(f"{_clipped(text)} is not a number; allowed: {self.span}, as 0.5", param, ctx)
        number = float(text)
        if not math.isfinite(number):
            self.fail(f"{_clipped(text)} is out of bounds; allowed: {self.span}", param, ctx)
        self._within(number, text, param, ctx)
        return number


class Whole(_Bounded):
    """A whole number of an option. Arguments: the lowest and the highest value that make sense."""

    name = "whole"
    above = False

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the whole number, written with digits alone."""
        text = str(value).strip()
        if not _WHOLE.fullmatch(text):
            self.fail(f"{_clipped(text)} is not a whole number; allowed: {self.span}", param, ctx)
        if len(text) > LONGEST_NUMERAL:
            self.fail(f"{_clipped(text)} is out of bounds; allowed: {self.span}", param, ctx)
        self._within(int(text), text, param, ctx)
        return int(text)


SEED = Whole(0, 2**63 - 1)
"""Seeds are the whole numbers that every JSON and Parquet reader takes."""
WORKERS = Whole(1, 256)
"""Threads that one machine may have."""


def _short(value: float) -> str:
    if isinstance(value, int) and abs(value) < 10**9:
        return f"{value:,}"
    return str(value) if isinstance(value, int) else f"{value:g}"


def _clipped(text: str) -> str:
    return repr(text if len(text) <= LONGEST_NUMERAL else f"{text[:LONGEST_NUMERAL]}...")


@dataclass(frozen=True)
class Rule:
    """What an option goes with: `partners` of which one is needed, or beside which it has no effect."""

    option: str
    partners: tuple[str, ...]
    together: bool

    def check(self, context: click.Context) -> None:
        """Raise InputError where the options given break the rule."""
        if not _given(self.option, context):
            return
        given = [partner for partner in self.partners if _given(partner, context)]
        if self.together and not given:
            partners = " or ".join(self.partners)
            raise InputError.of(
                f"has no effect without {partners}", key=self.option, hint=f"add {partners}, or leave it out"
            )
        if not self.together and given:
            raise InputError.of(
                f"has no effect beside {given[0]}", key=self.option, hint="leave one of the two out"
            )


def needs(option: str, *partners: str) -> Callable[[Command], Command]:
    """Refuse an option that is given without any of its partners, since it would have no effect.

    Options are named as they are typed (`--out`), arguments by the name in the usage line (`ID`).
    """
    return _ruled(Rule(option, partners, together=True))


def excludes(option: str, *partners: str) -> Callable[[Command], Command]:
    """Refuse an option that is given beside any of its partners, since one of them would have no effect.

    Options are named as they are typed (`--csv`), arguments by the name in the usage line (`ID`).
    """
    return _ruled(Rule(option, partners, together=False))


def rules_of(command: click.Command) -> tuple[Rule, ...]:
    """Return the rules that a command has, in the order in which they stand above it."""
    return tuple(getattr(command.callback, "__option_rules__", ()))


def _ruled(rule: Rule) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        @wraps(command)
        def checked(*arguments: Any, **settings: Any) -> Any:
            rule.check(click.get_current_context())
            return command(*arguments, **settings)

        ruled: Any = checked
        ruled.__option_rules__ = (rule, *getattr(command, "__option_rules__", ()))
        decorated: Command = ruled
        return decorated

    return decorate


def _given(name: str, context: click.Context) -> bool:
    """Return whether a parameter was typed, whatever its value. A name that the command lacks is a fault."""
    for parameter in context.command.params:
        if name in (*parameter.opts, *parameter.secondary_opts, _argument_name(parameter)):
            source = context.get_parameter_source(parameter.name or "")
            return source not in {None, ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP}
    raise KeyError(f"{context.command.name} has no {name}")


def _argument_name(parameter: click.Parameter) -> str:
    """Return an argument's name as the usage line shows it, without brackets and dots."""
    return (parameter.metavar or parameter.name or "").strip("[].").upper()
