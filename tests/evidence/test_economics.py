"""Utilities, costs, accrual and incidence: typed, graded, each borrowed number where it is said."""

from __future__ import annotations

import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.economics import (
    GROUPS,
    EconomicFact,
    economic_fact,
    economics_from_document,
    load_economics,
    numbers_of_fact,
)
from calor.evidence.quantity import Quantity

FACTS = [fact for group in load_economics() for fact in group.facts]


def test_every_group_is_there() -> None:
    assert tuple(group.group for group in load_economics()) == GROUPS


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)
def test_each_number_has_a_grade_and_a_page_and_is_not_recalled(fact: EconomicFact) -> None:
    for located in numbers_of_fact(fact).values():
        assert located.grade in (Grade.VERIFIED, Grade.SECONDARY), located
        assert located.sources, located


def test_the_worth_of_the_effect_of_immunoglobulin_on_the_map_of_dixon() -> None:
    """From 7 to 5.5 of 10: 0.404 less (0.144 + 0.252) / 2 is 0.206; over five weeks 0.0198 QALY."""
    loss = economic_fact("util-nrs-dixon-2011").utility_loss
    assert loss is not None
    gain = loss.at_pain(7) - loss.at_pain(5.5)
    assert gain == pytest.approx(0.206)
    assert gain * 5 / 52 == pytest.approx(0.0198, abs=5e-5)
    assert loss.at_pain(7) - loss.at_pain(6) == pytest.approx(0.152)
    assert loss.at_pain(4) - loss.at_pain(3) == pytest.approx(0.060)
    with pytest.raises(InputError):
        loss.at_pain(10.5)


def test_derived_numbers_are_what_they_are_derived_from() -> None:
    ivig = numbers_of_fact(economic_fact("price-ivig-us"))
    gram, infusion = ivig["per_gram"].figure, ivig["one_infusion"].figure
    assert isinstance(gram, Quantity)
    assert isinstance(infusion, Quantity)
    assert gram.range is not None
    assert infusion.range == tuple(35 * (price or 0) for price in gram.range)
    tnf = numbers_of_fact(economic_fact("price-antitnf-uk"))
    vial, three = tnf["infliximab_100_mg"].figure, tnf["three_infusions_of_infliximab"].figure
    assert isinstance(vial, Quantity)
    assert isinstance(three, Quantity)
    assert three.value == pytest.approx(3 * 4 * (vial.value or 0), abs=0.5)


def test_accrual_is_patients_by_site_and_month() -> None:
    """111 / 7 / 27, 13 / 31 and 146 / 2 / 24."""
    fact = economic_fact("accrual-crps-trials")
    rates = {name: located.figure for name, located in numbers_of_fact(fact).items()}
    for name, value in (("lips", 111 / 7 / 27), ("goebel_2010", 13 / 31), ("perez_2003", 146 / 2 / 24)):
        figure = rates[name]
        assert isinstance(figure, Quantity)
        assert figure.value == pytest.approx(value, abs=0.005)


FALLING = "utility_loss: {grade: verified, scale: [0, 2], at: [0, 1, 2], loss: [0, 0.3, 0.2]}"

SOUND = """
group: costs
read: 2026-11-28
facts:
  - id: cost-made-up
    statement: made up
    grade: verified
    numbers: {price: 3 GBP}
    citation: nobody
    url: https://example.org
"""


@pytest.mark.parametrize(
    ("said", "instead", "says"),
    [
        ("    url: https://example.org\n", "", "url: is missing though the fact holds numbers"),
        ("grade: verified", "grade: recalled", "is graded recalled"),
        ("{price: 3 GBP}", "{price: 3 pounds}", "unknown unit 'pounds'"),
        ("{price: 3 GBP}", "{price: three GBP}", "write a quantity as"),
        ("{price: 3 GBP}", "{price: {value: .nan, unit: GBP}}", "numbers.price.value"),
        ("{price: 3 GBP}", "{}", "holds no number"),
        ("numbers: {price: 3 GBP}", FALLING,
         "falls with more pain"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(said: str, instead: str, says: str) -> None:
    economics_from_document(parse_document(SOUND, "mine.yaml"))
    with pytest.raises(InputError) as caught:
        economics_from_document(parse_document(SOUND.replace(said, instead), "mine.yaml"))
    assert says in str(caught.value)
    assert "mine.yaml, line" in str(caught.value)


def test_a_borrowed_number_must_be_there() -> None:
    text = SOUND.replace(
        "numbers: {price: 3 GBP}", "taken_from: {price: {owner: goebel-2010, path: design.nothing}}"
    )
    group = economics_from_document(parse_document(text, "mine.yaml"))
    with pytest.raises(InputError, match="goebel-2010 has no number at"):
        numbers_of_fact(group.facts[0])
    with pytest.raises(InputError, match="util-nrs-dixon-2011"):
        economic_fact("util-nrs-dixon-2012")
