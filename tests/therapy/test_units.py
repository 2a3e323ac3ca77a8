"""Units of drug files convert as they should, and refuse what cannot be converted."""

from __future__ import annotations

import pytest

from calor.therapy.units import convert


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (132, "mL/h", "L/day", 3.168),
        (1.19, "1/h", "1/day", 28.56),
        (12, "h", "day", 0.5),
        (34.1, "percent", "1", 0.341),
        (7.8, "g/L", "mg/L", 7800),
        (5, "ug/mL", "mg/L", 5),
        (30, "min", "day", 30 / 1440),
        (2, "week", "day", 14),
    ],
)
def test_conversion(value: float, unit: str, wanted: str, expected: float) -> None:
    assert convert(value, unit, wanted) == pytest.approx(expected, rel=1e-12)


def test_substance_to_mass_needs_the_molar_mass() -> None:
    assert convert(15.4, "nmol/L", "mg/L", 149_100) == pytest.approx(2.29614)
    assert convert(0.0095, "L/nmol", "L/mg", 360.44) == pytest.approx(26.36, rel=1e-3)
    assert convert(149.1, "kDa", "g/mol") == pytest.approx(149_100)
    with pytest.raises(ValueError, match="molar_mass"):
        convert(15.4, "nmol/L", "mg/L")


@pytest.mark.parametrize(
    ("unit", "wanted"), [("L", "mg"), ("L/day", "1/day"), ("spoon", "L"), ("mg//L", "mg/L")]
)
def test_what_does_not_fit_is_refused(unit: str, wanted: str) -> None:
    with pytest.raises(ValueError):
        convert(1, unit, wanted)
