"""The Python examples of the documentation run, page by page, from the first block to the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.running import prepare


def blocks_of(page: str) -> list[str]:
    return [block.text for block in pages.blocks_of(page) if block.language == "python"]


PAGES = [page for page in pages.pages() if blocks_of(page)]


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    prepare(page, tmp_path)
    names: dict[str, object] = {"__name__": "example"}
    for number, block in enumerate(blocks_of(page), start=1):
        exec(compile(block, f"{page}, example {number}", "exec"), names)


def test_the_example_of_the_readme_is_short() -> None:
    lines = [line for block in blocks_of("README.md") for line in block.splitlines() if line]
    assert len(lines) == 6
