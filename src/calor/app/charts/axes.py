"""Where numbers stand on a chart: linear and logarithmic axes, with ticks that people read."""

from __future__ import annotations

import math
from dataclasses import dataclass

RATIOS = (
    0.001,
    0.003,
    0.01,
    0.03,
    0.1,
    0.2,
    0.3,
    0.5,
    0.7,
    0.8,
    0.9,
    1.0,
    1.1,
    1.2,
    1.5,
    2.0,
    3.0,
    5.0,
    10.0,
    30.0,
    100.0,
)
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
CLOSEST = 24.0
"""Numbers on a logarithmic axis stand so far apart at least."""
WEEK_STEPS = (4, 8, 13, 26, 52)
MOST_WEEKS = 5


@dataclass(frozen=True)
class Axis:
    """An axis: the numbers at its ends, where these stand on the chart, and whether it is logarithmic."""

    low: float
    high: float
    begin: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return where a number stands; one beyond the ends stands at the end."""
        low, high, own = (
            map(math.log, (self.low, self.high, max(value, self.low)))
            if self.log
            else (self.low, self.high, value)
        )
        share = (own - low) / (high - low)
        return self.begin + min(max(share, 0.0), 1.0) * (self.end - self.begin)

    def ticks(self, most: int = 5) -> list[float]:
        """Return the numbers that are written beside the axis, `most` of them or fewer on a linear one."""
        if self.log:
            return self._ratios()
        step = _step((self.high - self.low) / max(most - 1, 1))
        first = math.ceil(self.low / step - 1e-9)
        return [step * place for place in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def _ratios(self) -> list[float]:
        """Return the ratios on a logarithmic axis, 1 first, none too near to another."""
        inside = [ratio for ratio in RATIOS if self.low <= ratio <= self.high]
        kept: list[float] = []
        for ratio in sorted(inside, key=lambda ratio: abs(math.log(ratio))):
            if all(abs(self.at(ratio) - self.at(other)) >= CLOSEST for other in kept):
                kept.append(ratio)
        return sorted(kept)


def week_ticks(weeks: float) -> list[float]:
    """Return the weeks that are written beside an axis from 0 on."""
    step = next(each for each in WEEK_STEPS if weeks / each <= MOST_WEEKS)
    return [float(week) for week in range(0, math.floor(weeks) + 1, step)]


def tick_text(value: float) -> str:
    """Return a number beside an axis, with a minus sign that is one."""
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _step(width: float) -> float:
    scale = 10.0 ** math.floor(math.log10(width))
    return next(step * scale for step in STEPS if step * scale >= width * (1 - 1e-9))
