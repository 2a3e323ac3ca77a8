"""Where calor keeps what it can make again: compiled kernels and parsed documents."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
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
    """Return the folder in the temporary one, or a place that cannot be, where somebody else has made it.

    Anybody may make it there, and code is run from it: it must be this user's, and nobody else's to write in.
    """
    folder = Path(tempfile.gettempdir()) / f"calor-cache-{os.getuid()}"
    with suppress(OSError):
        folder.mkdir(mode=0o700)
    try:
        found = folder.lstat()
    except OSError:
        return folder
    others = stat.S_IWGRP | stat.S_IWOTH
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & others
    return folder if own else Path(os.devnull) / folder.name
