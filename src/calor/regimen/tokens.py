"""The words of a regimen's text, each with its place, and errors that point at it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from calor.core.errors import InputError, Place, Problem

_NUMBER = r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+"
_TOKEN = re.compile(rf"\s*(?P<token>{_NUMBER}|[^\W\d_]+|\S)")


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
            Token(match["token"].lower().replace("µg", "ug").replace("μg", "ug"), match.start("token"))
            for match in _TOKEN.finditer(text)
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

    def _ends_decimal_comma(self) -> bool:
        """Say whether `0,4` stands at the cursor with a word after it that is no time."""
        following = self._tokens[self._index + 1 : self._index + 4]
        words = [token.text for token in following]
        return (
            len(words) == 3 and words[1][0].isdigit() and words[2] in {"mg", "g", "ug", "mcg", "h", "plasma"}
        )

    def number(self, what: str, *, positive: bool = True) -> float:
        """Return the number under the cursor and step past it. Raises InputError where there is none."""
        value = self.here.number if self.here else None
        if value is None:
            raise self.error(f"{what} is missing", allowed="a number such as 40 or 0.5")
        if self.peek(",", ahead=1) and self._ends_decimal_comma():
            raise self.error("a number has a comma in it", hint="write decimals with a point: 0.5")
        if positive and value == 0:
            raise self.error(f"{what} is 0", allowed="a number above 0")
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

    def unknown(self, wanted: str, words: Iterable[str]) -> InputError:
        """Return the error for a token that is none of the words, with the closest as a hint."""
        allowed = sorted(set(words))
        if self.at_end():
            return self.error(f"ends where {wanted} should stand", allowed=", ".join(allowed))
        close = get_close_matches(self.word, allowed, n=1)
        hint = f"did you mean {close[0]}?" if close else None
        return self.error(f"`{self.word}` is not {wanted}", allowed=", ".join(allowed), hint=hint)
