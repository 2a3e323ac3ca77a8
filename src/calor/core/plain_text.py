"""Text from people and files made harmless for a terminal, and writable where it knows ASCII alone."""

from __future__ import annotations

import codecs
import unicodedata

UNSHOWABLE = "\N{REPLACEMENT CHARACTER}"
"""What stands for a character that would move the cursor, ring, hide or reverse text."""

_ASCII = {
    "±": "+/-", "·": "|", "×": "x", "–": "-", "—": "-", "−": "-", "…": "...", "→": "->", "←": "<-",
    "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "‘": "'", "’": "'", "“": '"', "”": '"', "µ": "u", "μ": "u",
    "√": "sqrt", "∞": "inf", "•": "-", "°": " deg",
}  # fmt: skip

_BIDIRECTIONAL = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}

ERRORS = "calor-terminal"
"""The name of the error handler by which a stream writes what its encoding lacks."""


def without_controls(text: str) -> str:
    """Return text in which control characters, other than line ends and tabs, are shown and not obeyed."""
    if text.isprintable():
        return text
    return "".join(UNSHOWABLE if _is_control(character) else character for character in text)


def _is_control(character: str) -> bool:
    if character in "\n\t":
        return False
    return unicodedata.category(character) in {"Cc", "Cs"} or ord(character) in _BIDIRECTIONAL


def in_ascii(text: str) -> str:
    """Return text in ASCII: signs in their usual spelling, letters without accents, `?` for the rest."""
    spelt = "".join(_ASCII.get(character, character) for character in text)
    letters = unicodedata.normalize("NFKD", spelt)
    plain = (character for character in letters if not unicodedata.combining(character))
    return "".join(character if character.isascii() else "?" for character in plain)


def _spelt_out(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return in_ascii(error.object[error.start : error.end]), error.end


codecs.register_error(ERRORS, _spelt_out)
