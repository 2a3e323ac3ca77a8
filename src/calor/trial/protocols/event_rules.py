"""The rules by which patients stop, take rescue and are lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.study import Protocol, Rescue, Stopping
from calor.trial.protocols.layout import Layout


@dataclass(frozen=True)
class EventRules:
    """What happens to patients besides treatment.

    Arguments: how they stop and take rescue (None: nobody does); the hazard a day of stopping for side
    effects by followed sequence and study day (n_followed, n_days); and how the log hazard of loss grows with
    a point of pain; and the study time from which people may be lost.
    """

    stopping: Stopping | None
    rescue: Rescue | None
    side_effects: Numbers
    loss_per_point: float
    loss_from: float = 0.0


def event_rules_of(protocol: Protocol, layout: Layout) -> EventRules:
    """Return the rules of a protocol's events."""
    conduct = protocol.conduct
    monthly = conduct.stopping.side_effects_per_month if conduct.stopping else {}
    hazard = np.array([monthly.get(name, 0.0) for name in layout.arms]) / DAYS_PER_MONTH
    side_effects = np.zeros((len(layout.arm_in_period), layout.last_day))
    for period, start in enumerate(layout.starts):
        # A period's hazard lasts to the end of its wash-out, until the next one takes its place.
        side_effects[:, int(start) :] = hazard[layout.arm_in_period[:, period], None]
    return EventRules(
        stopping=conduct.stopping,
        rescue=conduct.rescue,
        side_effects=side_effects,
        loss_per_point=conduct.dropout_log_hazard_per_point,
        loss_from=layout.asked_starts[0],
    )
