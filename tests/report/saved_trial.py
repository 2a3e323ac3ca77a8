"""A small trial run once for all tests of reports, and its folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import calor
from calor.store.saved_run import SavedRun, read_run

HOSTILE = '<script>alert(1)</script> & "IVIG" $x_1$ \u202e'

_KEPT = TemporaryDirectory(prefix="calor-report-tests-")


@cache
def lips() -> SavedRun:
    """Return LIPS, held back from the fit, in few worlds."""
    folder = Path(_KEPT.name) / "lips"
    calor.Trial.published("goebel-2017-lips").run(worlds=2, replicates=100).save(folder)
    return read_run(folder)
