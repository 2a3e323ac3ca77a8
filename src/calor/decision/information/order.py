"""The order that the value of information always keeps: 0 <= EVSI <= EVPPI <= EVPI."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from calor.core.errors import CalorError
from calor.decision.information.estimate import Estimate

ERRORS = 3.0
"""How many errors of a difference are taken for chance."""


def check_order(evsi: Estimate, evpi: Estimate, evppi: Estimate | None = None) -> None:
    """Raise CalorError where raw values break 0 <= EVSI <= EVPPI <= EVPI by more than three errors."""
    chain = [("EVSI", evsi), *([("EVPPI", evppi)] if evppi is not None else []), ("EVPI", evpi)]
    for name, figure in chain:
        if figure.raw < -ERRORS * figure.error - _rounding(chain):
            raise CalorError(f"{name} is {figure.raw:.4g} ± {figure.error:.2g}, which is below 0")
    for (low_name, low), (high_name, high) in pairwise(chain):
        error = float(np.std(low.resampled - high.resampled, ddof=1))
        if low.raw - high.raw > ERRORS * error + _rounding(chain):
            raise CalorError(
                f"{low_name} {low.raw:.4g} is above {high_name} {high.raw:.4g} by more than {ERRORS:g} errors"
                f" of {error:.2g}"
            )


def _rounding(chain: list[tuple[str, Estimate]]) -> float:
    """Return what is rounding beside the largest figure."""
    return 1e-9 * max(abs(figure.raw) for _, figure in chain)
