"""Rules of a protocol that can never act, in words: a warning each, since nothing else would tell."""

from __future__ import annotations

from collections.abc import Iterator

from calor.study import Protocol, Rescue, Stopping
from calor.trial.protocols.branches import stop_days_of
from calor.trial.protocols.looks import idle_looks


def idle_rules(protocol: Protocol) -> tuple[str, ...]:
    """Return a warning for each rule of a protocol that can never act."""
    found = [*idle_looks(protocol), *protocol.design.idle(protocol)]
    if protocol.conduct.stopping is not None:
        found += _of_stopping(protocol, protocol.conduct.stopping)
    if protocol.conduct.rescue is not None:
        found += _of_rescue(protocol.conduct.rescue)
    return tuple(found)


def _of_stopping(protocol: Protocol, stopping: Stopping) -> Iterator[str]:
    """Yield why nobody can stop the treatment."""
    if not stopping.per_month and not any(stopping.side_effects_per_month.values()):
        yield "nobody stops the treatment: every hazard of stopping is 0"
    elif not stop_days_of(protocol):
        yield "nobody can stop the treatment: no dose is due on or after a day on which a patient may stop"


def _of_rescue(rescue: Rescue) -> Iterator[str]:
    """Yield why rescue changes nothing."""
    if not rescue.per_month:
        yield "nobody takes rescue: its hazard is 0"
    elif rescue.relief_nrs == 0:
        yield "rescue changes no rating: its relief is 0"
