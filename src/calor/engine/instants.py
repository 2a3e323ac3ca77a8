"""What a calendar does at each of its times, all entries of one time together: for those who write events.

Events of one time contend in most formats; one event a time does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from calor.engine.calendar import Action, Calendar


@dataclass(frozen=True)
class Effect:
    """What the entries of one time do to a state x and to its infusion rate r: factor x + added, r + rate."""

    factor: float = 1.0
    added: float = 0.0
    rate: float = 0.0

    @property
    def changes_state(self) -> bool:
        """Whether the state is another one afterwards."""
        return (self.factor, self.added) != (1.0, 0.0)

    def then(self, action: Action, value: float) -> Effect:
        """Return the effect with that of a later entry; a reset is none of one state."""
        match action:
            case Action.ADD:
                return replace(self, added=self.added + value)
            case Action.SCALE:
                return replace(self, factor=self.factor * value, added=self.added * value)
            case Action.SET:
                return replace(self, factor=0.0, added=value)
            case Action.RATE:
                return replace(self, rate=self.rate + value)
        raise ValueError(f"{action.name} is no effect on one state")


@dataclass(frozen=True)
class Instant:
    """One time of a calendar: its effects by state, in the order of the entries, and whether it resets."""

    time: float
    effects: Mapping[str, Effect]
    resets: bool


def instants_of(calendar: Calendar) -> Iterator[Instant]:
    """Yield what happens at each time of a calendar."""
    columns = (calendar.times, calendar.actions, calendar.targets, calendar.values)
    entries = zip(*(column.tolist() for column in columns), strict=True)
    for time, together in groupby(entries, key=lambda entry: entry[0]):
        effects: dict[str, Effect] = {}
        resets = False
        for _, action, target, value in together:
            if action == Action.RESET:
                resets = True
                continue
            state = calendar.states[target]
            effects[state] = effects.get(state, Effect()).then(Action(action), value)
        yield Instant(time, effects, resets)
