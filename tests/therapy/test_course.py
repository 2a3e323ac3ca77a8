"""How long a regimen treats, and whether a long course of steroid ends with a taper."""

from __future__ import annotations

import pytest

from calor.regimen import parse_regimen
from calor.therapy.course import treated_days, untapered_days


@pytest.mark.parametrize(
    ("regimen", "until", "days"),
    [
        ("40 mg oral daily for 14 days", 42.0, 14.0),
        ("40 mg oral daily for 365 days", 42.0, 42.0),
        ("5 mg/kg iv over 2 h at week 0, 2, 6", 98.0, 70.0),  # six weeks, and four more as before the last
        ("120 mg im depot at day 8", 42.0, 35.0),  # a single dose covers what is left
        ("40 mg oral at day 60", 42.0, 0.0),
    ],
)
def test_the_days_on_a_drug(regimen: str, until: float, days: float) -> None:
    assert treated_days(parse_regimen(regimen), until) == pytest.approx(days)


@pytest.mark.parametrize(
    ("regimen", "days"),
    [
        ("40 mg oral daily for 14 days", None),
        ("40 mg oral daily for 21 days", None),
        ("40 mg oral daily for 28 days", 28.0),
        ("40 mg oral daily for 365 days", 365.0),
        ("40 mg oral daily for 21 days then 20 mg daily for 7 days", None),
        ("20 mg oral daily for 14 days then 40 mg daily for 14 days", 28.0),
        ("40 mg im depot every 4 weeks for 24 weeks", None),
        ("40 mg oral at day 1", None),
    ],
)
def test_a_long_course_that_ends_at_once(regimen: str, days: float | None) -> None:
    assert untapered_days(parse_regimen(regimen)) == days
