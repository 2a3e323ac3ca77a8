"""What we do not know, by what it costs: the value of knowing a group of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calor.decision.information.decision import Decision
from calor.decision.information.draws import Draws
from calor.decision.information.estimate import Estimate
from calor.decision.information.resampling import Resamples


@dataclass(frozen=True)
class Known:
    """What knowing a group of parameters is worth.

    Arguments: the group's name; its worth together with the rival; and its increment over the rival alone.
    """

    name: str
    with_rival: Estimate
    increment: Estimate


@dataclass(frozen=True)
class KnownGroups:
    """What knowing the rival alone is worth, and each group of parameters beyond it, in the order given."""

    rival: Estimate
    groups: tuple[Known, ...]


def evppi(
    draws: Draws, decision: Decision, parameters: Sequence[str], resamples: Resamples, *, seed: int
) -> Estimate:
    """Return the value, a person, of knowing some parameters (and the rival, where there are several)."""
    raise NotImplementedError


def evppi_by_group(
    draws: Draws, decision: Decision, groups: Mapping[str, Sequence[str]], resamples: Resamples, *, seed: int
) -> KnownGroups:
    """Return the value, a person, of knowing the rival and each group of parameters beyond it."""
    raise NotImplementedError


def share_by_group(
    draws: Draws, groups: Mapping[str, Sequence[str]], resamples: Resamples, *, seed: int
) -> KnownGroups:
    """Return the share of the quantity's variance removed by knowing the rival, and each group beyond it."""
    raise NotImplementedError
