"""What a trial compares: weighted sums of its arms' outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """A weighted sum of the arms' outcomes, the weights adding up to 0.

    Arguments: its name; the weight of each arm, in the protocol's order; the arm whose treatment's effect it
    is, None for an interaction; and whether the trial tests it, or only estimates it.
    """

    label: str
    weights: tuple[float, ...]
    arm: str | None
    tested: bool = True


def with_control(arms: Sequence[str], control: str) -> tuple[Comparison, ...]:
    """Return each other arm minus the control, in the protocol's order."""
    return tuple(
        Comparison(
            f"{arm} minus {control}",
            tuple(float(each == arm) - float(each == control) for each in arms),
            arm,
        )
        for arm in arms
        if arm != control
    )
