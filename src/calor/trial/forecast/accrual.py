"""How long a registered trial takes to fill, from how fast it had filled when that was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calor.trial.bank.intervals import BOUNDS
from calor.trial.forecast.scales import AccrualEntry, number_read

JEFFREYS = 0.5


@dataclass(frozen=True)
class Pace:
    """So many patients came in so many months, and so many are wanted in all."""

    came: int
    months: float
    wanted: int

    @property
    def mean(self) -> float:
        """The mean of the months from opening until the last patient has come.

        The rate has the gamma distribution of Jeffreys' prior, shape a = came + 1/2 and rate `months`; the k
        patients that are left then take months times a beta prime variable of k and a, whose mean is
        k / (a - 1) where a exceeds 1 and infinite elsewhere.
        """
        shape, left = self.came + JEFFREYS, self.wanted - self.came
        return self.months * (1 + left / (shape - 1)) if shape > 1 else float("inf")

    @property
    def interval95(self) -> tuple[float, float]:
        """The 2.5 % and the 97.5 % quantile of those months."""
        from scipy.special import betaincinv  # SciPy takes long to load

        shares = betaincinv(self.wanted - self.came, self.came + JEFFREYS, BOUNDS)
        low, high = (self.months * (1 + share / (1 - share)) for share in shares)
        return float(low), float(high)


def accrual_document(identifier: str, entry: AccrualEntry) -> dict[str, Any]:
    """Return the forecast of how long a trial takes to fill, as JSON-like data.

    Arguments: the id of the trial's record, and where the numbers stand. Raises InputError where the record
    lacks one.
    """
    came, wanted = number_read(identifier, entry.came), number_read(identifier, entry.wanted)
    pace = Pace(round(came["value"]), entry.months, round(wanted["value"]))
    return {
        "scale": "months from opening until the last patient has come",
        "came": came,
        "months": entry.months,
        "wanted": wanted,
        "predicted_mean": pace.mean,
        "predicted_interval95": list(pace.interval95),
    }
