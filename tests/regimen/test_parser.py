"""Regimens as people write them mean what people mean, and errors point at the word that is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calor.core.errors import InputError
from calor.regimen import At, DoseUnit, DosingRecord, Repeated, Route, parse_regimen

MG, G = DoseUnit.MILLIGRAM, DoseUnit.GRAM


def test_infusions_at_weeks() -> None:
    regimen = parse_regimen("5 mg/kg iv over 2 h at week 0, 2, 6")
    assert regimen.records == tuple(
        DosingRecord(time, 5, MG, True, Route.INTRAVENOUS, 2 / 24) for time in (0, 14, 42)
    )


def test_doses_before_the_end_of_a_length() -> None:
    (record,) = parse_regimen("40 mg sc every 2 weeks for 24 weeks").records
    assert record == DosingRecord(0, 40, MG, False, Route.SUBCUTANEOUS, 0, 14, 11)
    assert record.times_days[-1] == 22 * 7


def test_a_taper_keeps_the_route_and_follows_on() -> None:
    regimen = parse_regimen("40 mg oral daily for 14 days then 30 mg daily for 7 days then stop")
    assert [phase.schedule for phase in regimen.phases] == [Repeated(0, 1, 14), Repeated(14, 1, 7)]
    assert {phase.route for phase in regimen.phases} == {Route.ORAL}
    assert regimen.last_dose_days == 20


def test_loading_doses_then_maintenance() -> None:
    text = "160 mg sc at week 0 then 80 mg at week 2 then 40 mg every 2 weeks starting week 4 for 20 weeks"
    regimen = parse_regimen(text)
    assert [phase.schedule for phase in regimen.phases] == [At((0,)), At((14,)), Repeated(28, 14, 10)]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("0.4 g/kg iv daily for 5 days", (0, 1, 2, 3, 4)),
        ("200 mg oral at day 1", (0,)),
        ("0.5 g/kg iv at day 1, 22", (0, 21)),
        ("1 plasma volume exchange at day 1, 3, 5", (0, 2, 4)),
        ("1 plasma volume exchange at day 1, 3 and 5", (0, 2, 4)),
        ("500 mg po every 8 h for 1 day", (0, 0.333333333, 0.666666667)),
        ("500 mg po three times daily for 1 day", (0, 0.333333333, 0.666666667)),
        ("1000 mg oral twice daily for 2 days", (0, 0.5, 1, 1.5)),
        ("25 mg sc twice weekly for 2 weeks", (0, 3.5, 7, 10.5)),
        ("50 mg sc weekly starting week 2 for 3 doses", (14, 21, 28)),
        ("50 mg sc once weekly until week 2", (0, 7)),
        ("60 mg intrathecal once", (0,)),
        ("60 mg intrathecal once starting day 8", (7,)),
        ("20 mg oral every other day for 5 days", (0, 2, 4)),
        ("2 ug/kg sc at week 1 and day 15", (7, 14)),
        ("40mg IV over 30 min twice a day for 1 days", (0, 0.5)),
    ],
)
def test_dose_times(text: str, times: tuple[float, ...]) -> None:
    given = [time for record in parse_regimen(text).records for time in record.times_days]
    assert given == pytest.approx(times, abs=1e-9)


def test_units_and_routes() -> None:
    assert parse_regimen("2 g/kg iv at day 1").records[0].unit is G
    assert parse_regimen("80 mg im depot at day 1").records[0].route is Route.INTRAMUSCULAR_DEPOT
    assert parse_regimen("80 mg at day 1").records[0].route is None
    assert parse_regimen("80 mg over 1 h at day 1").records[0].route is Route.INTRAVENOUS
    assert parse_regimen("1 plasma volume exchange at day 1").records[0].procedure


@pytest.mark.parametrize(
    ("text", "says", "points_at"),
    [
        ("", "is empty", ""),
        ("forty mg oral daily for 2 days", "the amount of a dose is missing", "forty"),
        ("0 mg oral daily for 2 days", "is 0", "0 mg"),
        ("40 mgs oral daily for 2 days", "`mgs` is not the unit", "mgs"),
        ("0,4 g/kg iv at day 1", "comma", "0,4"),
        ("40 mg/h iv at day 1", "an amount per kg", "/h"),
        ("40 mg orral daily for 2 days", "did you mean oral?", "orral"),
        ("40 mg oral daily", "does not say when it ends", "40"),
        ("40 mg oral for 14 days", "does not say when the doses", "40"),
        ("40 mg oral daily daily for 2 days", "how often is said twice", "daily for"),
        ("40 mg oral daily for 2 months", "no fixed length", "months"),
        ("40 mg oral at day 0", "no day 0", "0"),
        ("40 mg oral at day 3, 2", "do not increase", "2"),
        ("40 mg oral at week 0 for 3 weeks", "`at` lists every dose", "40"),
        ("40 mg oral over 2 h at day 1", "no infusion time", "40"),
        ("1 plasma volume exchange iv at day 1", "no route", "1"),
        ("40 mg sc at week 0 then 20 mg weekly for 3 doses", "does not say when it starts", "20"),
        ("40 mg sc weekly for 4 weeks then 20 mg at week 3", "has ended", "20"),
        ("40 mg oral daily for 1 day then stop then 3 mg at day 9", "after `stop`", "then 3"),
        ("40 mg oral daily for 1.5 doses", "not whole", "1.5"),
        ("40 mg oral every 1 min for 900 weeks", "9,072,000 doses", "40"),
        ("40 mg oral daily for", "how long, or how many doses, is missing", ""),
        ("-40 mg oral at day 1", "the amount of a dose is missing", "-"),
    ],
)
def test_errors_point_at_the_word(text: str, says: str, points_at: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_regimen(text)
    message = str(caught.value)
    assert says in message
    lines = message.splitlines()
    pointer = next(index for index, line in enumerate(lines) if line.strip() == "^")
    column = lines[pointer].index("^") - 4
    assert text[column:].startswith(points_at)
    assert lines[pointer - 1][4:] == text


WORDS = [
    *(
        "40",
        "0.5",
        "0",
        "7",
        "3e5",
        "mg",
        "g",
        "ug",
        "/",
        "per",
        "kg",
        "plasma",
        "volume",
        "exchange",
        "-",
        "µg",
    ),
    *(
        "oral",
        "iv",
        "sc",
        "im",
        "depot",
        "over",
        "h",
        "at",
        "day",
        "days",
        "week",
        "weeks",
        ",",
        "and",
        "month",
    ),
    *("once", "daily", "twice", "three", "times", "weekly", "every", "other", "for", "doses", "starting"),
    *("until", "then", "stop"),
]


@given(st.lists(st.sampled_from(WORDS), max_size=14))
@settings(deadline=None, max_examples=500)
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    try:
        regimen = parse_regimen(" ".join(words))
    except InputError:
        return
    assert parse_regimen(regimen.text).records == regimen.records


@given(st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_regimen(text)
    except InputError:
        return
