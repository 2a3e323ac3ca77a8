from __future__ import annotations

import pint
import pytest

from calor.engine import load_antimony, load_sbml

MODEL = """
model dosing
  unit concentrated = 1e-3 mole / litre; unit time_unit = 3600 second; unit litres = litre
  unit clearance = litre / (3600 second)
  time_unit is time_unit
  compartment V = 20; V has litres
  species A in V
  A = 3
  A has concentrated
  CL = 1.1; CL has clearance
  J: A -> ; CL * A
end
"""

LEVEL_2 = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level2/version4" level="2" version="4"><model id="m">
<listOfCompartments><compartment id="C" size="2"/></listOfCompartments>
<listOfSpecies><species id="S" compartment="C" initialAmount="1"/></listOfSpecies></model></sbml>"""


def test_declared_units_are_kept_as_text_that_pint_reads() -> None:
    registry = pint.UnitRegistry()
    units = load_antimony(MODEL).units
    assert registry(units["CL"] or "").to("L/h").magnitude == pytest.approx(1.0)
    assert registry(units["V"] or "").to("L").magnitude == pytest.approx(1.0)
    assert registry(units["amount(A)"] or "").to("mmol").magnitude == pytest.approx(1.0)
    assert registry(units["A"] or "").to("mmol/L").magnitude == pytest.approx(1.0)


def test_level_2_has_default_units() -> None:
    system = load_sbml(LEVEL_2)
    assert system.units == {"amount(S)": "mole", "C": "litre", "S": "mole / litre"}
    assert system.time_unit == "second"
