"""SBML unit definitions as text that pint reads, such as `0.001 * mole / litre`."""

from __future__ import annotations

import libsbml

_DIMENSIONLESS = "dimensionless"
_RENAMED = {"metre": "meter", "celsius": "degree_Celsius", "item": "count", "avogadro": "dimensionless"}


def unit_text(definition: libsbml.UnitDefinition | None) -> str | None:
    """Return the text of a unit definition, None where the document declares no unit."""
    if definition is None or definition.getNumUnits() == 0:
        return None
    simplified = definition.clone()
    libsbml.UnitDefinition.simplify(simplified)
    factor = 1.0
    above: list[str] = []
    below: list[str] = []
    for unit in simplified.getListOfUnits():
        exponent = unit.getExponentAsDouble()
        factor *= (unit.getMultiplier() * 10.0 ** unit.getScale()) ** exponent
        kind = libsbml.UnitKind_toString(unit.getKind())
        if kind not in (_DIMENSIONLESS, "avogadro") and exponent:
            name = _RENAMED.get(kind, kind)
            power = "" if abs(exponent) == 1 else f"**{abs(exponent):g}"
            (above if exponent > 0 else below).append(name + power)
    names = " * ".join(above) or ("1" if below else _DIMENSIONLESS)
    text = " / ".join([names, *below])
    return text if factor == 1.0 else f"{factor:.12g} * {text}"
