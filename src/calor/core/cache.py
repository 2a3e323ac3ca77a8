"""Where calor keeps what it can make again: compiled kernels and parsed documents."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder: $CALOR_CACHE, or `calor` in the user's cache, or one in the temporary folder.

    The last is for accounts without a home, as containers have. The folder need not exist or be writable:
    who keeps things there goes on without it.
    """
    own = os.environ.get("CALOR_CACHE")
    if own:
        return Path(own)
    usual = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(usual):
        return Path(usual) / "calor"
    try:
        home = Path.home()
    except RuntimeError:
        home = Path()
    return home / ".cache" / "calor" if home.is_absolute() else _temporary()


def _temporary() -> Path:
    return Path(tempfile.gettempdir()) / f"calor-cache-{os.getuid()}"
