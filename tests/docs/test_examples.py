"""The Python examples of the documentation run, page by page, from the first block to the last."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/tutorials/python.md", "docs/reference/python.md")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_of(page: str) -> list[str]:
    return [found.group(1) for found in BLOCK.finditer((ROOT / page).read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = blocks_of(page)
    assert blocks, f"{page} has no example"
    names: dict[str, object] = {"__name__": "example"}
    for number, block in enumerate(blocks, start=1):
        exec(compile(block, f"{page}, example {number}", "exec"), names)


def test_the_example_of_the_readme_is_short() -> None:
    lines = [line for block in blocks_of("README.md") for line in block.splitlines() if line]
    assert len(lines) == 6
