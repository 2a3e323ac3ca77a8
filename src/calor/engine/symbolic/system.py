"""A system of ordinary differential equations with parameters, assigned quantities, constraints and events.

    dx/dt = f(t, x, p, a(t, x, p)),   x(t0) = x0(t0, p)

Frozen and checked when made: every name is known, kinds agree, assigned quantities stand in the order in
which they can be computed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from calor.core.errors import InputError
from calor.engine.symbolic.expression import ONE, Expression
from calor.engine.symbolic.operators import Kind
from calor.engine.symbolic.traversal import symbols_of


@dataclass(frozen=True)
class Parameter:
    """A constant of a simulation: its name, value and unit."""

    name: str
    value: float
    unit: str | None = None


@dataclass(frozen=True)
class State:
    """A quantity that is integrated.

    Arguments: the name; the initial value, an expression of time and parameters (and quantities assigned
    from these) only; the derivative by time; the unit.
    """

    name: str
    initial: Expression
    derivative: Expression
    unit: str | None = None


@dataclass(frozen=True)
class Assigned:
    """A quantity given by a formula at all times; it may use those assigned before it."""

    name: str
    formula: Expression
    unit: str | None = None


@dataclass(frozen=True)
class Assignment:
    """What an event does to one state: its new value is `value * scale`.

    The scale is always evaluated at execution, even where the value was taken when the event fired: it turns
    a concentration into the amount that is held.
    """

    state: str
    value: Expression
    scale: Expression = ONE


@dataclass(frozen=True)
class Event:
    """Assignments made when a condition becomes true.

    Arguments:
        trigger: the condition; the event fires when it passes from false to true.
        assignments: made at one instant, all from the values before any of them.
        delay: time from firing to execution, evaluated at firing; None is none.
        priority: among events that execute at the same time the highest is first, those without one last;
            it is evaluated anew after each execution. Ties are broken by the lot that `ir.program` describes.
        persistent: whether it executes even if the trigger is false again by then.
        initial_value: what the trigger counts as before the start.
        use_values_from_trigger_time: whether assignments are evaluated at firing or at execution.
    """

    name: str
    trigger: Expression
    assignments: tuple[Assignment, ...]
    delay: Expression | None = None
    priority: Expression | None = None
    persistent: bool = True
    initial_value: bool = True
    use_values_from_trigger_time: bool = True


@dataclass(frozen=True)
class Species:
    """A substance held by a compartment: the names under which its amount and concentration are known."""

    name: str
    amount: str
    concentration: str | None


@dataclass(frozen=True)
class Constraint:
    """Something that holds at all times after the start, 0 = value, and the states that move to keep it.

    Arguments:
        name: what to call it in messages.
        value: what is zero.
        changes: the states that move, and by how much each relative to the others, which only events may
            change; the rates of change of
            what these leave alone are those of the states' derivatives.
        flows: whether the value is a rate at which the states move by `changes` until nothing moves any more,
            as in a fast reaction: then values at the start and after events are where that flow ends, of
            several constraints together, and one that nothing can move is idle. Otherwise they are the
            solution near by.
    """

    name: str
    value: Expression
    changes: tuple[tuple[str, Expression], ...]
    flows: bool = False


@dataclass(frozen=True)
class Delayed:
    """The value that a formula had some time ago.

    Arguments: the name by which formulas use it; the formula; the same for times before the start, where
    states have the initial values of that time and no rates; and how long ago, never negative.
    """

    name: str
    formula: Expression
    before: Expression
    ago: Expression


@dataclass(frozen=True)
class System:
    """States, parameters, assigned quantities and events; raises InputError where they do not fit."""

    name: str
    states: tuple[State, ...]
    parameters: tuple[Parameter, ...] = ()
    assigned: tuple[Assigned, ...] = ()
    events: tuple[Event, ...] = ()
    species: tuple[Species, ...] = ()
    time_unit: str | None = None
    starts: tuple[Assigned, ...] = ()
    """Values at the start as the model says them, where a name means its own value at the start. `states` and
    `assigned` have them written out; whoever gives one of them lets the others follow."""
    constraints: tuple[Constraint, ...] = ()
    delayed: tuple[Delayed, ...] = ()
    """Each uses only those before it."""

    def __post_init__(self) -> None:
        self._check_names()
        self._check_values()
        self._check_formulas()

    @cached_property
    def state_names(self) -> tuple[str, ...]:
        """The names of the states in order."""
        return tuple(state.name for state in self.states)

    @cached_property
    def parameter_names(self) -> tuple[str, ...]:
        """The names of the parameters in order."""
        return tuple(parameter.name for parameter in self.parameters)

    @cached_property
    def constant_names(self) -> tuple[str, ...]:
        """The names of what is computed at the start and then stays."""
        return tuple(item.name for item in self.starts if item.name not in self.state_names)

    @cached_property
    def output_names(self) -> tuple[str, ...]:
        """Everything that can be asked for: states, parameters, assigned quantities."""
        return self.state_names + self.parameter_names + tuple(item.name for item in self.assigned)

    @cached_property
    def units(self) -> dict[str, str | None]:
        """The unit of everything that can be asked for."""
        quantities: tuple[State | Parameter | Assigned, ...] = (
            *self.states,
            *self.parameters,
            *self.assigned,
        )
        return {item.name: item.unit for item in quantities}

    def amount_of(self, name: str) -> str:
        """Return the name of a species' amount; a name that is no species' stands for itself."""
        return next((item.amount for item in self.species if item.name == name), name)

    def concentration_of(self, name: str) -> str:
        """Return the name of a species' concentration; a name that is no species' stands for itself."""
        found = next((item for item in self.species if item.name == name), None)
        if found is None:
            return name
        if found.concentration is None:
            raise InputError.of(f"{name} has no concentration: its compartment has no size", key=name)
        return found.concentration

    def _check_names(self) -> None:
        seen: set[str] = set()
        for name in self.output_names:
            if name in seen:
                raise InputError.of("two quantities have the same name", key=name)
            seen.add(name)

    def _check_values(self) -> None:
        for parameter in self.parameters:
            if math.isnan(parameter.value):
                raise InputError.of("the parameter's value is not a number (NaN)", key=parameter.name)

    def _check_formulas(self) -> None:
        known = set(self.parameter_names)
        early = set(self.parameter_names)
        known.update(self.state_names)
        known.update(item.name for item in self.delayed)
        for item in self.assigned:
            used = _checked(item.formula, known, item.name, Kind.REAL)
            known.add(item.name)
            if used <= early:
                early.add(item.name)
        for state in self.states:
            _checked(state.initial, early, f"initial value of {state.name}", Kind.REAL)
            _checked(state.derivative, known, f"derivative of {state.name}", Kind.REAL)
        for delayed in self.delayed:
            for formula in (delayed.formula, delayed.before, delayed.ago):
                _checked(formula, known, delayed.name, Kind.REAL)
        for constraint in self.constraints:
            _checked(constraint.value, known, constraint.name, Kind.REAL)
            for target, change in constraint.changes:
                _checked(change, known, constraint.name, Kind.REAL)
                if target not in self.state_names:
                    raise InputError.of(f"{target} is not a state", key=constraint.name)
        for event in self.events:
            self._check_event(event, known)

    def _check_event(self, event: Event, known: set[str]) -> None:
        where = f"event {event.name}"
        _checked(event.trigger, known, where, Kind.BOOLEAN)
        for formula in (event.delay, event.priority):
            if formula is not None:
                _checked(formula, known, where, Kind.REAL)
        targets = [assignment.state for assignment in event.assignments]
        for assignment in event.assignments:
            _checked(assignment.value, known, where, Kind.REAL)
            _checked(assignment.scale, known, where, Kind.REAL)
            if assignment.state not in self.state_names:
                raise InputError.of(f"{assignment.state} is not a state", key=where)
        if len(set(targets)) != len(targets):
            raise InputError.of("assigns one state twice", key=where)


def _checked(formula: Expression, known: Iterable[str], where: str, kind: Kind) -> set[str]:
    """Return the names a formula uses, once they are known and its kind is right."""
    if formula.kind is not kind:
        raise InputError.of(f"a {kind} value is needed, the formula gives a {formula.kind} one", key=where)
    used = symbols_of([formula])
    unknown = sorted(used.difference(known))
    if unknown:
        raise InputError.of(f"uses {', '.join(unknown[:5])}, not known (or not yet) here", key=where)
    return used
