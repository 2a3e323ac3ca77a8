"""What the trial costs, in one currency."""

from __future__ import annotations

from pydantic import Field

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.part import Part


class Cost(Part):
    """Cost per patient randomised, per person screened, per site and per month of the trial."""

    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    fixed: float = Field(default=0.0, ge=0)
    per_patient: float = Field(default=0.0, ge=0)
    per_screened: float = Field(default=0.0, ge=0)
    per_site: float = Field(default=0.0, ge=0)
    per_month: float = Field(default=0.0, ge=0)

    def total(self, patients: float, screened: float, sites: float, days: float) -> float:
        """Return the cost of a trial of some patients, people screened, sites and days."""
        return (
            self.fixed
            + self.per_patient * patients
            + self.per_screened * screened
            + self.per_site * sites
            + self.per_month * days / DAYS_PER_MONTH
        )
