"""The model as SBML: written from Antimony, every number with a unit, and checked for consistency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calor.core.errors import CalorError

if TYPE_CHECKING:
    import libsbml

PURE_NUMBER = "dimensionless"


class ModelError(CalorError):
    """The model's own text is inconsistent: a fault of calor's, or of a drug that was not checked."""


def sbml_of(antimony_text: str) -> str:
    """Return Antimony text as SBML Level 3 Version 2 in which numbers in formulas are dimensionless.

    Raises ModelError when the text is not Antimony.
    """
    import antimony  # these two take long to load, and a list of drugs needs neither
    import libsbml

    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(antimony_text) < 0:
        raise ModelError(f"the model is not Antimony: {antimony.getLastError()}")
    document = libsbml.readSBMLFromString(antimony.getSBMLString(antimony.getMainModuleName()))
    document.setLevelAndVersion(3, 2, False)
    for element in document.getListOfAllElements():
        formula = getattr(element, "getMath", lambda: None)()
        if formula is not None:
            element.setMath(_with_pure_numbers(formula.deepCopy()))
    return str(libsbml.writeSBMLToString(document))


def _with_pure_numbers(node: libsbml.ASTNode) -> libsbml.ASTNode:
    if node.isNumber() and not node.isSetUnits():
        node.setUnits(PURE_NUMBER)
    for index in range(node.getNumChildren()):
        _with_pure_numbers(node.getChild(index))
    return node


def inconsistencies(sbml: str) -> tuple[str, ...]:
    """Return what libSBML's consistency check finds, units included; empty when the model is clean."""
    import libsbml  # takes long to load

    document = libsbml.readSBMLFromString(sbml)
    document.checkConsistency()
    found = (document.getError(index) for index in range(document.getNumErrors()))
    return tuple(f"line {error.getLine()}: {error.getMessage().strip()}" for error in found)
