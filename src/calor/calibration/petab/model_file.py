"""The composed model as SBML that a PEtab problem can estimate and dose.

A number estimated through its logit follows from that by a rule; a state that is infused into has a
parameter for what flows in.
"""

from __future__ import annotations

from collections.abc import Iterable

import libsbml

from calor.calibration.petab.parameter_rows import logit_name
from calor.calibration.petab.periods import infusion_name
from calor.model.sbml import PURE_NUMBER

_PER_DAY = -1
_DAY_SECONDS = 8.64
_DAY_SCALE = 4


def estimable_model(sbml: str, by_logit: Iterable[str], infused: Iterable[str]) -> str:
    """Return the SBML of a model with these changes made.

    Arguments: the model's SBML; the parameters that follow from their logits; the states that are infused
    into. Raises ValueError for a name that the model does not have.
    """
    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    for name in by_logit:
        _follow_from_logit(model, name)
    for state in infused:
        _let_flow_in(model, state)
    return str(libsbml.writeSBMLToString(document))


def _follow_from_logit(model: libsbml.Model, name: str) -> None:
    parameter = _found(model, name)
    logit = model.createParameter()
    logit.setId(logit_name(name))
    logit.setConstant(True)
    logit.setUnits(PURE_NUMBER)
    logit.setValue(0.0)
    parameter.setConstant(False)
    parameter.unsetValue()
    rule = model.createAssignmentRule()
    rule.setVariable(name)
    one = f"1 {PURE_NUMBER}"
    rule.setMath(libsbml.parseL3Formula(f"({one})/({one} + exp(-{logit_name(name)}))"))


def _let_flow_in(model: libsbml.Model, state: str) -> None:
    rule = model.getRateRule(state)
    if rule is None:
        raise ValueError(f"no rate rule of {state}")
    inflow = model.createParameter()
    inflow.setId(infusion_name(state))
    inflow.setConstant(True)
    inflow.setValue(0.0)
    inflow.setUnits(_unit_per_day(model, _found(model, state).getUnits()))
    total = libsbml.ASTNode(libsbml.AST_PLUS)
    total.addChild(rule.getMath().deepCopy())
    total.addChild(libsbml.parseL3Formula(infusion_name(state)))
    rule.setMath(total)


def _unit_per_day(model: libsbml.Model, unit: str) -> str:
    """Return the name of a unit by day, defined once."""
    name = f"{unit}_per_day"
    if model.getUnitDefinition(name) is not None:
        return name
    made = model.createUnitDefinition()
    made.setId(name)
    known = model.getUnitDefinition(unit)
    if known is None:
        _add(made, libsbml.UnitKind_forName(unit), 1, 0, 1.0)
    else:
        for part in known.getListOfUnits():
            _add(made, part.getKind(), part.getExponent(), part.getScale(), part.getMultiplier())
    _add(made, libsbml.UNIT_KIND_SECOND, _PER_DAY, _DAY_SCALE, _DAY_SECONDS)
    return name


def _add(made: libsbml.UnitDefinition, kind: int, exponent: int, scale: int, multiplier: float) -> None:
    part = made.createUnit()
    part.setKind(kind)
    part.setExponent(exponent)
    part.setScale(scale)
    part.setMultiplier(multiplier)


def _found(model: libsbml.Model, name: str) -> libsbml.Parameter:
    parameter = model.getParameter(name)
    if parameter is None:
        raise ValueError(f"the model has no {name}")
    return parameter
