"""A route acts through exposure and local delivery alone, and dexamethasone does what prednisolone does."""

from __future__ import annotations

import numpy as np
import pytest

from calor.regimen import parse_regimen
from calor.therapy import load_drug
from calor.therapy.exposure import quantity_of, simulate, typical_person

ROUTES = ("oral", "iv", "im depot", "regional", "intrathecal")
UNTIL_DAYS = 300.0
DOSE_MG = 40.0


def test_methylprednisolone_can_be_given_by_every_route_of_the_claim() -> None:
    assert {str(route) for route in load_drug("methylprednisolone").pharmacokinetics.routes} == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_what_arrives_by_a_route_is_what_is_cleared(route: str) -> None:
    """Area in plasma x clearance = bioavailability x dose, at the weight to which the clearance refers."""
    drug = load_drug("methylprednisolone")
    kinetics = drug.pharmacokinetics
    share = next(each for name, each in kinetics.routes.items() if str(name) == route).bioavailability
    _, areas = simulate(
        drug,
        parse_regimen(f"{DOSE_MG:g} mg {route} at day 1"),
        typical_person(),
        [quantity_of(drug, "concentration")],
        np.array([UNTIL_DAYS]),
        area_until=UNTIL_DAYS,
    )
    cleared = areas[0, 0] * kinetics.parameters["clearance"].value * 24
    assert cleared == pytest.approx(DOSE_MG * (share.value if share else 1.0), rel=2e-3)


def test_only_the_intrathecal_route_reaches_the_glia_and_a_regional_block_most_the_limb() -> None:
    """Highest engagement in the six hours after 40 mg: the block's 2 L of limb against 88 L of body."""
    drug = load_drug("methylprednisolone")
    wanted = [quantity_of(drug, name) for name in ("limb_concentration", "spinal_occupancy")]
    times = np.linspace(0.0, 0.25, 121)
    highest = {
        route: simulate(
            drug, parse_regimen(f"40 mg {route} at day 1"), typical_person(), wanted, times
        )[0][0].max(axis=0)
        for route in ROUTES
    }  # fmt: skip
    assert [route for route in ROUTES if highest[route][1] > 0.01] == ["intrathecal"]
    assert highest["regional"][0] == pytest.approx(DOSE_MG / 2, rel=0.05)
    assert max(ROUTES, key=lambda route: highest[route][0]) == "regional"


def test_dexamethasone_acts_where_prednisolone_does_and_at_a_fraction_of_its_dose() -> None:
    prednisolone, dexamethasone = load_drug("prednisolone"), load_drug("dexamethasone")
    assert dexamethasone.actions == prednisolone.actions
    assert dexamethasone.safety == prednisolone.safety

    def occupied(name: str, regimen: str) -> float:
        drug = load_drug(name)
        values, _ = simulate(
            drug, parse_regimen(regimen), typical_person(), [quantity_of(drug, "occupancy")],
            np.linspace(7, 14, 71),
        )  # fmt: skip
        return float(values.mean())

    equal = occupied("dexamethasone", "6 mg oral daily for 14 days")
    assert equal == pytest.approx(occupied("prednisolone", "40 mg oral daily for 14 days"), abs=0.15)
    assert equal > occupied("prednisolone", "6 mg oral daily for 14 days") + 0.1
