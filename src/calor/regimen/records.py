"""Dosing records: one dose, or a train of equal doses, as a simulator reads it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from calor.regimen.durations import rounded


class Route(StrEnum):
    """The way a dose enters the body.

    `im depot` is a slowly released suspension in the muscle, `regional` an intravenous regional block of
    the limb, `intrathecal` an injection into the cerebrospinal fluid.
    """

    ORAL = "oral"
    INTRAVENOUS = "iv"
    SUBCUTANEOUS = "sc"
    INTRAMUSCULAR = "im"
    INTRAMUSCULAR_DEPOT = "im depot"
    REGIONAL = "regional"
    INTRATHECAL = "intrathecal"


class DoseUnit(StrEnum):
    """The unit of an amount: a mass of drug, or plasma volumes exchanged in a procedure."""

    MICROGRAM = "ug"
    MILLIGRAM = "mg"
    GRAM = "g"
    PLASMA_VOLUME = "plasma volume"

    @property
    def milligrams(self) -> float:
        """How many milligrams one of this unit is; a plasma volume is none."""
        masses = {DoseUnit.MICROGRAM: 1e-3, DoseUnit.MILLIGRAM: 1.0, DoseUnit.GRAM: 1e3}
        return masses.get(self, math.nan)


@dataclass(frozen=True)
class DosingRecord:
    """One dose at a time, with further equal doses at a fixed interval.

    Arguments: the time in days from study day 1, the amount in `unit` (per kg of body weight when
    `per_kg`), the route (None where the drug has only one), how long an infusion lasts (0: at once), and
    `additional` further doses every `interval_days`.
    """

    time_days: float
    amount: float
    unit: DoseUnit
    per_kg: bool = False
    route: Route | None = None
    duration_days: float = 0.0
    interval_days: float = 0.0
    additional: int = 0

    @property
    def procedure(self) -> bool:
        """Whether this is a plasma exchange rather than a dose of a drug."""
        return self.unit is DoseUnit.PLASMA_VOLUME

    @property
    def times_days(self) -> tuple[float, ...]:
        """The times of all doses of this record."""
        trains = range(self.additional + 1)
        return tuple(rounded(self.time_days + index * self.interval_days) for index in trains)
