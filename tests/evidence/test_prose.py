"""Numbers inside sentences: each stands in the record or finding that the sentence speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from calor.evidence.certainty import certainty_of
from calor.evidence.claims import Standing, standings
from calor.evidence.findings import finding, numbers_of_finding
from calor.evidence.forest import forest_of
from calor.evidence.library import load_records, numbers_of, record
from calor.evidence.numbers import Located
from calor.evidence.quantity import Count, PValue, Quantity
from calor.evidence.record import Record
from calor.evidence.vocabulary import DrugClass

RECORDS = {entry.id: entry for entry in load_records()}
WORDS = {
    "two": 2, "three": 3, "six": 6, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
    "eighteen": 18, "thirty": 30, "thirty-one": 31, "thirty-nine": 39, "fifty": 50,
}  # fmt: skip
NAMES_WITH_DIGITS = re.compile(r"IL-\d+|CREATE-1|AXS-02|CRPS I\b|FcRn|10 days")


DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4, "years": 365.0}


def values_of(numbers: Iterable[Located]) -> set[float]:
    """Return every number that stands there, times in each unit of time, and what a count leaves over."""
    values: set[float] = set()
    for located in numbers:
        figure = located.figure
        found: list[float | None] = []
        if isinstance(figure, Quantity):
            pairs = (figure.interval95, figure.quartiles, figure.range)
            found = [figure.value, figure.sd, figure.se, *(limit for pair in pairs if pair for limit in pair)]
            if figure.unit in DAYS:
                days = [value * DAYS[figure.unit] for value in found if value is not None]
                found += [value / DAYS[unit] for unit in DAYS for value in days]
        elif isinstance(figure, Count):
            found = [figure.count, figure.of, figure.percent]
            if figure.count is not None and figure.of:
                found += [figure.of - figure.count, 100 * figure.count / figure.of]
        elif isinstance(figure, PValue):
            found = [figure.value]
        values |= {abs(value) for value in found if value is not None}
    return values


def numbers_in(text: str) -> set[str]:
    """Return the numbers of a sentence, in digits, as they are written there."""
    plain = NAMES_WITH_DIGITS.sub("", text).replace(",", "")
    found = set(re.findall(r"(?<![\w.-])\d+(?:\.\d+)?", plain))
    return found | {str(WORDS[word]) for word in re.findall(r"[a-z-]+", plain.lower()) if word in WORDS}


def not_among(text: str, values: set[float]) -> set[str]:
    """Return the numbers of a sentence that are none of the values, to the digits the sentence gives."""
    return {
        token
        for token in numbers_in(text)
        if not any(
            abs(value - float(token)) <= 0.5 * 10 ** -len(token.partition(".")[2]) + 1e-9 for value in values
        )
    }


def values_of_source(name: str) -> set[float]:
    if name in RECORDS:
        return values_of(numbers_of(RECORDS[name]))
    return values_of(numbers_of_finding(finding(name)))


def values_of_record(entry: Record) -> set[float]:
    scales = {limit for outcome in entry.outcomes for limit in outcome.scale or ()}
    return values_of(numbers_of(entry)) | scales


@pytest.mark.parametrize("name", RECORDS)
def test_a_headlines_numbers_stand_in_its_record(name: str) -> None:
    entry = record(name)
    values = values_of_record(entry) | {float(entry.citation.year or 0)}
    missing = not_among(entry.headline.statement, values)
    assert not missing, (entry.headline.statement, missing)


@pytest.mark.parametrize("shown", standings(), ids=lambda shown: shown.claim.id)
def test_a_claims_numbers_stand_in_its_sources(shown: Standing) -> None:
    everywhere: set[float] = set()
    for weighed in shown.weighed:
        own = values_of_source(weighed.argument.source)
        everywhere |= own
        missing = not_among(weighed.argument.why, own)
        assert not missing, (weighed.argument.source, weighed.argument.why, missing)
    missing = not_among(shown.claim.sentence, everywhere)
    assert not missing, (shown.claim.sentence, missing)


@pytest.mark.parametrize("drug_class", list(DrugClass))
def test_a_ratings_numbers_stand_in_the_records_of_its_class(drug_class: DrugClass) -> None:
    certainty = certainty_of(drug_class)
    if certainty is None:
        return
    forest = forest_of(load_records(), drug_class)
    values = {float(forest.randomised_without_numbers), float(len(forest.size_unknown))}
    for entry in load_records():
        if entry.drug_class is drug_class:
            values |= values_of_record(entry)
    for downgrade in certainty.downgrades:
        missing = not_among(downgrade.reason, values)
        assert not missing, (downgrade.reason, missing)


def test_a_wrong_number_in_a_sentence_would_be_seen() -> None:
    values = values_of_record(record("goebel-2010"))
    assert not not_among("Pain was 1.55 points lower in twelve patients.", values)
    assert not_among("Pain was 1.75 points lower in twelve patients.", values) == {"1.75"}
    assert not_among("Pain was 1.55 points lower in forty of 44 patients.", values) == {"44"}
