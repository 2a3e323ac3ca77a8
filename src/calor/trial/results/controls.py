"""What controls that are not concurrent do to a platform, with and without a time trend.

Whether controls that came before an arm bias its comparison depends on a trend that nobody knows beforehand.
So type I error, bias and coverage of each choice of controls are simulated without one, and under trends
either way, and stand in every result of a platform that an arm enters late.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.progress import Progress
from calor.core.provenance import NumberStatus
from calor.study import Controls, Drift, Platform, Protocol
from calor.trial.bank.preparation import Prepared
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.results.characteristics import type_one_error
from calor.trial.results.corners import ERRORS_ALLOWED, SHARE_OF_REPLICATES
from calor.trial.results.monte_carlo import MonteCarlo, WithError

SHARE_OF_SCALE = 0.1
"""How much of the scale of the outcome the trends that are tried cross, while the platform enrols."""


@dataclass(frozen=True)
class Trend:
    """A time trend that is tried: in words, and the drift of the outcome."""

    words: str
    drift: Drift


@dataclass(frozen=True)
class ArmByControls:
    """One contrast, the mechanism off: type I error, bias (the true value is 0), coverage of its interval."""

    label: str
    error: WithError
    bias: WithError
    coverage: WithError

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "label": self.label,
            "type_one_error": self.error.to_document(),
            "bias": self.bias.to_document(),
            "coverage": self.coverage.to_document(),
        }


@dataclass(frozen=True)
class ByControls:
    """A platform that is analysed by some controls under a trend, the mechanism off: the error that any arm
    is found to benefit, and each arm."""

    controls: Controls
    trend: Trend
    error: WithError
    arms: tuple[ArmByControls, ...]

    def holds(self, alpha: float) -> bool:
        """Return whether the type I error is at most the level, but for chance."""
        return self.error.value <= alpha + ERRORS_ALLOWED * self.error.mc_error

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "controls": str(self.controls),
            "trend": self.trend.words,
            "drift": self.trend.drift.model_dump(mode="json"),
            "type_one_error": self.error.to_document(),
            "arms": [arm.to_document() for arm in self.arms],
        }


@dataclass(frozen=True)
class NonConcurrentControls:
    """Every choice of controls under every trend that was tried, beside what the design chose."""

    design: Platform
    alpha: float
    tried: tuple[ByControls, ...]

    def worst(self, controls: Controls) -> ByControls:
        """Return the trend under which a choice of controls errs most."""
        return max(
            (each for each in self.tried if each.controls is controls), key=lambda each: each.error.value
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must stand beside the result of a platform whose controls break the level."""
        worst = self.worst(self.design.controls)
        if worst.holds(self.alpha):
            return ()
        return (
            f"the type I error by {worst.controls} controls is {worst.error.value:.3f} where the outcome "
            f"{worst.trend.words}; the level is {self.alpha:g}",
        )

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "controls": str(self.design.controls),
            "drift": {**self.design.drift.model_dump(mode="json"), "status": str(NumberStatus.ASSUMED)},
            "alpha": self.alpha,
            "tried": [each.to_document() for each in self.tried],
            "worst": {
                str(controls): {
                    "trend": self.worst(controls).trend.words,
                    **self.worst(controls).error.to_document(),
                }
                for controls in Controls
            },
        }


def non_concurrent_controls(off: Prepared, progress: Progress) -> NonConcurrentControls | None:
    """Return what controls that are not concurrent do, None for a design in which there are none.

    Arguments: the trial with the mechanism off, and who watches.
    """
    design = off.protocol.design
    if not isinstance(design, Platform) or all(stay.from_the_start for stay in design.stays.values()):
        return None
    tried = [
        _tried(off, design, controls, trend, progress)
        for trend in _trends(off.protocol, design)
        for controls in Controls
    ]
    return NonConcurrentControls(design, off.plan.analysis.asked.alpha, tuple(tried))


def _trends(trial: Protocol, design: Platform) -> list[Trend]:
    """Return the trends that are tried: none, one either way, and the protocol's own where it has one."""
    found = [Trend("has no trend", Drift())]
    accrual = trial.conduct.accrual
    if accrual is not None:
        change = SHARE_OF_SCALE * trial.endpoint.variable.row.span
        months = accrual.days_to(trial.patients) / DAYS_PER_MONTH
        for words, sign in (("rises", 1), ("falls", -1)):
            drift = Drift(per_month=sign * change / months)
            found.append(Trend(f"{words} by {change:g} while {trial.patients} patients come", drift))
    if design.drift != Drift():
        found.append(Trend("moves as the protocol assumes", design.drift))
    return found


def _tried(
    off: Prepared, design: Platform, controls: Controls, trend: Trend, progress: Progress
) -> ByControls:
    so = design.model_copy(update={"controls": controls, "drift": trend.drift})
    ready = off.conducted_as(off.protocol.model_copy(update={"design": so}))
    count = max(1, off.settings.replicates // SHARE_OF_REPLICATES)
    found = ReplicateSimulator.of(ready).run(count, progress, off.settings.executor)
    monte_carlo = MonteCarlo(off.bank, found)
    arms = tuple(
        ArmByControls(
            label=label,
            error=monte_carlo.share(found.rejected[:, place]),
            bias=monte_carlo.mean(found.effects[:, place]),
            coverage=monte_carlo.share((found.lower[:, place] <= 0) & (found.upper[:, place] >= 0)),
        )
        for place, label in enumerate(off.plan.layout.contrasts)
    )
    return ByControls(controls, trend, type_one_error(off.bank, found), arms)
