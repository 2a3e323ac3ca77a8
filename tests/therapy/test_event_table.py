"""A regimen as the event table of rxode2 or mrgsolve: rows derived by hand, and what cannot be held."""

from __future__ import annotations

import math

import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.regimen import parse_regimen
from calor.therapy.event_table import Flavour, event_rows, event_table
from calor.therapy.library import load_drug


def table(
    drug: str, regimen: str, flavour: Flavour, first_day: float = 0.0, weight: float = 80.0
) -> list[str]:
    rows = event_rows([(load_drug(drug), parse_regimen(regimen))], weight, first_day)
    return event_table(rows, flavour).splitlines()


def test_an_infusion_has_a_duration_in_rxode2_and_a_rate_in_mrgsolve() -> None:
    """0.5 g/kg of 80 kg are 40 g over a quarter of a day: 160 g/day."""
    given = ("ivig", "0.5 g/kg iv over 6 h at day 1, 22")
    assert table(*given, Flavour.RXODE2) == [
        "id,time,evid,cmt,amt,dur,ii,addl",
        "1,0,1,igg_plasma,40,0.25,0,0",
        "1,21,1,igg_plasma,40,0.25,0,0",
    ]
    assert table(*given, Flavour.MRGSOLVE) == [
        "ID,time,evid,cmt,amt,rate,ii,addl",
        "1,0,1,igg_plasma,40,160,0,0",
        "1,21,1,igg_plasma,40,160,0,0",
    ]


def test_a_taper_is_a_row_a_step_and_a_persons_time_begins_with_the_model() -> None:
    given = "40 mg oral daily for 2 weeks then 20 mg oral daily for 1 week"
    assert table("prednisolone", given, Flavour.MRGSOLVE, first_day=90.5)[1:] == [
        "1,0,0,prednisolone_oral_depot,0,0,0,0",
        "1,90.5,1,prednisolone_oral_depot,40,0,1,13",
        "1,104.5,1,prednisolone_oral_depot,20,0,1,6",
    ]


def test_a_depot_of_two_rates_takes_its_shares() -> None:
    drug = load_drug("methylprednisolone")
    share = drug.pharmacokinetics.routes["im depot"].parameters["fast_share"].value
    _, fast, slow = table("methylprednisolone", "80 mg im depot at day 1", Flavour.RXODE2)
    assert fast.split(",")[3].endswith("_fast")
    assert float(fast.split(",")[4]) == pytest.approx(80 * share)
    assert float(slow.split(",")[4]) == pytest.approx(80 * (1 - share))


def test_an_exchange_multiplies_in_rxode2_and_is_refused_for_mrgsolve() -> None:
    given = ("plasma-exchange", "1.5 plasma volumes exchange at day 1, 3")
    removal = load_drug("plasma-exchange").removals[0]
    first = table(*given, Flavour.RXODE2)[1].split(",")
    assert first[:4] == ["1", "0", "6", removal.state]
    assert float(first[4]) == math.exp(-1.5 * removal.removal.value)
    assert len(table(*given, Flavour.RXODE2)) == 1 + 2 * len(load_drug("plasma-exchange").removals)
    with pytest.raises(UnsupportedError, match="an mrgsolve table cannot multiply a compartment"):
        table(*given, Flavour.MRGSOLVE)


def test_a_drug_is_not_given_as_a_procedure() -> None:
    with pytest.raises(InputError, match="ivig cannot be given as"):
        table("ivig", "1 plasma volume exchange at day 1", Flavour.RXODE2)
