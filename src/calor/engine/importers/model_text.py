"""The text of a model file."""

from __future__ import annotations

from pathlib import Path

from calor.core.text_files import read_text_file

LARGEST_FILE = 50_000_000
"""Bytes of a model file; a genome-scale model has a tenth of this."""


def read_text(path: Path) -> str:
    """Return the text of a model file; raises InputError where it is absent, too large or not text."""
    return read_text_file(path, LARGEST_FILE)
