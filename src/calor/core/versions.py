"""What a run was made with: versions of calor, Python and the libraries that numbers depend on."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

LIBRARIES = ("numpy", "scipy", "llvmlite", "python-libsbml", "antimony")


def versions() -> dict[str, str]:
    """Return the versions that a result may depend on, by name."""
    return {
        "calor": version("calor"),
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
    }


@cache
def code_sha256() -> str:
    """Return the hash of calor's own files, code and data: a version alone misses what is being worked on."""
    root, found = Path(str(files("calor"))), hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            found.update(f"{path.relative_to(root)}\n".encode())
            found.update(path.read_bytes())
    return found.hexdigest()
