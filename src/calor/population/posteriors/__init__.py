"""Posteriors that ship with calor, by name: `product` for users' trials, `validation` for the comparison.

`validation` knows nothing of the held-out trials; `product` is fitted to all evidence that is not recalled.
Both are made by `calor calibrate`. Where a file is missing, there is no such posterior.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path

from calor.population.posterior import Posterior, read_posterior

_FOLDER = Path(str(files("calor.population.posteriors")))


class Shipped(StrEnum):
    """The names of the shipped posteriors."""

    PRODUCT = "product"
    VALIDATION = "validation"


@cache
def shipped_posterior(name: Shipped) -> Posterior | None:
    """Return a shipped posterior, or None where this copy of calor has none of that name."""
    path = _FOLDER / f"{name}.parquet"
    return replace(read_posterior(path), name=str(name)) if path.exists() else None
