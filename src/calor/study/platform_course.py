"""How many patients the arms of a platform are expected to get where no look ends one early."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

SMALLEST = 1e-9
"""Patients; what is nearer to a whole arm than this is whole."""


@dataclass(frozen=True)
class ArmSpan:
    """One active arm of a platform, in patients of the whole platform but for its own share.

    Arguments: after how many it enters, by how many it leaves at the latest (inf: with its own patients
    alone), and its share beside the others.
    """

    enters: float
    leaves: float
    share: float


def patients_of_arms(
    courses: Mapping[str, ArmSpan], control: float, of_arm: int, patients: int
) -> dict[str, float]:
    """Return the patients that each active arm gets while a platform fills, by name.

    Patients come one after another and are shared out between the control and the arms that are open, in
    their shares; an arm enters when it is due, or next where none is open. Whole blocks are left aside, so
    that an arm may get a block more or less. Arguments: the arms, the share of the control, the patients of
    a whole arm, and those of the platform.
    """
    got = dict.fromkeys(courses, 0.0)
    waiting, open_, filled = dict(courses), dict[str, ArmSpan](), 0.0
    while filled < patients - SMALLEST and (waiting or open_):
        waiting = {name: each for name, each in waiting.items() if filled < each.leaves}
        soonest = min((each.enters for each in waiting.values()), default=math.inf)
        if soonest <= filled or not open_:
            due = {name for name, each in waiting.items() if each.enters <= max(filled, soonest)}
            open_ |= {name: waiting.pop(name) for name in due}
            soonest = min((each.enters for each in waiting.values()), default=math.inf)
        total = control + sum(each.share for each in open_.values())
        until_whole = [(of_arm - got[name]) * total / each.share for name, each in open_.items()]
        until_left = [each.leaves - filled for each in open_.values()]
        step = min(patients - filled, soonest - filled, *until_whole, *until_left)
        for name, each in open_.items():
            got[name] += step * each.share / total
        filled += step
        open_ = {
            name: each
            for name, each in open_.items()
            if got[name] < of_arm - SMALLEST and filled < each.leaves - SMALLEST
        }
    return got
