"""Whether the model is whole: equations, tables, slots, outputs and rivals that fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from calor.core.provenance import Grade
from calor.engine import load_sbml
from calor.model.disease import Disease
from calor.model.outputs import OUTPUTS
from calor.model.rivals import Rival
from calor.model.sbml import inconsistencies, sbml_of
from calor.model.units import SIGNS


def problems_of_model(disease: Disease, rivals: Sequence[Rival]) -> list[str]:
    """Return everything that does not fit, in words; empty when the model is sound.

    Checked: libSBML's consistency check with the units of every equation; that every variable, parameter and
    slot is declared and used; that outputs and the parameters that rivals hold exist; and that no number is
    only recalled.
    """
    sbml = sbml_of(disease.antimony())
    found = [f"equations: {problem}" for problem in inconsistencies(sbml)]
    if not found:
        found += _variables(disease, sbml)
    return [*found, *_parameters(disease), *_names(disease, rivals)]


def _variables(disease: Disease, sbml: str) -> Iterator[str]:
    system = load_sbml(sbml)
    kinds = dict.fromkeys(system.state_names, "state")
    kinds |= dict.fromkeys((item.name for item in system.assigned), "assigned")
    declared = {variable.identifier: variable.kind for variable in disease.variables}
    for name in sorted(set(kinds) | set(declared)):
        if kinds.get(name) != declared.get(name):
            yield (
                f"variable {name}: {kinds.get(name, 'absent')} in the equations, "
                f"{declared.get(name, 'absent')} in the table"
            )


def _parameters(disease: Disease) -> Iterator[str]:
    used = set(re.findall(r"[A-Za-z_]\w*", disease.equations))
    for row in disease.parameters:
        if row.identifier not in used:
            yield f"parameter {row.identifier}: not used in any equation"
        if row.unit not in SIGNS:
            yield f"parameter {row.identifier}: has no unit that people write ({row.unit})"
        if row.grade is Grade.RECALLED:
            yield f"parameter {row.identifier}: its number is only recalled"
    for slot in disease.slots:
        if slot.symbol not in used:
            yield f"slot {slot.name}: not used in any equation"


def _names(disease: Disease, rivals: Sequence[Rival]) -> Iterator[str]:
    variables = {variable.identifier for variable in disease.variables}
    for output in OUTPUTS:
        if output not in variables:
            yield f"output {output}: no such variable"
    for rival in rivals:
        for name in rival.sets:
            if name not in disease.parameters:
                yield f"rival {rival.name}: holds {name}, which is not a parameter"
