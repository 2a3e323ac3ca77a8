"""A composed model with its dosing inside, as events: for tools that know SBML and nothing of regimens.

Time runs from the injury; study day 1 lies some days later. Each time at which anything is given is one
event, so that no two events of one time contend: a dose adds to its state, an infusion switches a rate on and
later off, a plasma exchange scales what it removes. Times, amounts and rates are parameters with units.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from calor.core.errors import InputError
from calor.engine.calendar import Calendar
from calor.engine.instants import Effect, instants_of
from calor.regimen import Regimen
from calor.therapy.compose import Composed
from calor.therapy.dosing import calendar_of
from calor.therapy.drug import Drug

WEIGHT = "body_weight"

PER_DAY = {"mg": "mg_per_day", "gram": "gram_per_day"}
"""The model's name of the rate of each unit in which drug is infused."""

RATE_UNITS = (
    "  unit mg_per_day = 1e-3 gram/(86400 second)",
    "  unit gram_per_day = gram/(86400 second)",
)


def dosed_antimony(
    composed: Composed,
    given: Sequence[tuple[Drug, Regimen]],
    first_day: float,
    values: Mapping[str, float] | None = None,
) -> str:
    """Return a composed model as Antimony in which the drugs are given by events.

    Arguments: the model; the drugs with their regimens; the day after the injury that is study day 1; and
    numbers of the person that are not the model's own, by name. Doses by weight take the person's. Raises
    InputError for a number that the model does not have, and what `calendar_of` raises.
    """
    text = with_numbers(composed.antimony, values or {})
    weight = _number(text, WEIGHT)
    calendar = Calendar.empty()
    for drug, regimen in given:
        calendar = calendar.then(calendar_of(regimen, drug, weight))
    return _with_events(text, calendar.later(first_day))


def with_numbers(antimony: str, values: Mapping[str, float]) -> str:
    """Return Antimony text with other values of parameters. Raises InputError for a name that it lacks."""
    for name, value in values.items():
        antimony, found = re.subn(
            rf"^  {re.escape(name)} = [-+.\w]+$", f"  {name} = {float(value)!r}", antimony, flags=re.MULTILINE
        )
        if found != 1:
            raise InputError.of(f"the model has no number {name!r}", hint="calor model parameters lists them")
    return antimony


def _number(antimony: str, name: str) -> float:
    found = re.search(rf"^  {name} = ([-+.\w]+)$", antimony, flags=re.MULTILINE)
    if found is None:
        raise ValueError(f"the model has no {name}")
    return float(found[1])


def _unit(antimony: str, name: str) -> str:
    found = re.search(rf"^  {name} has (\w+)$", antimony, flags=re.MULTILINE)
    if found is None:
        raise ValueError(f"the model says no unit of {name}")
    return found[1]


def _with_events(antimony: str, calendar: Calendar) -> str:
    """Return Antimony text with an event for each time of a calendar."""
    if not len(calendar):
        return antimony
    names = _Names(antimony)
    events = []
    for number, instant in enumerate(instants_of(calendar), start=1):
        if instant.resets:
            raise ValueError("a regimen does not reset")
        after = dict(
            change for state, effect in instant.effects.items() for change in names.changes(state, effect)
        )
        if not after:
            continue
        time = instant.time
        assignments = ", ".join(f"{name} = {formula}" for name, formula in after.items())
        events += [
            f"  dosing_{number}_time = {time!r}",
            f"  dosing_{number}_time has day",
            f"  dosing_{number}: at time >= dosing_{number}_time, t0=false: {assignments}",
        ]
    for state in names.infused:
        antimony, found = re.subn(
            rf"^( *{state}' = .*)$", rf"\1 + {state}_infusion", antimony, flags=re.MULTILINE
        )
        if found != 1:
            raise ValueError(f"the model has no state {state}")
    head, end = antimony.rsplit("\nend", 1)
    lines = ["", "  // ---- dosing", *RATE_UNITS, *names.declarations, *events]
    return head + "\n".join(lines) + "\nend" + end


class _Names:
    """Names the amounts, rates and shares of a calendar, each number of a unit once."""

    def __init__(self, antimony: str) -> None:
        self.antimony = antimony
        self.infused: list[str] = []
        self.declarations: list[str] = []
        self._known: dict[tuple[str, str, float], str] = {}

    def changes(self, state: str, effect: Effect) -> Iterator[tuple[str, str]]:
        """Yield what an effect on a state changes, and to what."""
        if effect.changes_state:
            kept = state
            if effect.factor != 1.0:
                kept += f"*{self._named('remaining', 'dimensionless', effect.factor)}"
            if effect.added:
                kept += f" + {self._named('dose', _unit(self.antimony, state), effect.added)}"
            yield state, kept
        if effect.rate:
            rate, unit = self._rate_of(state), PER_DAY[_unit(self.antimony, state)]
            sign = "+" if effect.rate > 0 else "-"
            yield rate, f"{rate} {sign} {self._named('infusion', unit, abs(effect.rate))}"

    def _rate_of(self, state: str) -> str:
        name = f"{state}_infusion"
        if state not in self.infused:
            self.infused.append(state)
            self.declarations += [f"  {name} = 0", f"  {name} has {PER_DAY[_unit(self.antimony, state)]}"]
        return name

    def _named(self, kind: str, unit: str, value: float) -> str:
        key = (kind, unit, value)
        if key not in self._known:
            name = f"{kind}_{1 + sum(known[0] == kind for known in self._known)}"
            self._known[key] = name
            self.declarations += [f"  {name} = {value!r}", f"  {name} has {unit}"]
        return self._known[key]
