"""The declared units of an SBML model's quantities, as text for pint, such as `0.001 * mole / litre`."""

from __future__ import annotations

import libsbml

_DEFAULTS = {"substance": "mole", "volume": "litre", "area": "metre**2", "length": "metre", "time": "second"}
_RENAMED = {
    "metre": "meter",
    "celsius": "degree_Celsius",
    "item": "count",
    "avogadro": "dimensionless",
}


class Units:
    """Looks units up by their identifier, with the defaults of the model's level.

    A unit that is not declared is None. Arguments: the model.
    """

    def __init__(self, model: libsbml.Model) -> None:
        self._model = model
        self._texts = {item.getId(): _definition_text(item) for item in model.getListOfUnitDefinitions()}
        level_3 = model.getLevel() > 2
        self.time = self._of(model.getTimeUnits() if level_3 else "time")
        self._substance = self._of(model.getSubstanceUnits() if level_3 else "substance")
        self._extent = self._of(model.getExtentUnits() if level_3 else "substance")
        declared = (
            [model.getLengthUnits(), model.getAreaUnits(), model.getVolumeUnits()]
            if level_3
            else ["length", "area", "volume"]
        )
        self._sizes = {
            dimensions: self._of(name) for dimensions, name in zip((1.0, 2.0, 3.0), declared, strict=True)
        }

    def parameter(self, parameter: libsbml.Parameter | libsbml.LocalParameter) -> str | None:
        """Return a parameter's unit."""
        return self._of(parameter.getUnits())

    def compartment(self, compartment: libsbml.Compartment) -> str | None:
        """Return the unit of a compartment's size."""
        own = self._of(compartment.getUnits())
        return own or self._sizes.get(compartment.getSpatialDimensionsAsDouble())

    def amount(self, species: libsbml.Species) -> str | None:
        """Return the unit of a species' amount."""
        return self._of(species.getSubstanceUnits()) or self._substance

    def concentration(self, species: libsbml.Species) -> str | None:
        """Return the unit of a species' concentration."""
        compartment = self._model.getCompartment(species.getCompartment())
        return _ratio(self.amount(species), self.compartment(compartment))

    def rate(self) -> str | None:
        """Return the unit of a reaction's rate."""
        return _ratio(self._extent, self.time)

    def _of(self, name: str) -> str | None:
        if not name:
            return None
        if name in self._texts:
            return self._texts[name]
        return _DEFAULTS.get(name) or _RENAMED.get(name, name)


def _ratio(above: str | None, below: str | None) -> str | None:
    if above is None or below is None:
        return None
    return f"{above} / ({below})" if " " in below else f"{above} / {below}"


def _definition_text(definition: libsbml.UnitDefinition) -> str:
    factor = 1.0
    above: list[str] = []
    below: list[str] = []
    for unit in definition.getListOfUnits():
        exponent = unit.getExponentAsDouble()
        factor *= (unit.getMultiplier() * 10.0 ** unit.getScale()) ** exponent
        kind = libsbml.UnitKind_toString(unit.getKind())
        name = _RENAMED.get(kind, kind)
        if name != "dimensionless" and exponent:
            power = "" if abs(exponent) == 1 else f"**{abs(exponent):g}"
            (above if exponent > 0 else below).append(name + power)
    names = " * ".join(above) or ("1" if below else "dimensionless")
    text = " / ".join([names, *below])
    return text if factor == 1.0 else f"{factor:.12g} * {text}"
