"""What a virtual patient must be like, and what may be asked of patients; loads nothing large."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calor.core.bounds import Bounds

DURATION_MONTHS = Bounds(0.25, 480)
COHORT = Bounds(2, 20_000)
DAYS = Bounds(1, 3650)
PAIN = Bounds(0, 10)


class Phenotype(StrEnum):
    """Warm: the affected limb is the warmer one on the day of screening."""

    WARM = "warm"
    COLD = "cold"


class Cytokines(StrEnum):
    """High: TNF in the tissue above the published median of affected limbs (A03) on the day of screening."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True)
class Traits:
    """What a virtual patient must be like; None is any.

    Arguments: time from injury to screening in months, phenotype, cytokines, whether the person makes the
    autoantibody, and the least pain (NRS, 0 to 10) on the day of screening. All meet the Budapest clinical
    criteria at screening.
    """

    duration_months: float = 3.0
    phenotype: Phenotype | None = None
    cytokines: Cytokines | None = None
    antibody: bool | None = None
    pain_at_least: float | None = None
