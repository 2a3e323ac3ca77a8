"""Systems in which parameters change in the course of time, or initial values are set from outside.

Both make a parameter `start(NAME)`, the value at the start, so that a batch can give each patient its own
and a reset returns to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from calor.engine.symbolic.expression import ONE, ZERO, Expression, symbol
from calor.engine.symbolic.system import Parameter, State, System
from calor.engine.symbolic.traversal import Substitution, in_order, substitute


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
    """Return the system with values at the start given: of states, constants computed then, or species.

    What is given replaces what the model computes, and what it computes from that at the start follows, as
    SBML's initial assignments do. A species is given in the meaning of its name. The value of `start(NAME)`
    itself is 0 until somebody sets it.
    """
    if not names:
        return system
    formulas = {item.name: item.formula for item in system.assigned}
    formulas |= {state.name: state.initial for state in system.states}
    formulas |= {item.name: item.formula for item in system.starts}
    formulas |= {system.amount_of(name): _amount_given(system, name) for name in names}
    at_start = Substitution({})
    for name in in_order(formulas):
        at_start.add(symbol(name), at_start(formulas[name]))
    moved = {*system.state_names, *system.constant_names}
    return replace(
        system,
        states=tuple(replace(state, initial=at_start(symbol(state.name))) for state in system.states),
        assigned=tuple(
            replace(item, formula=at_start(symbol(item.name))) if item.name in moved else item
            for item in system.assigned
        ),
        parameters=(
            *system.parameters,
            *(Parameter(start_of(name), 0.0, system.units.get(name)) for name in names),
        ),
        starts=tuple(replace(item, formula=formulas[item.name]) for item in system.starts),
    )


def _amount_given(system: System, name: str) -> Expression:
    """Return the amount at the start of what has the value `start(name)` then.

    A concentration c gives the amount c / f(1), where f turns the amount into the concentration.
    """
    amount = system.amount_of(name)
    formula = next((item.formula for item in system.assigned if item.name == name), None)
    if formula is None or amount == name:
        return symbol(start_of(name))
    return symbol(start_of(name)) / substitute(formula, {symbol(amount): ONE})
