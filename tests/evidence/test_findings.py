"""The findings on the disease: complete, graded, and nothing recalled among their numbers."""

from __future__ import annotations

from collections import Counter

import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.findings import (
    GROUPS,
    finding,
    group_from_document,
    group_of,
    load_findings,
    numbers_of_finding,
)
from calor.evidence.quantity import Count, Quantity

COUNTS = {"A": 35, "B": 16, "C": 14, "D": 9, "E": 21, "F": 17, "G": 15}


def test_every_finding_of_the_dossier_is_there() -> None:
    wanted = [f"{letter}{number:02d}" for letter, count in COUNTS.items() for number in range(1, count + 1)]
    assert [entry.id for entry in load_findings()] == wanted


def test_each_number_has_a_grade_and_a_page() -> None:
    for entry in load_findings():
        for located in numbers_of_finding(entry):
            assert located.grade in (Grade.VERIFIED, Grade.SECONDARY), located
            assert located.sources, located


def test_a_recalled_finding_carries_no_number() -> None:
    recalled = [entry for entry in load_findings() if entry.grade is Grade.RECALLED]
    assert {entry.id for entry in recalled} == {"A34", "B02", "E10", "G14"}
    assert all(not numbers_of_finding(entry) for entry in recalled)


def test_groups_follow_the_letters() -> None:
    assert Counter(group_of(entry) for entry in load_findings()) == dict(
        zip(GROUPS, COUNTS.values(), strict=True)
    )


def test_figures_the_model_is_fitted_to_are_as_published() -> None:
    remission = finding("E08").numbers["no_longer_meeting_criteria"]
    assert isinstance(remission, Count)
    assert (remission.count, remission.of) == (19, 35)
    il6 = finding("A01").numbers["il6"]
    assert isinstance(il6, Quantity)
    assert (il6.value, il6.quartiles, il6.unit) == (53.5, (17.3, 225.0), "pg/mL")


def test_a_number_graded_recalled_is_refused() -> None:
    text = """
group: cytokines
read: 2026-11-22
findings:
  - id: A01
    statement: something
    grade: recalled
    numbers: {level: 3 pg/mL}
"""
    with pytest.raises(InputError, match=r"line 8: findings\[0\].numbers.level: is graded recalled"):
        group_from_document(parse_document(text, "mine.yaml"))
