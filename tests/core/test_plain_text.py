"""Text of people is shown and never obeyed, in any encoding."""

from __future__ import annotations

import pytest

from calor.core.plain_text import ERRORS, in_ascii, without_controls


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\x1b]0;title\x07", "a\rb", "\x9b31m", "\u202eabc", "\x00", "\ud800"]
)
def test_control_characters_are_shown(text: str) -> None:
    shown = without_controls(text)
    assert len(shown) == len(text)
    assert "\ufffd" in shown
    assert without_controls(shown) == shown


@pytest.mark.parametrize("text", ["plain", "two\nlines\tand a tab", "±0.5 · Müller", "🦵 [/x] [high]"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert without_controls(text) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [("0.28 ± 0.02", "0.28 +/- 0.02"), ("Müller", "Muller"), ("a · b", "a | b"), ("🦵", "?")],
)
def test_ascii_spells_signs_out(text: str, plain: str) -> None:
    assert in_ascii(text) == plain
    assert text.encode("ascii", errors=ERRORS).decode() == plain


def test_what_utf8_cannot_hold_is_written_too() -> None:
    assert "\udcff.yaml".encode("utf-8", errors=ERRORS) == b"?.yaml"
