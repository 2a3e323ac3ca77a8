"""The pharmacology dossier's checks, with their published tolerances.

Most stand in the drug files and run in test_library: C3 etanercept, C6 ivig, C8 efgartigimod, C10
prednisolone and prednisone, C11 methylprednisolone, C12 lenalidomide. Here are those no drug file can hold.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from calor.regimen import parse_regimen
from calor.therapy import load_drug
from calor.therapy.exposure import Quantity, quantity_of, simulate, typical_person
from calor.therapy.library import read_drug
from calor.therapy.profile import values_at

DRUGS = Path(__file__).parent / "drugs"
WEEKS_0_2_6 = parse_regimen("5 mg/kg iv at week 0, 2, 6")


@pytest.mark.parametrize(
    ("alternative", "weight", "expected"), [(None, 70.0, 6.75), ("fasanmade-2009", 77.0, 3.25)]
)
def test_c1_infliximab_at_week_14_within_3_percent(
    alternative: str | None, weight: float, expected: float
) -> None:
    drug = load_drug("infliximab")
    drug = drug.with_alternative(alternative) if alternative else drug
    concentration = quantity_of(drug, "concentration")
    value = values_at(drug, WEEKS_0_2_6, typical_person(weight), concentration, [98.0])[0, 0]
    assert value == pytest.approx(expected, rel=0.03)


def test_c7_half_life_of_igg_held_at_twice_the_normal_level() -> None:
    """Masson 1993: 21 d becomes 12 d (accepted: 11 to 14 d)."""
    drug = load_drug("ivig")
    rate = Quantity("catabolism", "igg_catabolism", "1/day")
    person = typical_person()

    def half_life(times_normal: float) -> float:
        grams = (times_normal - 1) * 12 * 0.0471 * 70
        dose = parse_regimen(f"{grams} g iv at day 1") if grams else None
        loss = simulate(drug, dose, person, [rate], np.array([0.0]))[0][0, 0, 0]
        exchange = 0.0143 / 0.0471
        total = loss + 2 * exchange
        slow = (total - math.sqrt(total * total - 4 * loss * exchange)) / 2
        return math.log(2) / slow

    assert half_life(1) == pytest.approx(21, abs=1)
    assert 11 <= half_life(2) <= 14


def test_c10_unbound_share_of_prednisolone() -> None:
    """Legler 1982: 0.12 at 91 ng/mL and 0.24 at 437 ng/mL, SD 0.02."""
    drug = load_drug("prednisolone")
    both = [quantity_of(drug, "concentration"), quantity_of(drug, "unbound_concentration")]
    for regimen, share in (
        ("92.4 ug/kg iv over 16.8 h at day 1", 0.12),
        ("1075.2 ug/kg iv over 16.8 h at day 1", 0.24),
    ):
        values, _ = simulate(drug, parse_regimen(regimen), typical_person(), both, np.array([0.69]))
        total, unbound = values[0, 0]
        assert unbound / total == pytest.approx(share, abs=0.02)


def test_c13_infused_tnf() -> None:
    """Half-lives 5.1 (SD 2.2) and 49 (SD 5) min; clearance 9.5 (SD 5.0) mL/min/kg."""
    drug = read_drug(DRUGS / "tnf.yaml")
    concentration = quantity_of(drug, "concentration")
    minutes = np.arange(0, 401, 1.0)
    dose = parse_regimen("90 ug iv at day 1")
    values, areas = simulate(drug, dose, typical_person(), [concentration], minutes / 1440, area_until=1.0)
    course = values[0, :, 0]
    slow = -np.polyfit(minutes[250:400], np.log(course[250:400]), 1)[0]
    rest = course - np.exp(np.polyval(np.polyfit(minutes[250:400], np.log(course[250:400]), 1), minutes))
    fast = -np.polyfit(minutes[:8], np.log(rest[:8]), 1)[0]
    assert math.log(2) / slow == pytest.approx(49, abs=5)
    assert math.log(2) / fast == pytest.approx(5.1, abs=2.2)
    assert 0.09 / areas[0, 0] / 1440 * 1000 / 70 == pytest.approx(9.5, abs=5.0)
