"""Numbers of options, read strictly: click's own types take NaN, infinity and numbers of any length."""

from __future__ import annotations

import math
import re
from typing import Any

import click

from calor.core import bounds
from calor.core.bounds import Bounds, short

LARGEST = bounds.ANY_NUMBER.high
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
        if self.above:
            return f"above {short(self.low)}, at most {short(self.high)}"
        return Bounds(self.low, self.high).span

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """Return what the help shows for the value."""
        shown = f"{short(self.low)}..{short(self.high)}"
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

    def __init__(self, low: float, high: float) -> None:
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


SEED = Whole(*bounds.SEED)
WORKERS = Whole(*bounds.WORKERS)


def _clipped(text: str) -> str:
    return repr(text if len(text) <= LONGEST_NUMERAL else f"{text[:LONGEST_NUMERAL]}...")
