"""Algebraic rules: conditions, and what they may determine."""

from __future__ import annotations

from calor.engine.importers.assembly import Assembly
from calor.engine.importers.conditions import Condition
from calor.engine.importers.sbml_facts import Facts


def add_conditions(facts: Facts, assembly: Assembly) -> None:
    """Add every algebraic rule, and under the name of what holds it each quantity that they may determine."""
    for rule in facts.model.getListOfRules():
        if rule.isAlgebraic() and rule.isSetMath():
            residual = facts.read.real(rule.getMath(), "algebraic rule")
            assembly.conditions.append(Condition(residual, rule.getLine() or None))
    for name in sorted(facts.undetermined):
        species = facts.model.getSpecies(name)
        assembly.undetermined[name if species is None else facts.amount_name(species)] = name
