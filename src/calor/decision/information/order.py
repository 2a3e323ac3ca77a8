"""The order that the value of information always keeps: 0 <= EVSI <= EVPPI <= EVPI."""

from __future__ import annotations

from calor.decision.information.estimate import Estimate


def check_order(evsi: Estimate, evpi: Estimate, evppi: Estimate | None = None) -> None:
    """Raise CalorError where raw values break 0 <= EVSI <= EVPPI <= EVPI by more than three errors."""
    raise NotImplementedError
