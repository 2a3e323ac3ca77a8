"""A system written by hand, for tests, examples and generated models.

build = SystemBuilder("decay")
k = build.parameter("k", 0.5, "1/h")
x = build.state("x", 10.0, "mg")
build.rate("x", -k * x)
system = build.build()
"""

from __future__ import annotations

from collections.abc import Mapping

from calor.engine.symbolic.expression import ZERO, Expression, as_expression, symbol
from calor.engine.symbolic.system import Assigned, Assignment, Event, Parameter, State, System


class SystemBuilder:
    """Collects a system's parts in any order; `build` checks them."""

    def __init__(self, name: str, time_unit: str | None = None) -> None:
        self._name, self._time_unit = name, time_unit
        self._parameters: list[Parameter] = []
        self._states: dict[str, tuple[Expression, str | None]] = {}
        self._rates: dict[str, Expression] = {}
        self._assigned: list[Assigned] = []
        self._events: list[Event] = []

    def parameter(self, name: str, value: float, unit: str | None = None) -> Expression:
        """Add a parameter and return its symbol."""
        self._parameters.append(Parameter(name, value, unit))
        return symbol(name)

    def state(self, name: str, initial: Expression | float, unit: str | None = None) -> Expression:
        """Add a state (at rest until it is given a rate) and return its symbol."""
        self._states[name] = (as_expression(initial), unit)
        return symbol(name)

    def rate(self, name: str, derivative: Expression | float) -> None:
        """Give a state its derivative by time."""
        self._rates[name] = as_expression(derivative)

    def assign(self, name: str, formula: Expression | float, unit: str | None = None) -> Expression:
        """Add a quantity given by a formula and return its symbol."""
        self._assigned.append(Assigned(name, as_expression(formula), unit))
        return symbol(name)

    def event(
        self,
        name: str,
        trigger: Expression,
        assignments: Mapping[str, Expression | float],
        *,
        delay: Expression | float | None = None,
        priority: Expression | float | None = None,
        persistent: bool = True,
        initial_value: bool = True,
        use_values_from_trigger_time: bool = True,
    ) -> None:
        """Add an event; the words are those of `Event`."""
        made = tuple(Assignment(state, as_expression(value)) for state, value in assignments.items())
        self._events.append(
            Event(
                name=name,
                trigger=trigger,
                assignments=made,
                delay=None if delay is None else as_expression(delay),
                priority=None if priority is None else as_expression(priority),
                persistent=persistent,
                initial_value=initial_value,
                use_values_from_trigger_time=use_values_from_trigger_time,
            )
        )

    def build(self) -> System:
        """Return the system."""
        states = tuple(
            State(name, initial, self._rates.get(name, ZERO), unit)
            for name, (initial, unit) in self._states.items()
        )
        return System(
            name=self._name,
            states=states,
            parameters=tuple(self._parameters),
            assigned=tuple(self._assigned),
            events=tuple(self._events),
            time_unit=self._time_unit,
        )
