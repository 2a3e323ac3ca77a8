"""SBML core, Levels 1 to 3, into a `System`.

A species is held as its amount, so that doses and changing volumes act as they should. Its name means what
SBML says: its concentration unless it `hasOnlySubstanceUnits`. Where these differ, the state is called
`amount(S)` and S is assigned; in a constant compartment of size 1 they are the same and the state is S.
"""

from __future__ import annotations

from collections.abc import Collection

from calor.engine.importers.assembly import Assembly
from calor.engine.importers.sbml_conditions import add_conditions
from calor.engine.importers.sbml_document import check_consistency, read_model
from calor.engine.importers.sbml_events import add_events
from calor.engine.importers.sbml_facts import Facts
from calor.engine.importers.sbml_quantities import add_quantity
from calor.engine.importers.sbml_reactions import add_reactions
from calor.engine.importers.sbml_species import add_species
from calor.engine.symbolic.expression import constant
from calor.engine.symbolic.system import System


def read_system(text: str, file: str | None, given: Collection[str]) -> System:
    """Return the system of an SBML document given as text; raises what `sbml.load_sbml` does.

    Arguments: the text; the file that messages name; the quantities whose values the caller gives.
    """
    document, model = read_model(text, file)
    check_consistency(document, file)
    facts = Facts(document, model, file, given)
    assembly = Assembly(file=file)
    _add_compartments_and_parameters(facts, assembly)
    rates = add_reactions(facts, assembly)
    add_species(facts, assembly, rates)
    add_events(facts, assembly)
    add_conditions(facts, assembly)
    assembly.delays |= {name: pair for pair, name in facts.read.delays.items()}
    return assembly.build(model.getId() or "model", facts.units.time)


def _add_compartments_and_parameters(facts: Facts, assembly: Assembly) -> None:
    for compartment in facts.model.getListOfCompartments():
        name = compartment.getId()
        assembly.units[name] = facts.units.compartment(compartment)
        if facts.is_one(compartment):
            assembly.formulas[name] = constant(1.0)
        else:
            add_quantity(facts, assembly, name, compartment.getSize() if compartment.isSetSize() else None)
    for parameter in facts.model.getListOfParameters():
        name = parameter.getId()
        assembly.units[name] = facts.units.parameter(parameter)
        add_quantity(facts, assembly, name, parameter.getValue() if parameter.isSetValue() else None)
