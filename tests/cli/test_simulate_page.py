"""The examples of docs/how-to/simulate.md and omex.md give what stands under them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Calor

PAGES = [Path(__file__).parents[2] / "docs" / "how-to" / f"{name}.md" for name in ("simulate", "omex")]
TEXTS = [page.read_text(encoding="utf-8") for page in PAGES]
FILES = [
    found
    for text in TEXTS
    for found in re.findall(r"^`(\S+)`:\n\n```text\n(.*?)```", text, re.MULTILINE | re.DOTALL)
]
SESSIONS = ["".join(re.findall(r"^```console\n(.*?)```", text, re.MULTILINE | re.DOTALL)) for text in TEXTS]
EXAMPLES = [
    block.split("\n", 1)
    for session in SESSIONS
    for block in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]
]
MADE = "run.omex"
"""What an example writes and the next one reads."""


@pytest.mark.parametrize(("command", "printed"), EXAMPLES)
def test_an_example_prints_what_stands_under_it(
    calor: Calor, tmp_path: Path, command: str, printed: str
) -> None:
    for name, text in FILES:
        (tmp_path / name).write_text(text)
    if command.startswith(f"calor simulate {MADE}"):
        writes = next(before for before, _ in EXAMPLES if f"--omex {MADE}" in before)
        assert calor(*shlex.split(writes)[1:]).code == 0
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
