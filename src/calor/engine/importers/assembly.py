"""From scattered definitions, in any order, to a system whose parts stand in the order of computation.

An importer says of every quantity what it is: a parameter, a state, a formula that holds at all times, or
one that holds at the start and is then frozen. The assembly finds the order, writes initial values in terms
of parameters, and works out the rates of change that a model asks for by name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError

from calor.core.errors import InputError, Place, Problem
from calor.engine.symbolic.calculus import total_derivative
from calor.engine.symbolic.expression import ONE, TIME, ZERO, Expression, symbol
from calor.engine.symbolic.system import Assigned, Event, Parameter, Species, State, System
from calor.engine.symbolic.traversal import Substitution, in_order, mentions_time, symbols_of

_RATE_OF = "rateOf({})"
_INSIDE = re.compile(r"(?:rateOf|amount|concentration)\((.+)\)")
MOST_NAMED = 10
"""Quantities without a value that one error names."""


def rate_of(name: str) -> str:
    """Return the name under which the rate of change of a quantity is known."""
    return _RATE_OF.format(name)


def no_value(name: str, file: str | None, where: str, line: int | None = None) -> Problem:
    """Return what to say of a quantity that has no value; `where` is what uses it, if not itself."""
    hint = "give it a value, a rule or an initial assignment"
    return Problem(f"{name} has no value", Place(file, line, where if where != name else None), hint=hint)


def _quantity(name: str) -> str:
    """Return the name in the file of what a symbol stands for."""
    found = _INSIDE.fullmatch(name)
    return found.group(1) if found else name


@dataclass
class Assembly:
    """Collects definitions; `build` makes the system."""

    file: str | None = None
    units: dict[str, str | None] = field(default_factory=dict)
    parameters: dict[str, float] = field(default_factory=dict)
    states: dict[str, tuple[Expression, Expression]] = field(default_factory=dict)  # initial value, rate
    formulas: dict[str, Expression] = field(default_factory=dict)
    frozen: dict[str, Expression] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    species: list[Species] = field(default_factory=list)
    without_value: list[str] = field(default_factory=list)  # what changes in time from no value

    def build(self, name: str, time_unit: str | None) -> System:
        """Return the system; raises InputError for a loop or a quantity without a value."""
        self._add_rates_asked_for()
        self._check_known()
        initial = self._initial_values()
        starts = {**self.frozen, **{state: value for state, (value, _) in self.states.items()}}
        self._settle_frozen(initial)
        return System(
            name=name,
            states=tuple(
                State(state, initial(value), rate, self.units.get(state))
                for state, (value, rate) in self.states.items()
            ),
            parameters=tuple(
                Parameter(parameter, value, self.units.get(parameter))
                for parameter, value in self.parameters.items()
            ),
            assigned=tuple(
                Assigned(item, self.formulas[item], self.units.get(item))
                for item in self._order(self.formulas)
            ),
            events=tuple(self.events),
            species=tuple(self.species),
            time_unit=time_unit,
            starts=tuple(Assigned(name, formula) for name, formula in starts.items()),
        )

    def _all_formulas(self) -> list[tuple[str, Expression]]:
        """Return every formula with what it is for."""
        found = [*self.formulas.items(), *self.frozen.items()]
        for state, (initial, rate) in self.states.items():
            found += [(state, initial), (state, rate)]
        for event in self.events:
            values = [event.trigger, event.delay, event.priority]
            values += [part for item in event.assignments for part in (item.value, item.scale)]
            found += [(f"event {event.name}", value) for value in values if value is not None]
        return found

    def _add_rates_asked_for(self) -> None:
        """Define rateOf(x) wherever a formula uses it, and what these definitions use in turn."""
        known = {
            rate_of(name): name for name in (*self.parameters, *self.states, *self.formulas, *self.frozen)
        }
        waiting = [formula for _, formula in self._all_formulas()]
        while waiting:
            for used in sorted(symbols_of([waiting.pop()])):
                if used in known and used not in self.formulas:
                    self.formulas[used] = self._rate(known[used])
                    waiting.append(self.formulas[used])

    def _rate(self, name: str) -> Expression:
        if name in self.states:
            return self.states[name][1]
        if name not in self.formulas:
            return ZERO
        formula = self.formulas[name]
        rates = {symbol(used): self._rate_symbol(used) for used in symbols_of([formula])}
        return total_derivative(formula, {**rates, TIME: ONE})

    def _rate_symbol(self, name: str) -> Expression:
        return symbol(rate_of(name)) if name in self.states or name in self.formulas else ZERO

    def _check_known(self) -> None:
        for name, value in self.parameters.items():
            if math.isnan(value):
                raise InputError.of("the value is not a number (NaN)", file=self.file, key=name)
        known = {*self.parameters, *self.states, *self.formulas, *self.frozen}
        missing = {name: name for name in self.without_value}
        for what, formula in self._all_formulas():
            for name in sorted(symbols_of([formula]) - known):
                missing.setdefault(_quantity(name), what)
        for event in self.events:
            for item in event.assignments:
                if item.state not in self.states:
                    missing.setdefault(_quantity(item.state), f"event {event.name}")
        if missing:
            raise InputError([no_value(name, self.file, what) for name, what in missing.items()][:MOST_NAMED])

    def _initial_values(self) -> Substitution:
        """Return the replacement of everything by its value at the start, in terms of parameters and time."""
        at_start = {**self.formulas, **self.frozen, **{name: pair[0] for name, pair in self.states.items()}}
        replace = Substitution({})
        for name in self._order(at_start):
            replace.add(symbol(name), replace(at_start[name]))
        return replace

    def _settle_frozen(self, initial: Substitution) -> None:
        """Keep what is fixed at the start as a formula of parameters, or as a state where time enters it."""
        for name in self.frozen:
            value = initial(symbol(name))
            if mentions_time([value]):
                self.states[name] = (value, ZERO)
            else:
                self.formulas[name] = value

    def _order(self, formulas: Mapping[str, Expression]) -> tuple[str, ...]:
        """Return the names so that each comes after those it uses."""
        try:
            return in_order(formulas)
        except CycleError as error:
            loop = " -> ".join(reversed(error.args[1]))
            raise InputError.of(
                "these quantities are defined by each other in a loop", file=self.file, key=loop
            ) from None
