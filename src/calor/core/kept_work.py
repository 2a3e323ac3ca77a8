"""What was made before from the same by the same code, so that it need not be made again.

The key is a hash of what it was made from, of calor's own code, and of the libraries that took part: whatever
could change the result makes another key. What is kept is plain data (JSON) and is only ever read as such.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from functools import cache
from pathlib import Path

import numpy as np

from calor.core.cache import cache_folder
from calor.core.kept_files import read_kept, write_kept

MADE_BY = ("core", "engine")
"""The packages of calor whose code decides what is kept."""


def key_of(kind: str, *made_from: str) -> str:
    """Return the key of something of a kind, made from texts by calor as it is now."""
    found = hashlib.sha256()
    for text in (kind, own_code(), sys.version, sys.byteorder, np.__version__, *made_from):
        content = text.encode("utf-8", "surrogatepass")
        found.update(len(content).to_bytes(8, "little") + content)
    return found.hexdigest()


def kept(kind: str, key: str) -> bytes | None:
    """Return what was kept under a key, or None where there is nothing, or it is damaged."""
    return read_kept(_file(kind, key))


def keep(kind: str, key: str, content: bytes) -> None:
    """Keep something under a key; where nothing can be written, nothing is kept."""
    write_kept(_file(kind, key), content)


@cache
def own_code() -> str:
    """Return the hash of the code that decides what is kept: a version misses what is being worked on."""
    root, found = Path(__file__).parent.parent, hashlib.sha256()
    for package in MADE_BY:
        for folder, folders, names in os.walk(root / package):
            folders.sort()
            for name in sorted(names):
                if name.endswith(".py"):
                    path = Path(folder, name)
                    found.update(f"\0{path.relative_to(root)}\0".encode())
                    found.update(path.read_bytes())
    return found.hexdigest()


@cache
def library(name: str) -> str:
    """Return what tells one installed version of a library from another, without the time to load it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return name
    files = sorted(os.scandir(os.path.dirname(spec.origin)), key=lambda entry: entry.name)
    stats = [(entry.name, entry.stat()) for entry in files if entry.is_file()]
    return f"{name} {[(file, stat.st_size, stat.st_mtime_ns) for file, stat in stats]}"


def _file(kind: str, key: str) -> Path:
    return cache_folder() / kind / f"{key}.json"
