"""How studies are pooled, and how large the numbers may be; loads nothing large."""

from __future__ import annotations

from enum import StrEnum

LARGEST = 1e50
"""Numbers beyond this (or variances below its inverse) would overflow in the sums of squares."""


class Method(StrEnum):
    """How studies are pooled: a common effect, or random effects with one of three estimators of tau2."""

    FE = "FE"
    DL = "DL"
    PM = "PM"
    REML = "REML"
