"""Doses as periods: what happens at one time is a condition, and each such time begins a period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calor.engine.calendar import Action, Calendar


def infusion_name(state: str) -> str:
    """Return the name of the parameter that holds what flows into a state, a unit of time."""
    return f"infusion_into_{state}"


@dataclass(frozen=True)
class Periods:
    """Conditions, each a (target, value) list by its name; the time and condition of every period."""

    conditions: dict[str, tuple[tuple[str, str], ...]]
    periods: tuple[tuple[float, str], ...]

    @property
    def infused(self) -> tuple[str, ...]:
        """The states that are infused into, sorted."""
        targets = {target for changes in self.conditions.values() for target, _ in changes}
        prefix = infusion_name("")
        return tuple(sorted(target.removeprefix(prefix) for target in targets if target.startswith(prefix)))


def periods_of(calendars: Iterable[Calendar]) -> Periods:
    """Return the periods of calendars; alike changes share a condition."""
    merged = Calendar.empty()
    for calendar in calendars:
        merged = merged.then(calendar)
    at: dict[float, dict[str, str]] = {}
    rates: dict[str, float] = {}
    for time, action, target, value in zip(
        merged.times.tolist(), merged.actions.tolist(), merged.targets.tolist(), merged.values.tolist(),
        strict=True,
    ):  # fmt: skip
        changes, state = at.setdefault(time, {}), merged.states[target]
        match Action(action):
            case Action.ADD:
                changes[state] = f"{changes.get(state, state)} + {value!r}"
            case Action.SCALE:
                changes[state] = f"({changes.get(state, state)})*{value!r}"
            case Action.RATE:
                rates[state] = rates.get(state, 0.0) + value
                changes[infusion_name(state)] = repr(rates[state])
            case _:
                raise ValueError(f"a dose does not {Action(action).name}")
    names: dict[tuple[tuple[str, str], ...], str] = {}
    periods = []
    for time in sorted(at):
        changes_then = tuple(at[time].items())
        periods.append((time, names.setdefault(changes_then, f"dose_{len(names) + 1}")))
    return Periods({name: changes for changes, name in names.items()}, tuple(periods))
