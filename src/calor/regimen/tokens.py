"""The words of a regimen's text, each with its place, and errors that point at it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from calor.core.errors import InputError, Place, Problem
from calor.regimen.durations import UNIT_OF_WORD
from calor.regimen.words import MASS_UNITS, NUMBER_WORDS

_NUMBER = r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+"
_DOTTED = r"(?:[^\W\d_]\.){2,}"
"""`i.v.` and `b.i.d.`, which are read without their points."""

_TOKEN = re.compile(rf"\s*(?P<token>{_NUMBER}|{_DOTTED}|[^\W\d_]+|\S)")
_LARGEST = 1e9
"""No amount, count or time of a regimen is larger."""


@dataclass(frozen=True)
class Token:
    """A number, word or sign of the text, with the position of its first character."""

    text: str
    position: int

    @property
    def number(self) -> float | None:
        """Its value, where it is a number."""
        return float(self.text) if re.fullmatch(_NUMBER, self.text) else None


class Tokens:
    """The tokens of a text under a cursor."""

    def __init__(self, text: str, place: Place) -> None:
        self._text = text
        self._place = place
        self._tokens = [
            Token(_plain(match["token"]), match.start("token")) for match in _TOKEN.finditer(text)
        ]
        self._index = 0

    @property
    def here(self) -> Token | None:
        """The token under the cursor, or None at the end."""
        return self._tokens[self._index] if self._index < len(self._tokens) else None

    @property
    def word(self) -> str:
        """The text of the token under the cursor; empty at the end."""
        return self.here.text if self.here else ""

    def at_end(self) -> bool:
        """Whether every token has been read."""
        return self._index >= len(self._tokens)

    def peek(self, *words: str, ahead: int = 0) -> bool:
        """Say whether the token at or after the cursor is one of the words."""
        index = self._index + ahead
        return index < len(self._tokens) and self._tokens[index].text in words

    def ahead(self, steps: int) -> Token | None:
        """Return the token so many steps after the cursor, or None beyond the end."""
        index = self._index + steps
        return self._tokens[index] if index < len(self._tokens) else None

    def take(self) -> Token:
        """Return the token under the cursor and step past it."""
        token = self._tokens[self._index]
        self._index += 1
        return token

    def accept(self, *words: str) -> bool:
        """Step past the token under the cursor if it is one of the words; say whether it was."""
        if self.peek(*words):
            self._index += 1
            return True
        return False

    def _comma_in_number(self) -> bool:
        """Say whether `0,4 g` or `1,000 mg` stands at the cursor: digits, comma, digits without a gap."""
        digits, comma, more, unit = (self.ahead(steps) for steps in range(4))
        if digits is None or comma is None or more is None or comma.text != "," or more.number is None:
            return False
        close = comma.position == digits.position + len(digits.text) and more.position == comma.position + 1
        return close and unit is not None and unit.text in {*MASS_UNITS, *UNIT_OF_WORD, "plasma"}

    def number(self, what: str, *, positive: bool = True) -> float:
        """Return the number under the cursor and step past it. Raises InputError where there is none."""
        value = self.here.number if self.here else None
        if value is None:
            value = NUMBER_WORDS.get(self.word)
        if value is None:
            raise self.error(f"{what} is missing", allowed="a number such as 40 or 0.5")
        if self._comma_in_number():
            raise self.error(
                "a number has a comma in it", hint="write 0.5 with a point, and 1000 without a comma"
            )
        if positive and value == 0:
            raise self.error(f"{what} is 0", allowed="a number above 0")
        if value > _LARGEST:
            raise self.error(f"{what} is too large", allowed=f"at most {_LARGEST:,.0f}")
        self._index += 1
        return value

    def error(
        self,
        what: str,
        *,
        allowed: str | None = None,
        hint: str | None = None,
        at: Token | None = None,
    ) -> InputError:
        """Return the error at a token (the one under the cursor unless given), pointing at its place."""
        token = at or self.here
        position = token.position if token else len(self._text.rstrip())
        pointer = f"{what}\n    {self._text}\n    {' ' * position}^"
        return InputError([Problem(pointer, self._place, allowed, hint)])

    def unknown(self, wanted: str, words: Iterable[str], also: Iterable[str] = ()) -> InputError:
        """Return the error for a token that is none of the words, with the closest as a hint.

        Arguments: what was wanted, the words to show, and further words that a typing error may mean.
        """
        allowed = list(dict.fromkeys(words))
        if self.at_end():
            return self.error(f"ends where {wanted} should stand", allowed=", ".join(allowed))
        close = get_close_matches(self.word, [*allowed, *also], n=1)
        hint = f"did you mean {close[0]}?" if close else None
        return self.error(f"`{self.word}` is not {wanted}", allowed=", ".join(allowed), hint=hint)


def _plain(word: str) -> str:
    """Return a word in lower case, in one spelling of micro, and without the points of `i.v.`."""
    plain = word.lower().replace("µ", "u").replace("μ", "u")
    return plain.replace(".", "") if re.fullmatch(_DOTTED, word) else plain
