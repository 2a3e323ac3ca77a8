"""Files are written where they say something new, so that a build finds the others unchanged."""

from __future__ import annotations

from pathlib import Path


def write_where_new(path: Path, content: bytes) -> None:
    """Write a file unless it holds this already."""
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
