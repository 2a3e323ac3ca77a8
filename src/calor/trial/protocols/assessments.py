"""What is measured, on which days, and what of it counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.study import Endpoint, Estimand, Protocol
from calor.trial.protocols.layout import Layout


@dataclass(frozen=True)
class Belief:
    """What patients report who believe to be on an active arm.

    Arguments: the shift of reported pain, and the share that believes so by followed sequence and
    period (n_followed, n_periods).
    """

    shift_nrs: float
    share: Numbers


@dataclass(frozen=True)
class Assessments:
    """What is measured of patients.

    Arguments: the endpoint, and how events enter it; the study time at which each period begins; the days of
    the endpoint in each period and of each visit, as positions from study day 1; whether reports hold the
    response to treatment as such; by how much rescue lowers reported pain (None: it is a drug, or there is
    none); who reports less for what they believe; and what is added to the measured outcome by followed
    sequence and period (n_followed, n_periods), None: nothing, as in every trial but one put at its margin.
    """

    endpoint: Endpoint
    estimand: Estimand
    starts: tuple[float, ...]
    windows: tuple[slice, ...]
    visit_windows: tuple[slice, ...]
    placebo_response: bool
    relief_nrs: float | None
    belief: Belief | None
    added: Numbers | None = None

    @cached_property
    def days(self) -> NDArray[np.int64]:
        """The days that count, as positions from study day 1, rising.

        While on treatment the window may move towards the first day of its period: all days up to it count.
        """
        used = [np.arange(window.start, window.stop) for window in (*self.windows, *self.visit_windows)]
        if self.estimand.while_on_treatment:
            used += [
                np.arange(int(start), window.stop)
                for start, window in zip(self.starts, self.windows, strict=True)
            ]
        return np.unique(np.concatenate(used))


def assessments_of(protocol: Protocol, layout: Layout) -> Assessments:
    """Return what a protocol measures."""
    endpoint, conduct = protocol.endpoint, protocol.conduct
    first_days = [round(start) for start in layout.asked_starts]
    return Assessments(
        endpoint=endpoint,
        estimand=protocol.estimand,
        starts=layout.asked_starts,
        windows=tuple(slice(day + endpoint.from_day - 1, day + endpoint.to_day) for day in first_days),
        visit_windows=tuple(slice(day - endpoint.length, day) for day in protocol.visits),
        placebo_response=protocol.placebo_response,
        relief_nrs=conduct.rescue.relief_nrs if conduct.rescue else None,
        belief=_belief(protocol, layout),
    )


def _belief(protocol: Protocol, layout: Layout) -> Belief | None:
    unblinding = protocol.conduct.unblinding
    if unblinding is None:
        return None
    by_arm = np.array([unblinding.believing_share.get(name, 0.0) for name in layout.arms])
    return Belief(unblinding.shift_nrs, by_arm[layout.arm_asked])
