"""The log-rank test of two arms' times to an event: events, and the patients who have them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from calor.core.errors import InputError
from calor.core.special import ndtri
from calor.trial.theory.endpoints import LARGEST_SAMPLE_SIZE, allocated, check_allocation


@dataclass(frozen=True)
class LogRankEndpoint:
    """The log-rank test under proportional hazards, by Schoenfeld's approximation.

    Arguments: the hazard ratio HR, active to control; the share p2 of the control arm that has an event by
    the end of its follow-up; allocation n1 / n2. That of the active arm is p1 = 1 - (1 - p2)^HR.
    Source: Schoenfeld (1983), Biometrics 39:499-503.
    """

    hazard_ratio: float
    rate2: float
    allocation: float = 1.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.hazard_ratio) and self.hazard_ratio > 0):
            what = f"is {self.hazard_ratio:g}"
            raise InputError.of(what, key="hazard-ratio", allowed="a finite number above 0")
        if not 0 < self.rate2 < 1:
            raise InputError.of(f"is {self.rate2:g}", key="rate2", allowed="above 0 and below 1")
        check_allocation(self.allocation)

    @property
    def rate1(self) -> float:
        """The share p1 of the active arm that has an event."""
        return -math.expm1(self.hazard_ratio * math.log1p(-self.rate2))

    @property
    def event_share(self) -> float:
        """The share of all patients who have an event, (r p1 + p2) / (1 + r) with r = n1 / n2."""
        return (self.allocation * self.rate1 + self.rate2) / (1 + self.allocation)

    @property
    def _effect(self) -> float:
        """The drift of one event: √r / (1 + r) |log HR|."""
        return math.sqrt(self.allocation) / (1 + self.allocation) * abs(math.log(self.hazard_ratio))

    def events(self, level: float, power: float) -> float:
        """Return the events of both arms that give a power at a one-sided level.

        d = (1 + r)² / r (z(1-level) + z(power))² / log(HR)².
        """
        if self.hazard_ratio == 1:
            raise InputError.of(
                "is 1", key="hazard-ratio", allowed="a ratio other than 1", hint="no size detects none"
            )
        return float(((ndtri(power) - ndtri(level)) / self._effect) ** 2)

    def fixed_size(self, level: float, power: float) -> float:
        """Return the total sample size: the events over the share of patients who have one."""
        size = self.events(level, power) / self.event_share
        if size > LARGEST_SAMPLE_SIZE:
            allowed = f"what at most {LARGEST_SAMPLE_SIZE:.0g} detect"
            raise InputError.of(f"needs {size:.2g} patients", key="hazard-ratio", allowed=allowed)
        return size

    def drift(self, n_total: float, level: float) -> float:
        """Return the drift √d √r / (1 + r) |log HR| with d = n times the share who have an event."""
        del level
        return self._effect * math.sqrt(n_total * self.event_share)

    def per_arm(self, n_total: float) -> tuple[float, float]:
        """Return n1 and n2 with n1 / n2 the allocation."""
        return allocated(n_total, self.allocation)
