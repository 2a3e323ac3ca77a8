"""A small trial run once for all tests of reports, and its folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import calor
from calor.store.saved_run import SavedRun, read_run

PROTOCOLS = Path(__file__).parents[2] / "examples" / "protocols"
DESIGNS = Path(__file__).parents[2] / "examples" / "designs"

HOSTILE = '<script>alert(1)</script> & "IVIG" $x_1$ \u202e'

_KEPT = TemporaryDirectory(prefix="calor-report-tests-")


@cache
def lips() -> SavedRun:
    """Return LIPS, held back from the fit, in few worlds."""
    folder = Path(_KEPT.name) / "lips"
    calor.Trial.published("goebel-2017-lips").run(worlds=2, replicates=100).save(folder)
    return read_run(folder)


@cache
def three_drugs() -> SavedRun:
    """Return three drugs against one placebo with two looks, in few worlds."""
    return _run_of(PROTOCOLS / "three-drugs-two-looks.yaml")


@cache
def half_dose() -> SavedRun:
    """Return a trial against a margin, in few worlds."""
    return _run_of(DESIGNS / "non-inferiority.yaml")


@cache
def one_after_another() -> SavedRun:
    """Return a trial of one patient after another, who each take everything in turn, in few worlds."""
    return _run_of(DESIGNS / "n-of-1.yaml")


def _run_of(path: Path) -> SavedRun:
    folder = Path(_KEPT.name) / path.stem
    calor.Trial.from_file(path).run(worlds=2, replicates=100).save(folder)
    return read_run(folder)
