"""Reactions: their rates as formulas, and what they make of each species."""

from __future__ import annotations

import libsbml

from calor.core.errors import InputError
from calor.engine.importers.assembly import Assembly, no_value
from calor.engine.importers.sbml_facts import Facts
from calor.engine.importers.sbml_quantities import add_quantity
from calor.engine.symbolic.expression import ONE, ZERO, Expression, constant, symbol
from calor.engine.symbolic.system import Constraint


def add_reactions(facts: Facts, assembly: Assembly) -> dict[str, Expression]:
    """Add every reaction's rate under its name; return the change of each species' amount by time.

    A fast reaction has no rate, it is a constraint: nothing flows any more.
    """
    rates: dict[str, Expression] = {}
    for reaction in facts.model.getListOfReactions():
        name = reaction.getId()
        law = _kinetic_law(facts, assembly, reaction)
        made = {
            identifier: (net, _conversion(facts, species))
            for identifier, net in _net_stoichiometries(facts, assembly, reaction).items()
            if not (
                (species := facts.model.getSpecies(identifier)).getBoundaryCondition()
                or species.getConstant()
            )
        }
        if reaction.isSetFast() and reaction.getFast():
            assembly.infinitely_fast.add(name)
            changes = tuple(
                (facts.amount_name(facts.model.getSpecies(each)), net * factor)
                for each, (net, factor) in made.items()
            )
            if changes:
                assembly.constraints.append(Constraint(f"fast reaction {name}", law, changes, flows=True))
            continue
        assembly.formulas[name] = law
        for identifier, (net, factor) in made.items():
            rates[identifier] = rates.get(identifier, ZERO) + net * symbol(name) * factor
    return rates


def _net_stoichiometries(
    facts: Facts, assembly: Assembly, reaction: libsbml.Reaction
) -> dict[str, Expression]:
    """Return how many of each species a reaction makes on the whole, without those of which it makes none.

    The rate of a reaction that gives a species back would otherwise be added and taken away again, and with
    it what is smaller than the rounding of that rate.
    """
    net: dict[str, Expression] = {}
    for sign, references in ((-1.0, reaction.getListOfReactants()), (1.0, reaction.getListOfProducts())):
        for reference in references:
            made = sign * _stoichiometry(facts, assembly, reference, reaction.getId())
            identifier = reference.getSpecies()
            net[identifier] = net[identifier] + made if identifier in net else made
    return {each: made for each, made in net.items() if not (made.is_constant() and made.value == 0.0)}


def _kinetic_law(facts: Facts, assembly: Assembly, reaction: libsbml.Reaction) -> Expression:
    """Return the rate of a reaction; its local parameters become `reaction.parameter`."""
    law = reaction.getKineticLaw()
    if law is None or not law.isSetMath():
        return ZERO
    name = reaction.getId()
    parameters = list(law.getListOfLocalParameters()) or list(law.getListOfParameters())
    local = {parameter.getId(): f"{name}.{parameter.getId()}" for parameter in parameters}
    for parameter in parameters:
        if parameter.isSetValue():
            assembly.parameters[local[parameter.getId()]] = parameter.getValue()
            assembly.units[local[parameter.getId()]] = facts.units.parameter(parameter)
    assembly.units[name] = facts.units.rate()
    return facts.read.real(law.getMath(), f"kinetic law of {name}", local)


def _stoichiometry(
    facts: Facts, assembly: Assembly, reference: libsbml.SpeciesReference, reaction: str
) -> Expression:
    where = f"stoichiometry of {reference.getSpecies()} in {reaction}"
    if reference.isSetStoichiometryMath() and reference.getStoichiometryMath().isSetMath():
        return facts.read.real(reference.getStoichiometryMath().getMath(), where)
    value = None
    if reference.isSetStoichiometry() or facts.model.getLevel() < 3:
        value = reference.getStoichiometry() / (reference.getDenominator() or 1)
    name = reference.getId()
    if name:
        add_quantity(facts, assembly, name, value)
        return symbol(name)
    if value is None:
        what = f"the {where}"
        raise InputError([no_value(what, facts.file, what, reference.getLine() or None)])
    return constant(value)


def _conversion(facts: Facts, species: libsbml.Species) -> Expression:
    """Return the factor from extent of reaction to amount of a species."""
    if species.isSetConversionFactor():
        return symbol(species.getConversionFactor())
    if facts.model.isSetConversionFactor():
        return symbol(facts.model.getConversionFactor())
    return ONE
