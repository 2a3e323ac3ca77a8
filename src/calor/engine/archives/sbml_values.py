"""Where in an SBML document a value stands that somebody gives, and how a quantity is targeted there."""

from __future__ import annotations

import libsbml

from calor.core.errors import InputError, UnsupportedError
from calor.engine.symbolic.system import System

_LISTS = {
    libsbml.SBML_SPECIES: ("listOfSpecies", "species"),
    libsbml.SBML_PARAMETER: ("listOfParameters", "parameter"),
    libsbml.SBML_COMPARTMENT: ("listOfCompartments", "compartment"),
    libsbml.SBML_REACTION: ("listOfReactions", "reaction"),
}


def document_of(sbml: str, *, level_3: bool) -> libsbml.SBMLDocument:
    """Return a document that was read before; in Level 3 Version 2 where events of that level are to come."""
    document = libsbml.readSBMLFromString(sbml)
    has_level_3 = (document.getLevel(), document.getVersion()) == (3, 2)
    if level_3 and not has_level_3 and not document.setLevelAndVersion(3, 2, False):
        raise UnsupportedError.of(
            "the model cannot be written as SBML Level 3 Version 2", key="--omex",
            hint=document.getError(0).getMessage().strip() if document.getNumErrors() else None,
        )  # fmt: skip
    return document


def path_of(model: libsbml.Model, name: str) -> str:
    """Return the XPath of a quantity. Raises UnsupportedError for one that is not an element of its own."""
    element = model.getElementBySId(name)
    found = _LISTS.get(element.getTypeCode()) if element is not None else None
    if found is None or element.getPackageName() != "core":
        raise UnsupportedError.of(
            f"{name} in an archive is not supported", key="--omex",
            hint="species, parameters, compartments and reactions are: name them as --outputs",
        )  # fmt: skip
    return f"/sbml:sbml/sbml:model/sbml:{found[0]}/sbml:{found[1]}[@id='{name}']"


def attribute_for(model: libsbml.Model, system: System, name: str, value: float) -> str:
    """Make a value of the model one that an attribute gives, and return the XPath of the attribute.

    Arguments: the model, which is changed; its system; the name as `--set` takes it; a value for now.
    """
    species = next((item for item in system.species if name in (item.name, item.amount)), None)
    symbol = species.name if species is not None else name
    path = path_of(model, symbol)
    model.removeInitialAssignment(symbol)
    element = model.getElementBySId(symbol)
    if species is None:
        attribute = "size" if element.getTypeCode() == libsbml.SBML_COMPARTMENT else "value"
        set_to = element.setSize if attribute == "size" else element.setValue
    elif (name == species.amount and name != species.name) or element.getHasOnlySubstanceUnits():
        attribute, set_to = "initialAmount", element.setInitialAmount
    else:
        attribute, set_to = "initialConcentration", element.setInitialConcentration
    if set_to(value) != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise InputError.of(f"{name} cannot be given a value in the model", key="--omex")
    return f"{path}/@{attribute}"
