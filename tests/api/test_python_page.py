"""The examples of docs/tutorials/python.md run as they stand, one after another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorials" / "python.md"
BLOCKS = re.findall(r"^```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_examples_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in BLOCKS:
        exec(compile(block, str(PAGE), "exec"), names)
    assert len(BLOCKS) == 4
    result = names["result"]
    assert len(result.to_pandas()) >= 200
    assert "Low-dose intravenous immunoglobulin" in result._repr_html_()
    people = names["people"].to_pandas()
    assert set(people["course"]) == {"untreated", "treated"}
    assert names["disease"].to_document()["model"] == "disease"
