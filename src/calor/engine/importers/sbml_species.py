"""Species: their amounts as states or constants, their concentrations as formulas."""

from __future__ import annotations

import libsbml

from calor.engine.importers.assembly import Assembly, rate_of
from calor.engine.importers.sbml_facts import Facts
from calor.engine.symbolic.expression import ONE, ZERO, Expression, constant, symbol
from calor.engine.symbolic.system import Species


def add_species(facts: Facts, assembly: Assembly, rates: dict[str, Expression]) -> None:
    """Add every species; `rates` holds the amounts that reactions make of each a unit of time."""
    for species in facts.model.getListOfSpecies():
        name, amount = species.getId(), facts.amount_name(species)
        size = facts.size(species)
        concentration = _add_names(facts, assembly, species, size)
        assembly.species.append(Species(name, amount, concentration))
        if name not in facts.assignment_rules:
            _add_amount(facts, assembly, species, rates.get(name, ZERO))


def _add_names(
    facts: Facts, assembly: Assembly, species: libsbml.Species, size: Expression | None
) -> str | None:
    """Add the formulas that tie a species' name, amount and concentration; return the last one's name."""
    name, amount = species.getId(), facts.amount_name(species)
    assembly.units[amount] = facts.units.amount(species)
    if not facts.is_amount(species):
        assembly.units[name] = facts.units.concentration(species)
    ruled = name in facts.assignment_rules
    if ruled:
        assembly.formulas[name] = facts.assignment_rules[name]
    if size is None or size is ONE:
        return name if size is ONE else None
    if facts.is_amount(species):
        assembly.formulas[f"concentration({name})"] = symbol(name) / size
        assembly.units[f"concentration({name})"] = facts.units.concentration(species)
        return f"concentration({name})"
    if ruled:
        assembly.formulas[amount] = symbol(name) * size
    else:
        assembly.formulas[name] = symbol(amount) / size
    return str(name)


def _add_amount(
    facts: Facts, assembly: Assembly, species: libsbml.Species, from_reactions: Expression
) -> None:
    name, amount = species.getId(), facts.amount_name(species)
    initial = _initial_amount(facts, species)
    if initial is None:
        if from_reactions is not ZERO or name in facts.rate_rules or name in facts.event_targets:
            assembly.without_value.append(name)
        return
    if not species.getConstant():
        assembly.states[amount] = (initial, _rate(facts, species, from_reactions))
    elif initial.is_constant() and name not in facts.initial_assignments:
        assembly.parameters[amount] = initial.value
    else:
        assembly.frozen[amount] = initial


def _initial_amount(facts: Facts, species: libsbml.Species) -> Expression | None:
    """Return the amount at the start, None where the model gives none."""
    size = facts.size_or_one(species)
    per_size = ONE if facts.is_amount(species) else size
    if species.getId() in facts.initial_assignments:
        return facts.initial_assignments[species.getId()] * per_size
    if species.isSetInitialAmount():
        return constant(species.getInitialAmount())
    if species.isSetInitialConcentration():
        return constant(species.getInitialConcentration()) * size
    return ZERO if species.getId() in facts.given else None


def _rate(facts: Facts, species: libsbml.Species, from_reactions: Expression) -> Expression:
    """Return the change of the amount by time; a rate rule gives that of what the name means."""
    name = species.getId()
    if name not in facts.rate_rules:
        return from_reactions
    rule = facts.rate_rules[name]
    size = facts.size(species)
    if size is None or facts.is_amount(species):
        return rule
    if size is ONE:
        return rule
    return rule * size + symbol(name) * symbol(rate_of(size.name))
