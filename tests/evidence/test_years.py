"""The year of a publication: a record's own, or the first in a finding's citation."""

from __future__ import annotations

import pytest

from calor.core.errors import InputError
from calor.evidence.years import published_year
from calor.population.facts import load_facts


@pytest.mark.parametrize(
    ("identifier", "year"),
    [("kalita-2006", 2006), ("goebel-2017-lips", 2017), ("kalita-20v40", None), ("E12", 2009), ("A12", 2013)],
)
def test_a_study_has_the_year_of_its_citation(identifier: str, year: int | None) -> None:
    assert published_year(identifier) == year


def test_every_fact_of_the_fit_has_a_year() -> None:
    assert all(published_year(fact.finding) for fact in load_facts())


def test_what_does_not_exist_has_no_year() -> None:
    with pytest.raises(InputError, match="no evidence record"):
        published_year("nobody-2001")
