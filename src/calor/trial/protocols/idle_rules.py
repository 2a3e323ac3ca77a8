"""Rules of a protocol that can never act, in words: a warning each, since nothing else would tell."""

from __future__ import annotations

from collections.abc import Iterator

from calor.study import Rescue, Stopping
from calor.trial.protocols.looks import idle_looks
from calor.trial.protocols.plan import Plan


def idle_rules(plan: Plan) -> tuple[str, ...]:
    """Return a warning for each rule of a trial that can never act."""
    protocol, events = plan.protocol, plan.events
    found = [*idle_looks(protocol), *protocol.design.idle(protocol)]
    if events.stopping is not None:
        found += _of_stopping(events.stopping, plan.given.stop_days)
    if events.rescue is not None:
        found += _of_rescue(events.rescue)
    return tuple(found)


def _of_stopping(stopping: Stopping, days: tuple[int, ...]) -> Iterator[str]:
    """Yield why nobody can stop the treatment."""
    if not stopping.per_month and not any(stopping.side_effects_per_month.values()):
        yield "nobody stops the treatment: every hazard of stopping is 0"
    elif not days:
        yield "nobody can stop the treatment: no dose is due on or after a day on which a patient may stop"


def _of_rescue(rescue: Rescue) -> Iterator[str]:
    """Yield why rescue changes nothing."""
    if not rescue.per_month:
        yield "nobody takes rescue: its hazard is 0"
    elif rescue.relief_nrs == 0:
        yield "rescue changes no rating: its relief is 0"
