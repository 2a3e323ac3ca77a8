"""One meaning a word, and one name for an array of numbers."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "calor"
TEXTS = {path: path.read_text("utf-8") for path in sorted(SOURCE.rglob("*.py"))}


def test_words_that_had_several_meanings_name_one_class() -> None:
    """Below the Python interface, whose results have the words of its users."""
    for word, most in {"Course": 1, "Part": 1, "Step": 0, "ResultStatus": 1}.items():
        found = [
            path
            for path, text in TEXTS.items()
            if path.parent.name != "api" and re.search(rf"^class _?{word}\b", text, re.M)
        ]
        assert len(found) == most, (word, found)


def test_an_array_of_numbers_has_one_name() -> None:
    spelled = [path.relative_to(SOURCE) for path, text in TEXTS.items() if "NDArray[np.float64]" in text]
    assert spelled == [Path("core/arrays.py")]
