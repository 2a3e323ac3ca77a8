"""From scattered definitions, in any order, to a system whose parts stand in the order of computation.

An importer says of every quantity what it is: a parameter, a state, a formula that holds at all times, or
one that holds at the start and is then frozen. The assembly finds the order, writes initial values in terms
of parameters, and works out the rates of change that a model asks for by name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from graphlib import CycleError

from calor.core.errors import InputError, Place, Problem, UnsupportedError
from calor.engine.importers.conditions import Candidate, Condition, solve
from calor.engine.symbolic.calculus import total_derivative
from calor.engine.symbolic.expression import ONE, TIME, ZERO, Expression, constant, symbol
from calor.engine.symbolic.system import (
    Assigned,
    Constraint,
    Delayed,
    Event,
    Parameter,
    Species,
    State,
    System,
)
from calor.engine.symbolic.traversal import Substitution, in_order, mentions_time, substitute, symbols_of

_RATE_OF = re.compile(r"rateOf\((.+)\)")
_INSIDE = re.compile(r"(?:rateOf|amount|concentration)\((.+)\)")
MOST_NAMED = 10
"""Quantities without a value that one error names."""


def rate_of(name: str) -> str:
    """Return the name under which the rate of change of a quantity is known."""
    return f"rateOf({name})"


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
    conditions: list[Condition] = field(default_factory=list)
    undetermined: dict[str, str] = field(default_factory=dict)  # what these may determine: name, name in file
    constraints: list[Constraint] = field(default_factory=list)
    delays: dict[str, tuple[Expression, Expression]] = field(default_factory=dict)  # formula, how long ago
    infinitely_fast: set[str] = field(
        default_factory=set
    )  # reactions that have no rate, to be refused as one

    def build(self, name: str, time_unit: str | None) -> System:
        """Return the system; raises InputError for a loop or a quantity without a value."""
        self._solve_conditions()
        self._add_rates_asked_for()
        self._check_known()
        delayed = self._delayed()
        initial = self._initial_values(delayed)
        starts = {**self.frozen, **{state: value for state, (value, _) in self.states.items()}}
        self._settle_frozen(initial)
        self._settle_changes()
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
            constraints=tuple(self.constraints),
            delayed=delayed,
            time_unit=time_unit,
            starts=tuple(Assigned(name, formula) for name, formula in starts.items()),
        )

    def _solve_conditions(self) -> None:
        """Give what conditions determine a formula, or make it a state that a constraint keeps."""
        if not self.conditions:
            return
        inline = Substitution({})
        for name in self._order(self.formulas):
            inline.add(symbol(name), self._without_rates(inline(self.formulas[name]), inline))
        conditions = [
            Condition(self._without_rates(inline(item.residual), inline), item.line)
            for item in self.conditions
        ]
        targets = {item.state for event in self.events for item in event.assignments}
        candidates = [
            Candidate(name, known_as, self._has_value(name), name in targets)
            for name, known_as in self.undetermined.items()
        ]
        solved = solve(conditions, candidates, self.file)
        for name, formula in solved.formulas.items():
            self._forget(name)
            self.formulas[name] = formula
        for name, residual in solved.residuals.items():
            self._make_implicit(name, residual)

    def _has_value(self, name: str) -> bool:
        return name in self.parameters or name in self.states or name in self.frozen

    def _without_rates(self, formula: Expression, inline: Substitution) -> Expression:
        """Return a formula with the rates of change of states written out."""
        while rates := [name for name in symbols_of([formula]) if _RATE_OF.fullmatch(name)]:
            replaced = {}
            for name in rates:
                of = _quantity(name)
                if of in self.undetermined:
                    what = (
                        f"an algebraic rule that uses the rate of change of {of}, which a rule may determine,"
                    )
                    raise UnsupportedError.of(f"{what} is not supported", file=self.file)
                replaced[symbol(name)] = inline(self._rate(of))
            formula = substitute(formula, replaced)
        return formula

    def _forget(self, name: str) -> Expression | None:
        """Take back what a quantity was; return its value at the start, if it had one."""
        if name in self.without_value:
            self.without_value.remove(name)
        if name in self.parameters:
            return constant(self.parameters.pop(name))
        if name in self.states:
            return self.states.pop(name)[0]
        return self.frozen.pop(name, None)

    def _make_implicit(self, name: str, residual: Expression) -> None:
        guess = self._forget(name)
        if guess is None:
            raise InputError.of(
                f"{self.undetermined[name]} has no value from which to look for one that satisfies its "
                "algebraic rule",
                file=self.file,
                hint="give it a value: where the rule has several solutions it says which is meant",
            )
        self.states[name] = (guess, ZERO)
        self.constraints.append(Constraint(f"algebraic rule of {name}", residual, ((name, ONE),)))

    def _all_formulas(self) -> list[tuple[str, Expression]]:
        """Return every formula with what it is for."""
        found = [*self.formulas.items(), *self.frozen.items()]
        for state, (initial, rate) in self.states.items():
            found += [(state, initial), (state, rate)]
        found += [(item.name, item.value) for item in self.constraints]
        found += [("delay()", formula) for pair in self.delays.values() for formula in pair]
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
        for item in self.constraints:
            if name in (state for state, _ in item.changes):
                raise UnsupportedError.of(
                    f"rateOf({_quantity(name)}), which the {item.name} changes, is not supported",
                    file=self.file,
                )
        if name in self.states:
            return self.states[name][1]
        if name not in self.formulas:
            return ZERO
        formula = self.formulas[name]
        rates = {symbol(used): self._rate_symbol(used) for used in symbols_of([formula])}
        return total_derivative(formula, {**rates, TIME: ONE})

    @property
    def _implicit(self) -> set[str]:
        """The states that conditions determine."""
        return {state for item in self.constraints if not item.flows for state, _ in item.changes}

    def _rate_symbol(self, name: str) -> Expression:
        return symbol(rate_of(name)) if name in self.states or name in self.formulas else ZERO

    def _check_known(self) -> None:
        for name, value in self.parameters.items():
            if math.isnan(value):
                raise InputError.of("the value is not a number (NaN)", file=self.file, key=name)
        known = {*self.parameters, *self.states, *self.formulas, *self.frozen, *self.delays}
        missing = {name: name for name in self.without_value}
        for what, formula in self._all_formulas():
            for name in sorted(symbols_of([formula]) - known):
                if name in self.infinitely_fast:
                    raise UnsupportedError.of(
                        f"the rate of the fast reaction {name}, which has none, is not supported",
                        file=self.file,
                        key=what,
                    )
                missing.setdefault(_quantity(name), what)
        for event in self.events:
            for item in event.assignments:
                if item.state not in self.states:
                    missing.setdefault(_quantity(item.state), f"event {event.name}")
        if missing:
            raise InputError([no_value(name, self.file, what) for name, what in missing.items()][:MOST_NAMED])

    def _delayed(self) -> tuple[Delayed, ...]:
        """Return what delays give, each after those that it uses. Raises UnsupportedError for a loop."""
        inline, before = Substitution({}), Substitution({})
        for name in self._order(self.formulas) if self.delays else ():
            inline.add(symbol(name), inline(self.formulas[name]))
            of_state = _RATE_OF.fullmatch(name) and _quantity(name) in self.states
            before.add(symbol(name), ZERO if of_state else before(self.formulas[name]))
        uses = {name: inline(formula) + inline(ago) for name, (formula, ago) in self.delays.items()}
        try:
            order = in_order(uses)
        except CycleError:
            raise UnsupportedError.of(
                "a delay() of what is assigned from that delay() is not supported", file=self.file
            ) from None
        return tuple(
            Delayed(name, formula, before(formula), ago)
            for name in order
            for formula, ago in [self.delays[name]]
        )

    def _initial_values(self, delayed: tuple[Delayed, ...]) -> Substitution:
        """Return the replacement of everything by its value at the start, in terms of parameters and time."""
        at_start = {**self.formulas, **self.frozen, **{name: pair[0] for name, pair in self.states.items()}}
        implicit = self._implicit
        guesses = {name: at_start.pop(name) for name in implicit}
        delays = {item.name: item for item in delayed}
        at_start |= {name: item.before + item.ago for name, item in delays.items()}
        at = Substitution({})
        for name in self._order(at_start):
            if name in delays:
                then = {TIME: TIME - at(delays[name].ago)}
                at.add(symbol(name), substitute(at(delays[name].before), then))
            else:
                at.add(symbol(name), at(at_start[name]))
            used = symbols_of([at(symbol(name))]) & implicit if name not in self.formulas else set()
            if used:
                raise UnsupportedError.of(
                    f"the value at the start of {_quantity(name)} is computed from "
                    f"{_quantity(min(used))}, which an algebraic rule determines",
                    file=self.file,
                    hint="write the rule as an assignment rule, where it can be solved",
                )
        for name, guess in guesses.items():
            at.add(symbol(name), at(guess))
        return at

    def _settle_frozen(self, initial: Substitution) -> None:
        """Keep what is fixed at the start as a formula of parameters, or as a state where time enters it."""
        for name in self.frozen:
            value = initial(symbol(name))
            if mentions_time([value]):
                self.states[name] = (value, ZERO)
            else:
                self.formulas[name] = value

    def _settle_changes(self) -> None:
        """Write out what constraints change; raises UnsupportedError where it varies between events."""
        moved = {state for item in self.constraints for state, _ in item.changes}
        moving = moved | {name for name, (_, rate) in self.states.items() if rate is not ZERO}
        inline = Substitution({})
        for name in self._order(self.formulas) if self.constraints else ():
            inline.add(symbol(name), inline(self.formulas[name]))
        for position, item in enumerate(self.constraints):
            changes = tuple((state, inline(change)) for state, change in item.changes)
            for state, change in changes:
                if mentions_time([change]) or symbols_of([change]) & moving:
                    raise UnsupportedError.of(
                        f"the {item.name} with a varying stoichiometry of {_quantity(state)}",
                        file=self.file,
                    )
            self.constraints[position] = replace(item, changes=changes)

    def _order(self, formulas: Mapping[str, Expression]) -> tuple[str, ...]:
        """Return the names so that each comes after those it uses."""
        try:
            return in_order(formulas)
        except CycleError as error:
            loop = " -> ".join(reversed(error.args[1]))
            raise InputError.of(
                "these quantities are defined by each other in a loop", file=self.file, key=loop
            ) from None
