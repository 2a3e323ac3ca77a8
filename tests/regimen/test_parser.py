"""Regimens as people write them mean what people mean, and errors point at the word that is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calor.core.errors import InputError
from calor.regimen import At, DoseUnit, DosingRecord, Repeated, Route, parse_moment, parse_regimen

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


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("40 mg oral daily for 2 years", "40 mg oral daily for 730 days"),
        ("40 mg oral daily for 3 months", "40 mg oral daily for 91 days"),
        ("5 mg/kg iv q8w for 1 year", "5 mg/kg iv every 8 weeks for 56 weeks"),
        ("40 mg sc q2w for 6 months", "40 mg sc every 2 weeks for 26 weeks"),
        ("40 mg sc q 2 weeks for six months", "40 mg sc every 2 weeks for 26 weeks"),
        ("25 mg sc weekly for 3 months", "25 mg sc weekly for 13 weeks"),
        ("0.5 g/kg iv monthly for 6 months", "0.5 g/kg iv every 30.4375 days for 6 doses"),
        ("0.5 g/kg iv every month for 1 year", "0.5 g/kg iv every 30.4375 days for 12 doses"),
        ("5 mg iv yearly for 3 years", "5 mg iv every 365.25 days for 3 doses"),
        ("20 mg PO bid for 5 days", "20 mg oral twice daily for 5 days"),
        ("20 mg p.o. t.i.d. x 5 days", "20 mg oral three times daily for 5 days"),
        ("20 mg by mouth 4 times a day for 5 days", "20 mg oral four times daily for 5 days"),
        ("20 mg oral 3x daily for 5 days", "20 mg oral three times daily for 5 days"),
        ("20 mg oral q8h for 5 days", "20 mg oral three times daily for 5 days"),
        ("20 mg oral qod for 10 days", "20 mg oral every 2 days for 10 days"),
        ("20 mg oral on alternate days for 10 days", "20 mg oral every 2 days for 10 days"),
        ("20 mg oral every third day for 9 days", "20 mg oral every 3 days for 9 days"),
        ("20 mg oral every morning for 9 days", "20 mg oral daily for 9 days"),
        ("40 mg sc every other week for 8 weeks", "40 mg sc every 2 weeks for 8 weeks"),
        ("40 mg sc fortnightly for 8 weeks", "40 mg sc every 2 weeks for 8 weeks"),
        ("20 mg/day oral for 14 days", "20 mg oral daily for 14 days"),
        ("0.4 g/kg/day iv x 5 days", "0.4 g/kg iv daily for 5 days"),
        ("25 mg per week sc for 4 weeks", "25 mg sc weekly for 4 weeks"),
        ("500 mg iv daily x 3", "500 mg iv daily for 3 days"),
        ("100 mg i.v. stat", "100 mg iv at day 1"),
        ("100 mg iv single dose", "100 mg iv at day 1"),
        ("100 mg iv on days 1, 3 and 5", "100 mg iv at day 1, 3, 5"),
        ("100 mg iv days 1-3", "100 mg iv at day 1, 2, 3"),
        ("100 mg iv at month 0, 3, 6", "100 mg iv at week 0, 13, 26"),
        ("5 mg/kg iv at week 0, 2, 6 then q8w for 24 weeks",
         "5 mg/kg iv at week 0, 2, 6 then 5 mg/kg iv every 8 weeks starting week 14 for 24 weeks"),
        ("160 mg sc at week 0; 80 mg at week 2; then 40 mg every other week for 6 doses",
         "160 mg sc at day 1 then 80 mg sc at week 2 then 40 mg sc every 2 weeks starting week 4 "
         "for 12 weeks"),
        ("30 mg oral daily for 14 days, then taper by 10 mg every week then stop",
         "30 mg oral daily for 14 days then 20 mg oral daily for 7 days then 10 mg oral daily for 7 days"),
        ("30 mg oral daily for 14 days followed by tapering by 10 mg weekly to 10 mg",
         "30 mg oral daily for 14 days then 20 mg oral daily for 7 days then 10 mg oral daily for 7 days"),
        ("40 mg oral daily for 14 days then taper by 15 mg every 3 days to zero",
         "40 mg oral daily for 14 days then 25 mg oral daily for 3 days then 10 mg oral daily for 3 days"),
        ("40 mg oral weekly for 2 weeks then taper by 20 mg weekly",
         "40 mg oral weekly for 2 weeks then 20 mg oral at week 2"),
    ],
)  # fmt: skip
def test_words_that_people_type_are_echoed_in_days(text: str, canonical: str) -> None:
    regimen = parse_regimen(text)
    assert regimen.text == canonical
    assert parse_regimen(canonical).records == regimen.records


def test_a_month_is_a_twelfth_of_a_year_of_365_25_days() -> None:
    (record,) = parse_regimen("1 g iv monthly for 12 doses").records
    assert record.interval_days == 365.25 / 12
    assert parse_moment("month 3") == 91  # 3 x 30.4375 = 91.3, cut to whole days


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
        ("40 mg/h iv at day 1", "an amount, per kg, per day or both", "/h"),
        ("40 mg orral daily for 2 days", "did you mean oral?", "orral"),
        ("40 mg oral daily", "does not say when it ends", "40"),
        ("40 mg oral for 14 days", "does not say when the doses", "40"),
        ("40 mg oral daily daily for 2 days", "how often is said twice", "daily for"),
        ("40 mg oral daily for 0.01 months", "less than a whole day", "0.01"),
        ("40 mg oral daily for 2 moons", "`moons` is not a unit of time", "moons"),
        ("1,000 mg oral daily for 2 days", "comma", "1,000"),
        ("40 mg sc biweekly for 4 weeks", "twice weekly to some and every 2 weeks to others", "biweekly"),
        ("40 mg oral x 3 daily", "doses in all or doses in each period", "3 daily"),
        ("40 mg oral x 3 times a day for 2 days", "doses in all or doses in each period", "3 times"),
        ("40 mg/day/day oral for 2 days", "an amount, per kg, per day or both", "/day oral"),
        ("40 mg/day daily for 2 days", "how often is said twice", "daily"),
        ("40 mg sc q8 for 2 days", "`for` is not a unit of time", "for"),
        ("40 mg oral every third", "ends where a unit of time should stand", ""),
        ("40 mg oral at day 5 to 3", "does not run upwards", "3"),
        ("40 mg oral at day 1 to 90000", "89,999 times", "90000"),
        ("99999999999 mg oral at day 1", "too large", "99999999999"),
        ("40 mg oral daily for 2 weeks then taper by 15 mg weekly to 20 mg", "do not lead from 40", "taper"),
        ("40 mg oral daily for 2 weeks then taper by 15 g weekly", "not in the unit", "15 g"),
        ("40 mg oral daily for 2 weeks then taper by 5 mg every 36 h", "whole number of doses", "taper"),
        ("40 mg oral at day 1 then taper by 5 mg weekly", "follows doses at an interval", "taper"),
        ("40 mg oral daily for 2 weeks followed 20 mg", "not what follows `followed`", "20"),
        ("40 mg oral at day 0", "no day 0", "0"),
        ("40 mg oral at day 3, 2", "do not increase", "2"),
        ("40 mg oral at week 0 for 3 weeks", "`at` lists every dose", "40"),
        ("40 mg oral over 2 h at day 1", "no infusion time", "40"),
        ("1 plasma volume exchange iv at day 1", "no route", "1"),
        ("40 mg sc at week 0 then 20 mg for 3 doses", "does not say when it starts", "20"),
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
        "months",
        "years",
        "to",
        "x",
        "q",
        ";",
    ),
    *("once", "daily", "twice", "three", "times", "weekly", "every", "other", "for", "doses", "starting"),
    *("until", "then", "stop", "bid", "qod", "monthly", "stat", "on", "a", "taper", "by", "followed", "i.v."),
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
