"""Systems in which parameters change in the course of time, or initial values are set from outside.

Both make a parameter `start(NAME)`, the value at the start, so that a batch can give each patient its own
and a reset returns to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from calor.engine.symbolic.expression import ONE, ZERO, Expression, symbol
from calor.engine.symbolic.system import Parameter, State, System
from calor.engine.symbolic.traversal import Substitution


def start_of(name: str) -> str:
    """Return the name of the parameter that holds a quantity's value at the start."""
    return f"start({name})"


def with_time_varying(system: System, names: Collection[str]) -> System:
    """Return the system with some parameters as states that stay as they are until a calendar sets them.

        dp/dt = 0,   p(t0) = start(p)

    Quantities assigned from such a parameter follow it; initial values are taken from its value at the start.
    """
    if not names:
        return system
    at_start = Substitution({symbol(name): symbol(start_of(name)) for name in names})
    for item in system.assigned:
        at_start.add(symbol(item.name), at_start(item.formula))
    moved = [parameter for parameter in system.parameters if parameter.name in names]
    states = [replace(state, initial=at_start(state.initial)) for state in system.states]
    states += [State(item.name, symbol(start_of(item.name)), ZERO, item.unit) for item in moved]
    parameters = [parameter for parameter in system.parameters if parameter.name not in names]
    parameters += [Parameter(start_of(item.name), item.value, item.unit) for item in moved]
    return replace(system, states=tuple(states), parameters=tuple(parameters))


def with_given_start(system: System, names: Collection[str]) -> System:
    """Return the system with the initial values of some states, or species by what their name means, given.

    A concentration c gives the amount c / f(1), where f turns the amount into the concentration. The value of
    `start(NAME)` itself is 0 until somebody sets it.
    """
    initials = {system.amount_of(name): _initial_amount(system, name) for name in names}
    states = tuple(
        replace(state, initial=initials[state.name]) if state.name in initials else state
        for state in system.states
    )
    added = tuple(Parameter(start_of(name), 0.0, system.units.get(name)) for name in names)
    return replace(system, states=states, parameters=(*system.parameters, *added))


def _initial_amount(system: System, name: str) -> Expression:
    """Return the amount at the start of what has the value `start(name)` then."""
    amount = system.amount_of(name)
    formula = next((item.formula for item in system.assigned if item.name == name), None)
    if formula is None or amount == name:
        return symbol(start_of(name))
    at_start = Substitution({symbol(state.name): state.initial for state in system.states})
    at_start.add(symbol(amount), ONE)
    for item in system.assigned:
        at_start.add(symbol(item.name), at_start(item.formula))
    return symbol(start_of(name)) / at_start(formula)
