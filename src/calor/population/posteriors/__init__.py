"""Posteriors that ship with calor, by name: `product` for users' trials, `validation` for the comparison.

`validation` knows nothing of the held-out trials; `product` is fitted to all evidence that is not recalled;
`known-before-2013` to what of it was published before 2013, for what one could have known then. All are made
by `calor calibrate`. Where a file is missing, there is no such posterior.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calor.population.posterior import Posterior

_FOLDER = Path(str(files("calor.population.posteriors")))


class Shipped(StrEnum):
    """The names of the shipped posteriors."""

    PRODUCT = "product"
    VALIDATION = "validation"
    KNOWN_BEFORE_2013 = "known-before-2013"


@cache
def shipped_posterior(name: Shipped) -> Posterior | None:
    """Return a shipped posterior, or None where this copy of calor has none of that name."""
    # Whoever asks for hashes alone does not wait a second for what reads Parquet.
    from calor.population.posterior import read_posterior

    path = _path(name)
    return replace(read_posterior(path), name=str(name)) if path.exists() else None


def shipped_sha256(name: Shipped) -> str | None:
    """Return the hash of a shipped posterior's file, or None where there is none."""
    path = _path(name)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def _path(name: Shipped) -> Path:
    return _FOLDER / f"{name}.parquet"


def shipped_report(name: Shipped) -> dict[str, Any] | None:
    """Return the report of the calibration that made a shipped posterior, or None where there is none."""
    path = _FOLDER / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
