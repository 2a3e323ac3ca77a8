"""What shares that move rest on: the level of their test, and its error where patients change over time.

A trial whose shares move has more of its later patients in one arm. Where outcomes get better or worse with
calendar time whatever the arm, an analysis that does not know the blocks takes that for an effect. So every
result has the type I error under such a trend, with the blocks as strata and without.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from calor.core.progress import Progress
from calor.study import ResponseAdaptive
from calor.study.response_adaptive import AdaptiveBlock
from calor.trial.bank.preparation import Prepared
from calor.trial.designs.replicates import Replicates, ReplicateSimulator
from calor.trial.designs.response_adaptive import ResponseAdaptiveConductor
from calor.trial.results.characteristics import type_one_error
from calor.trial.results.corners import ERRORS_ALLOWED, SHARE_OF_REPLICATES
from calor.trial.results.monte_carlo import WithError

TRENDS = (-1.0, 1.0)
"""By how much outcomes change from the first patient to the last, in SDs between patients."""


@dataclass(frozen=True)
class Trend:
    """By how much outcomes rise over the trial, in units of the endpoint, and the type I error under that.

    The error of the design's test, with the blocks as strata, and of one at the plain level without them.
    """

    size: float
    with_blocks: WithError
    without_blocks: WithError

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "outcomes_rise_by": self.size,
            "with_blocks": self.with_blocks.to_document(),
            "without_blocks": self.without_blocks.to_document(),
        }


@dataclass(frozen=True)
class MovingShares:
    """What shares that move rest on.

    Arguments: the blocks after the burn-in; the level that is asked for, and the one that the test has so
    that it keeps it; and the type I error under each trend.
    """

    blocks: tuple[AdaptiveBlock, ...]
    level: float
    calibrated: float
    trends: tuple[Trend, ...]

    @property
    def worst(self) -> Trend:
        """The trend with the largest type I error of the design's own test."""
        return max(self.trends, key=lambda each: each.with_blocks.value)

    @property
    def worst_without_blocks(self) -> Trend:
        """The trend with the largest type I error of a test that does not know the blocks."""
        return max(self.trends, key=lambda each: each.without_blocks.value)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to keep in mind about it."""
        worst = self.worst
        error = worst.with_blocks
        if error.value <= self.level + ERRORS_ALLOWED * error.mc_error:
            return ()
        return (
            f"the type I error is {error.value:.3f} where outcomes rise by {worst.size:.2g} over the trial",
        )

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "level": self.level,
            "calibrated_level": self.calibrated,
            "blocks": len(self.blocks),
            "outcomes_seen_before_last_block": self.blocks[-1].seen,
            "type_one_error_under_trend": [each.to_document() for each in self.trends],
            "worst_trend": self.worst.to_document(),
            "worst_trend_without_blocks": self.worst_without_blocks.to_document(),
        }


def moving_shares_of(off: Prepared, null: Replicates, progress: Progress) -> MovingShares | None:
    """Return what the moving shares of a trial rest on, None where shares do not move.

    Arguments: the trial with the mechanism off, its replicates, and who watches.
    """
    design = off.protocol.design
    if not isinstance(design, ResponseAdaptive):
        return None
    spread = float(np.nanmean(null.endpoint_sd))
    trends = tuple(
        Trend(size, *(_error(off, size, in_blocks, progress) for in_blocks in (True, False)))
        for size in (share * spread for share in TRENDS)
    )
    simulator = ReplicateSimulator.of(off)
    conductor = ResponseAdaptiveConductor(simulator.observer, simulator.analyst, design)
    level = off.plan.analysis.asked.alpha
    return MovingShares(conductor.allocator.blocks, level, conductor.level(level), trends)


def _error(off: Prepared, trend: float, in_blocks: bool, progress: Progress) -> WithError:
    """Return the type I error under a trend, of the design's test or of one that does not know the blocks."""
    settings = off.settings
    count = max(1, settings.replicates // SHARE_OF_REPLICATES)
    words = "in blocks" if in_blocks else "without blocks"
    apart = replace(off, pieces=off.pieces.under(f"trend {trend:g}", words))
    conducts = partial(ResponseAdaptiveConductor, trend=trend, in_blocks=in_blocks)
    replicates = ReplicateSimulator.of(apart, conducts).run(count, progress, settings.executor)
    return type_one_error(off.bank, replicates)
