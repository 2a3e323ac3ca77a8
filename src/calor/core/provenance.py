"""Grades that say how far a number can be trusted, and hashes that say what a result was made of."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Any


class Grade(StrEnum):
    """How a published number was checked.

    `verified`: read in the source itself. `secondary`: read in a page that quotes the source.
    `recalled`: from memory; shown as such and never used in a fit.
    """

    VERIFIED = "verified"
    SECONDARY = "secondary"
    RECALLED = "recalled"


class NumberStatus(StrEnum):
    """How a number of the model came about.

    `measured`: a published value as printed. `derived`: arithmetic on published values.
    `calibrated`: inferred by fitting. `assumed`: set by judgement, with the reason beside it.
    """

    MEASURED = "measured"
    DERIVED = "derived"
    CALIBRATED = "calibrated"
    ASSUMED = "assumed"


def sha256_of_text(text: str) -> str:
    """Return the SHA-256 of a text as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_of_data(data: Any) -> str:
    """Return the SHA-256 of JSON-like data in a canonical form (sorted keys, no spaces)."""
    return sha256_of_text(json.dumps(data, sort_keys=True, separators=(",", ":"), default=str))
