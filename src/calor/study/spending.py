"""How the type I error of a sequential test is distributed over its looks."""

from __future__ import annotations

from enum import StrEnum


class Spending(StrEnum):
    """How the type I error is distributed over the looks."""

    OBRIEN_FLEMING = "OF"
    POCOCK = "P"
    WANG_TSIATIS = "WT"
    HAYBITTLE_PETO = "HP"
    OBRIEN_FLEMING_TYPE_SPENDING = "asOF"
    POCOCK_TYPE_SPENDING = "asP"
    KIM_DEMETS = "KD"
