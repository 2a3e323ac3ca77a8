"""Parameters, compartments and stoichiometries: what is set by one rule, by events, or not at all."""

from __future__ import annotations

from calor.engine.importers.assembly import Assembly
from calor.engine.importers.sbml_facts import Facts
from calor.engine.symbolic.expression import ZERO, constant


def add_quantity(facts: Facts, assembly: Assembly, name: str, value: float | None) -> None:
    """Add what is no species: an assigned quantity, a state, a constant fixed at the start, a parameter."""
    if value is None and name in facts.given:
        value = 0.0
    initial = facts.initial_assignments.get(name)
    if initial is None and value is not None:
        initial = constant(value)
    if name in facts.assignment_rules:
        assembly.formulas[name] = facts.assignment_rules[name]
    elif name in facts.rate_rules or name in facts.event_targets:
        if initial is None:
            assembly.without_value.append(name)
        else:
            assembly.states[name] = (initial, facts.rate_rules.get(name, ZERO))
    elif name in facts.initial_assignments:
        assembly.frozen[name] = facts.initial_assignments[name]
    elif value is not None:
        assembly.parameters[name] = value
