"""How long a year and a month are, in days: the one place where simulated time is converted."""

from __future__ import annotations

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
