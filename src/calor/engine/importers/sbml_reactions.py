"""Reactions: their rates as formulas, and what they make of each species."""

from __future__ import annotations

import libsbml

from calor.core.errors import InputError
from calor.engine.importers.assembly import Assembly, no_value
from calor.engine.importers.sbml_facts import Facts
from calor.engine.importers.sbml_quantities import add_quantity
from calor.engine.symbolic.expression import ONE, ZERO, Expression, constant, symbol


def add_reactions(facts: Facts, assembly: Assembly) -> dict[str, Expression]:
    """Add every reaction's rate under its name; return the change of each species' amount by time."""
    rates: dict[str, Expression] = {}
    for reaction in facts.model.getListOfReactions():
        name = reaction.getId()
        assembly.formulas[name] = _kinetic_law(facts, assembly, reaction)
        for species, net in _net_stoichiometries(facts, assembly, reaction).items():
            made = net * symbol(name) * _conversion(facts, facts.model.getSpecies(species))
            rates[species] = rates.get(species, ZERO) + made
    return rates


def _net_stoichiometries(
    facts: Facts, assembly: Assembly, reaction: libsbml.Reaction
) -> dict[str, Expression]:
    """Return what a reaction makes of each species that it changes, for one of its kind.

    What is used up and made again is left out: to add and take away a rate leaves its rounding behind, which
    is all that there is of a species that begins at zero.
    """
    net: dict[str, Expression] = {}
    for sign, references in ((-1.0, reaction.getListOfReactants()), (1.0, reaction.getListOfProducts())):
        for reference in references:
            stoichiometry = _stoichiometry(facts, assembly, reference, reaction.getId())
            species = facts.model.getSpecies(reference.getSpecies())
            if not (species.getBoundaryCondition() or species.getConstant()):
                net[species.getId()] = net.get(species.getId(), ZERO) + sign * stoichiometry
    return {species: made for species, made in net.items() if made is not ZERO}


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
