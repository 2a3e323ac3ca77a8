"""The examples of docs/how-to/simulate.md give what stands under them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Calor

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "simulate.md"
FILES = re.findall(
    r"^`(\S+)`:\n\n```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
SESSIONS = "".join(
    re.findall(r"^```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
)
EXAMPLES = [block.split("\n", 1) for block in re.split(r"^\$ ", SESSIONS, flags=re.MULTILINE)[1:]]


@pytest.mark.parametrize(("command", "printed"), EXAMPLES)
def test_an_example_prints_what_stands_under_it(
    calor: Calor, tmp_path: Path, command: str, printed: str
) -> None:
    for name, text in FILES:
        (tmp_path / name).write_text(text)
    outcome = calor(*shlex.split(command)[1:])
    assert outcome.code == 0, outcome.err
    found, expected = (
        [line.split(",") for line in text.strip().splitlines()] for text in (outcome.out, printed)
    )
    assert [len(row) for row in found] == [len(row) for row in expected]
    assert found[0] == expected[0]
    for row, shown in zip(found[1:], expected[1:], strict=True):
        for cell, shown_cell in zip(row, shown, strict=True):
            if re.fullmatch(r"[-+.0-9eE]+", shown_cell):
                assert float(cell) == pytest.approx(float(shown_cell), rel=5e-5)
            else:
                assert cell == shown_cell


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 8
    assert len(FILES) >= 5
