"""PEtab's formulas as expressions: plain mathematics, read by its grammar and never run as code.

    scale * (A + B) + piecewise(1, time > 3 && A < 2, 0)

From tight to loose: calls and brackets, ^ (from the right), signs and !, * and /, + and -, comparisons,
&& and || (which bind alike).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from calor.core.errors import InputError, Place
from calor.engine.petab.functions import FUNCTIONS
from calor.engine.symbolic.expression import (
    FALSE,
    TIME,
    TRUE,
    Expression,
    apply,
    as_boolean,
    as_real,
    constant,
    symbol,
)
from calor.engine.symbolic.operators import Operator

LONGEST_FORMULA = 200_000
"""Characters of a formula; one that sums every species of a genome-scale model has half of these."""
DEEPEST_NESTING = 100
"""Brackets and signs inside each other."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<mark>&&|\|\||[<>=!]=|[-+*/^<>!(),]))"
)
_RESERVED: dict[str, Expression] = {
    "true": TRUE,
    "false": FALSE,
    "inf": constant(math.inf),
    "time": TIME,
}

_Rule = Callable[[Expression, Expression], Expression]


def _real(operator: Operator, *, swapped: bool = False) -> _Rule:
    def rule(first: Expression, second: Expression) -> Expression:
        pair = (second, first) if swapped else (first, second)
        return apply(operator, *map(as_real, pair))

    return rule


def _logical(operator: Operator) -> _Rule:
    return lambda first, second: apply(operator, as_boolean(first), as_boolean(second))


_LOGIC, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER = range(1, 7)
_BINARY: dict[str, tuple[int, _Rule]] = {
    "||": (_LOGIC, _logical(Operator.OR)),
    "&&": (_LOGIC, _logical(Operator.AND)),
    "<": (_COMPARISON, _real(Operator.LESS)),
    "<=": (_COMPARISON, _real(Operator.LESS_EQUAL)),
    ">": (_COMPARISON, _real(Operator.LESS, swapped=True)),
    ">=": (_COMPARISON, _real(Operator.LESS_EQUAL, swapped=True)),
    "==": (_COMPARISON, _real(Operator.EQUAL)),
    "!=": (_COMPARISON, _real(Operator.NOT_EQUAL)),
    "+": (_SUM, _real(Operator.ADD)),
    "-": (_SUM, _real(Operator.SUBTRACT)),
    "*": (_PRODUCT, _real(Operator.MULTIPLY)),
    "/": (_PRODUCT, _real(Operator.DIVIDE)),
    "^": (_POWER, _real(Operator.POWER)),
}


def read_formula(text: str, place: Place) -> Expression:
    """Return a formula as a real number; raises InputError, with the column, for what is not its grammar."""
    if len(text) > LONGEST_FORMULA:
        raise InputError.of(
            f"has {len(text):,} characters", file=place.file, line=place.line, key=place.key,
            allowed=f"up to {LONGEST_FORMULA:,}",
        )  # fmt: skip
    return as_real(_Reader(text, place).whole())


@dataclass
class _Reader:
    """Reads one formula from left to right."""

    text: str
    place: Place

    def __post_init__(self) -> None:
        self._depth = 0
        self._end = 0
        self._token: re.Match[str] | None = None
        self._advance()

    def whole(self) -> Expression:
        """Return the whole text as an expression."""
        read = self._operand(0)
        if self._token is not None:
            raise self._wrong(f"{self._word!r} follows where the formula ended")
        return read

    @property
    def _word(self) -> str:
        return self._token.group().strip() if self._token is not None else ""

    def _advance(self) -> None:
        if not self.text[self._end :].strip():
            self._token = None
            return
        found = _TOKEN.match(self.text, self._end)
        if found is None:
            wrong = self.text[self._end :].split()[0][:20]
            raise self._wrong(f"{wrong!r} is no number, name or sign of a formula")
        self._token, self._end = found, found.end()

    def _wrong(self, what: str) -> InputError:
        column = (self._token.start() if self._token is not None else self._end) + 1
        return InputError.of(
            f"{what}, at character {column} of {self.text[:60]!r}",
            file=self.place.file, line=self.place.line, key=self.place.key,
            allowed="PEtab's mathematics: + - * / ^, comparisons, && || !, brackets, its functions",
            hint="powers are written ^" if "**" in self.text else None,
        )  # fmt: skip

    def _operand(self, level: int) -> Expression:
        """Return what is bound more tightly than a level."""
        self._depth += 1
        if self._depth > DEEPEST_NESTING:
            raise self._wrong(f"more than {DEEPEST_NESTING} brackets and signs stand inside each other")
        left = self._prefixed()
        while self._token is not None and self._word in _BINARY and _BINARY[self._word][0] > level:
            binding, rule = _BINARY[self._word]
            self._advance()
            left = rule(left, self._operand(binding - 1 if binding == _POWER else binding))
        self._depth -= 1
        return left

    def _prefixed(self) -> Expression:
        word = self._word
        if word in {"+", "-", "!"}:
            self._advance()
            operand = self._operand(_SIGN)
            if word == "!":
                return ~as_boolean(operand)
            return -as_real(operand) if word == "-" else as_real(operand)
        return self._atom()

    def _atom(self) -> Expression:
        token = self._token
        if token is None:
            raise self._wrong(
                "the formula ends where a value is missing" if self.text.strip() else "is empty"
            )
        if token["number"] is not None:
            self._advance()
            return constant(float(token["number"]))
        if token["name"] is not None:
            return self._named(token["name"])
        if self._word != "(":
            raise self._wrong(f"{self._word!r} stands where a value is missing")
        self._advance()
        inside = self._operand(0)
        self._expect(")")
        return inside

    def _named(self, name: str) -> Expression:
        self._advance()
        if self._word == "(":
            return self._call(name)
        if name.lower() == "nan":
            raise self._wrong("NaN is no value of a formula")
        return _RESERVED[name] if name in _RESERVED else symbol(name)

    def _call(self, name: str) -> Expression:
        if name not in FUNCTIONS:
            raise self._wrong(f"{name} is not one of PEtab's functions ({', '.join(FUNCTIONS)})")
        self._advance()
        arguments = [self._operand(0)]
        while self._word == ",":
            self._advance()
            arguments.append(self._operand(0))
        function = FUNCTIONS[name]
        if not function.takes(len(arguments)):
            raise self._wrong(f"{name} takes {function.arguments} arguments, got {len(arguments)}")
        self._expect(")")
        return function.rule(arguments)

    def _expect(self, mark: str) -> None:
        if self._word != mark:
            raise self._wrong(f"{mark!r} is missing")
        self._advance()
