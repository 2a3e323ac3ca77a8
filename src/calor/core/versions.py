"""What a run was made with: versions of calor, Python and the libraries that numbers depend on."""

from __future__ import annotations

import platform
from importlib.metadata import version

LIBRARIES = ("numpy", "scipy", "llvmlite", "python-libsbml", "antimony")


def versions() -> dict[str, str]:
    """Return the versions that a result may depend on, by name."""
    return {
        "calor": version("calor"),
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
    }
