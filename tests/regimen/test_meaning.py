"""Every word of a regimen means one thing, and an error names what is allowed and what to write instead."""

from __future__ import annotations

import pytest

from calor.core.errors import InputError, Place
from calor.regimen import At, DoseUnit, DosingRecord, Regimen, Repeated, Route, parse_regimen
from calor.regimen.durations import length_text, moment_text, number_text, rounded
from calor.regimen.parser import parse_moment
from calor.regimen.table import COLUMNS, regimen_of, table_of

DAY_1 = "at day 1"


@pytest.mark.parametrize(
    ("words", "route"),
    [
        ("oral orally po", Route.ORAL),
        ("iv intravenous intravenously IV", Route.INTRAVENOUS),
        ("sc subcutaneous subcutaneously", Route.SUBCUTANEOUS),
        ("im intramuscular intramuscularly", Route.INTRAMUSCULAR),
        ("depot", Route.INTRAMUSCULAR_DEPOT),
        ("regional", Route.REGIONAL),
        ("intrathecal intrathecally", Route.INTRATHECAL),
    ],
)
def test_words_of_a_route(words: str, route: Route) -> None:
    for word in words.split():
        assert parse_regimen(f"40 mg {word} {DAY_1}").records == (
            DosingRecord(0, 40, DoseUnit.MILLIGRAM, False, route),
        )
    assert parse_regimen("40 mg im depot at day 1").records[0].route is Route.INTRAMUSCULAR_DEPOT


@pytest.mark.parametrize(
    ("words", "unit", "milligrams"),
    [("ug mcg µg μg", "ug", 0.001), ("mg MG", "mg", 1.0), ("g", "g", 1000.0)],
)
def test_words_of_a_mass(words: str, unit: str, milligrams: float) -> None:
    for word in words.split():
        for per_kg, text in ((False, ""), (True, "/kg"), (True, " per kg"), (True, " / kg")):
            (record,) = parse_regimen(f"3 {word}{text} iv {DAY_1}").records
            assert (record.unit, record.per_kg, record.amount) == (DoseUnit(unit), per_kg, 3.0)
    assert DoseUnit(unit).milligrams == milligrams


def test_a_plasma_volume_is_no_mass() -> None:
    for words in ("plasma volume", "plasma volumes", "plasma volume exchange", "plasma volumes exchanges"):
        (record,) = parse_regimen(f"1.5 {words} {DAY_1}").records
        assert record.procedure
        assert record.amount == 1.5
    assert DoseUnit.PLASMA_VOLUME.milligrams != DoseUnit.PLASMA_VOLUME.milligrams  # not a number
    assert not parse_regimen(f"1 mg {DAY_1}").records[0].procedure


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("daily", 1), ("once daily", 1), ("once a day", 1), ("once per day", 1), ("every day", 1),
        ("every 24 h", 1),
        ("twice daily", 1 / 2), ("twice a day", 1 / 2), ("three times daily", 1 / 3), ("four times daily",
        1 / 4),
        ("three times a week", 7 / 3), ("twice per week", 7 / 2), ("weekly", 7), ("once weekly", 7),
        ("four times weekly", 7 / 4), ("every other day", 2), ("every 3 days", 3), ("every week", 7),
        ("every 2 weeks", 14), ("every 8 h", 1 / 3), ("every 90 min", 1 / 16), ("every 1.5 days", 1.5),
        ("every hour", 1 / 24), ("every 4 wks", 28), ("every 2 d", 2), ("every 30 minutes", 1 / 48),
        ("every 6 hrs", 1 / 4), ("every 1 w", 7), ("every 60 mins", 1 / 24), ("every 1 hr", 1 / 24),
        ("every 3 wk", 21), ("every minute", 1 / 1440),
    ],
)  # fmt: skip
def test_words_of_a_frequency(words: str, days: float) -> None:
    (record,) = parse_regimen(f"40 mg oral {words} for 5 doses").records
    assert (record.interval_days, record.additional) == (pytest.approx(days, rel=1e-15), 4)


@pytest.mark.parametrize(
    ("extent", "doses"),
    [
        ("for 14 days", 14), ("for 2 weeks", 14), ("for 36 h", 2), ("for 2.5 days", 3), ("for 1 dose", 1),
        ("for 6 doses", 6), ("until day 8", 7), ("until week 2", 14), ("until day 2", 1),
        ("starting day 3 until day 8", 5), ("starting week 1 for 2 days", 2), ("from week 1 for 2 days", 2),
    ],
)  # fmt: skip
def test_words_of_an_extent(extent: str, doses: int) -> None:
    (record,) = parse_regimen(f"40 mg oral daily {extent}").records
    assert record.additional + 1 == doses
    start = {"starting day 3 ": 2.0, "starting week": 7.0, "from week 1 fo": 7.0}
    assert record.time_days == next((at for words, at in start.items() if extent.startswith(words)), 0.0)


def test_a_length_that_the_interval_divides_gives_no_dose_at_its_end() -> None:
    for text, doses in (
        ("every 8 h for 1 day", 3),
        ("three times daily for 7 days", 21),
        ("every 7 h for 1 day", 4),
    ):
        assert parse_regimen(f"40 mg oral {text}").records[0].additional + 1 == doses


def test_a_single_dose_is_a_moment_and_two_are_a_train() -> None:
    assert parse_regimen("40 mg oral once").phases[0].schedule == At((0.0,))
    assert parse_regimen("40 mg oral once starting week 2").phases[0].schedule == At((14.0,))
    assert parse_regimen("40 mg oral starting day 3").phases[0].schedule == At((2.0,))
    assert parse_regimen("40 mg oral daily for 1 dose").phases[0].schedule == At((0.0,))
    assert parse_regimen("40 mg oral daily for 2 doses").phases[0].schedule == Repeated(0.0, 1.0, 2)


def test_a_phase_takes_over_what_it_does_not_say() -> None:
    regimen = parse_regimen(
        "1 g iv over 2 h daily for 2 days then 2 g daily for 2 days then 3 g over 1 h at day 9"
    )
    assert [record.duration_days for record in regimen.records] == pytest.approx([2 / 24, 2 / 24, 1 / 24])
    assert {record.route for record in regimen.records} == {Route.INTRAVENOUS}
    changed = parse_regimen("1 g iv over 2 h daily for 2 days then 2 g sc daily for 2 days")
    assert changed.records[1] == DosingRecord(2, 2, DoseUnit.GRAM, False, Route.SUBCUTANEOUS, 0.0, 1.0, 1)
    exchange = parse_regimen("1 g iv over 2 h daily for 2 days then 1 plasma volume exchange at day 5")
    assert exchange.records[1] == DosingRecord(4, 1, DoseUnit.PLASMA_VOLUME)
    after = parse_regimen("1 plasma volume exchange at day 1 then 1 g at day 2")
    assert after.records[1].route is None


def test_phases_may_touch_but_not_overlap() -> None:
    touching = parse_regimen("40 mg oral daily for 2 days then 20 mg at day 3")
    assert touching.records[1].time_days == 2.0
    for second in ("at day 2", "daily starting day 2 for 3 days"):
        with pytest.raises(InputError, match="starts before the phase before it has ended"):
            parse_regimen(f"40 mg oral daily for 2 days then 20 mg {second}")
    with pytest.raises(InputError, match="starts before"):
        parse_regimen("40 mg oral at day 1, 5 then 20 mg at day 5")
    assert parse_regimen("40 mg oral at day 1, 5 then 20 mg at day 6").records[2].time_days == 5.0


@pytest.mark.parametrize(
    ("text", "days"), [("day 1", 0.0), ("day 15", 14.0), ("week 0", 0.0), ("week 14", 98.0), ("day 1.5", 0.5)]
)
def test_moments(text: str, days: float) -> None:
    assert parse_moment(text) == days


REFUSED = [
    ("", "is empty", None, "write a dose and when, such as 40 mg oral daily for 14 days"),
    ("mg oral", "the amount of a dose is missing", "a number such as 40 or 0.5", None),
    ("0 mg oral daily for 2 days", "the amount of a dose is 0", "a number above 0", None),
    ("40 mg oral daily for 0 days", "how long, or how many doses, is 0", "a number above 0", None),
    ("40 mg oral every 0 h for 2 days", "a length of time is 0", "a number above 0", None),
    ("0,4 g/kg iv at day 1", "a number has a comma in it", None, "write 0.5 with a point"),
    ("40 mgs oral at day 1", "`mgs` is not the unit of a dose", "mg, milligram, milligrams, g, gram",
     "did you mean mg?"),
    ("40", "ends where the unit of a dose should stand", "mg, milligram, milligrams, g, gram", None),
    ("1 plasma at day 1", "`at` is not the rest of `plasma volume`", "volume", None),
    ("40 mg/h iv at day 1", "a dose is an amount, per kg, per day or both", "mg/kg, g/kg, ug/kg, mg/day",
     "write an infusion as its amount and `over` its length: 500 mg iv over 24 h"),
    ("1 plasma volume / kg at day 1", "a dose is an amount, per kg, per day or both", "mg/kg, g/kg", None),
    ("40 mg orral at day 1", "`orral` is not a word of a regimen", "daily, twice daily, weekly",
    "did you mean oral?"),
    ("40 mg iv sc at day 1", "the route is said twice", None, "begin a new phase with `then`"),
    ("40 mg oral daily weekly for 2 days", "how often is said twice", None, "begin a new phase with `then`"),
    ("40 mg oral once once", "how many doses is said twice", None, "begin a new phase with `then`"),
    ("40 mg iv over 1 h over 2 h at day 1", "the length of the infusion is said twice", None, "`then`"),
    ("40 mg iv at day 1 at day 2", "when is said twice", None, "`then`"),
    ("40 mg iv daily for 2 days for 3 days", "how long is said twice", None, "`then`"),
    ("40 mg iv daily for 2 doses for 3 days", "how long is said twice", None, "`then`"),
    ("40 mg iv daily starting day 1 starting day 2", "the start is said twice", None, "`then`"),
    ("40 mg iv daily until day 8 until day 9", "the end is said twice", None, "`then`"),
    ("40 mg oral three daily for 2 days", "`three` is not a word of a regimen", "daily, twice daily", None),
    ("40 mg oral daily for 1.5 doses", "the number of doses is not whole", None, None),
    ("40 mg oral at noon", "`noon` is not `day`, `week` or `month`", "day, week, month", None),
    ("40 mg oral at day 0", "lies before study day 1", "day 1 or later, week 0 or later",
     "study day 1 is the first day; there is no day 0"),
    ("40 mg oral at day 3, 3", "the times do not increase", None, None),
    ("1 plasma volume iv at day 1", "a plasma exchange has no route and no infusion", None, None),
    ("1 plasma volume over 2 h at day 1", "a plasma exchange has no route and no infusion", None, None),
    ("40 mg oral over 2 h at day 1", "an oral dose has no infusion time", None, "remove `over`"),
    ("40 mg im depot over 2 h at day 1", "an im depot dose has no infusion time", None, "remove `over`"),
    ("40 mg oral daily at day 1", "`at` lists every dose, so nothing else can say when", None,
     "use either `at week 0, 2, 6` or `every 2 weeks starting week 0 for 12 weeks`"),
    ("40 mg oral at day 1 until day 9", "`at` lists every dose", None, None),
    ("40 mg oral at day 1 starting day 9", "`at` lists every dose", None, None),
    ("40 mg oral at day 1 for 9 days", "`at` lists every dose", None, None),
    ("40 mg oral for 2 days", "does not say when the doses are given",
     "at day 1, 22 · once · daily · twice daily · weekly · every 2 weeks · every 8 h", None),
    ("40 mg oral for 2 doses", "does not say when the doses are given", "once", None),
    ("40 mg oral daily", "does not say when it ends", None,
     "add `for 14 days`, `for 6 doses` or `until week 12`"),
    ("40 mg oral daily starting day 9 until day 9", "gives 0 doses", "1 to 100,000", None),
    ("40 mg oral daily for 100001 doses", "gives 100,001 doses", "1 to 100,000", None),
    ("40 mg oral daily for 3 days then 20 mg at day 2", "starts before the phase before it has ended", None,
     "phases follow one another; give overlapping doses as two regimens"),
    ("40 mg at day 1 then stop 3", "`3` stands after `stop`", None, "`then stop` ends a regimen"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says", "allowed", "hint"), REFUSED)
def test_an_error_says_what_is_allowed_and_what_to_write(
    text: str, says: str, allowed: str | None, hint: str | None
) -> None:
    with pytest.raises(InputError) as refusal:
        parse_regimen(text, Place(file="trial.yaml", line=7, key="regimen"))
    (problem,) = refusal.value.problems
    assert says in problem.what.splitlines()[0]
    assert str(refusal.value).startswith("trial.yaml, line 7: regimen: ")
    assert allowed is None or allowed in (problem.allowed or "")
    assert hint is None or hint in (problem.hint or "")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("40 mg oral daily once once", "once"),
        ("40 mg iv over 1 h over 2 h at day 1", "over"),
        ("40 mg iv at day 1 at day 2", "at"),
        ("40 mg iv daily until day 8 until day 9", "until"),
        ("40 mg iv daily for 2 days for 3 days", "for"),
    ],
)
def test_what_is_said_twice_is_pointed_at(text: str, word: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_regimen(text)
    _, said, pointer = refusal.value.problems[0].what.splitlines()
    assert said.strip() == text
    assert pointer.index("^") - said.index(text) == text.rindex(word)


def test_the_longest_train_is_allowed() -> None:
    assert parse_regimen("40 mg oral daily for 100000 doses").records[0].additional == 99_999


def test_a_comma_between_times_is_no_decimal_comma() -> None:
    for text in ("40 mg iv at day 1, 8 then 20 mg at day 9", "40 mg iv at week 1, 2 over 1 h"):
        assert parse_regimen(text).records[1].time_days in (7.0, 14.0)
    for unit in ("mg", "g", "ug", "mcg", "plasma volume"):
        with pytest.raises(InputError, match="comma"):
            parse_regimen(f"0,4 {unit} at day 1")
    with pytest.raises(InputError, match="comma"):
        parse_regimen("4 mg iv over 0,5 h at day 1")


def test_what_follows_a_moment_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        parse_moment("day 15 and 16")
    (problem,) = refusal.value.problems
    assert "`and` stands after the time" in problem.what
    assert problem.allowed == "day 15, week 14"


@pytest.mark.parametrize(
    ("days", "in_weeks", "text"),
    [
        (14, False, "14 days"), (14, True, "2 weeks"), (7, True, "1 week"), (1, False, "1 day"), (1, True,
        "1 day"),
        (2 / 24, False, "2 h"), (30 / 1440, False, "30 min"), (0.5, False, "12 h"), (1.5, False, "36 h"),
        (168, True, "24 weeks"), (10, True, "10 days"), (1 / 24, False, "1 h"), (1 / 1440, False, "1 min"),
    ],
)  # fmt: skip
def test_lengths_as_people_write_them(days: float, in_weeks: bool, text: str) -> None:
    assert length_text(days, in_weeks=in_weeks) == text


def test_numbers_and_moments_as_people_write_them() -> None:
    assert [number_text(value) for value in (40.0, 0.5, 1e15, -3.0, 999999999999999.0)] == [
        "40", "0.5", "1000000000000000.0", "-3", "999999999999999",
    ]  # fmt: skip
    assert moment_text([0.0]) == "day 1"
    assert moment_text([0.0, 14.0]) == "week 0, 2"
    assert moment_text([0.0, 2.0, 7.5]) == "day 1, 3, 8.5"
    assert moment_text([7.0, 8.0]) == "day 8, 9"
    assert rounded(0.1234567894) == 0.123456789


@pytest.mark.parametrize(
    "text",
    [
        "40 mg oral daily for 14 days", "40 mg oral twice daily for 14 days", "40 mg oral weekly for 3 weeks",
        "40 mg oral three times daily for 2 days", "40 mg oral four times daily for 2 days",
        "25 mg sc twice weekly for 14 days", "40 mg sc every 2 weeks for 24 weeks",
        "40 mg sc every 3 days for 9 days",
        "40 mg oral every 5 h for 4 doses", "40 mg daily starting day 3 for 5 days",
        "40 mg oral weekly starting week 2 for 3 weeks", "2 g/kg iv over 6 h at day 1, 3",
        "1 plasma volume exchange at week 0, 2", "1.5 plasma volumes exchange at day 1",
        "40 mg oral daily for 2 days then 20 mg oral daily for 2 days",
        "40 mg oral daily for 2 days then 20 mg oral daily starting day 9 for 2 days",
        "40 mg at day 1 then 20 mg daily starting day 2 for 2 days",
    ],
)  # fmt: skip
def test_these_texts_are_canonical(text: str) -> None:
    assert parse_regimen(text).text == text


def test_another_wording_has_the_canonical_text_of_its_meaning() -> None:
    assert parse_regimen("40 mg po every 8 h for 4 doses").text == "40 mg oral three times daily for 4 doses"
    assert parse_regimen("1 mg sc every 168 h for 3 weeks then stop").text == "1 mg sc weekly for 3 weeks"


def test_first_and_last_dose() -> None:
    regimen = parse_regimen("40 mg oral daily starting day 3 for 5 days then 20 mg every 2 days for 3 doses")
    assert regimen.first_dose_days == 2.0
    assert regimen.last_dose_days == 7.0 + 4.0
    assert regimen.phases[0].schedule.end_days == 7.0
    assert At((1.0, 4.0)).end_days == 4.0


def test_single_doses_in_a_row_make_one_phase_where_they_are_equal() -> None:
    single = DosingRecord(0, 40, DoseUnit.MILLIGRAM, False, Route.ORAL)
    other = DosingRecord(5, 20, DoseUnit.MILLIGRAM, False, Route.ORAL)
    later = DosingRecord(3, 40, DoseUnit.MILLIGRAM, False, Route.ORAL)
    train = DosingRecord(9, 20, DoseUnit.MILLIGRAM, False, Route.ORAL, 0.0, 1.0, 4)
    regimen = Regimen.of_records([single, later, other, train])
    assert [phase.schedule for phase in regimen.phases] == [At((0, 3)), At((5,)), Repeated(9, 1.0, 5)]
    assert regimen.records == (single, later, other, train)
    after_train = Regimen.of_records([train, DosingRecord(20, 20, DoseUnit.MILLIGRAM, False, Route.ORAL)])
    assert len(after_train.phases) == 2


def test_the_table_says_what_the_records_say() -> None:
    phases = (
        "2 g/kg iv over 6 h at day 1",
        "1 plasma volume exchange at day 3",
        "5 mg oral daily starting day 5 for 3 days",
    )
    text = " then ".join(phases)
    table = table_of(parse_regimen(text))
    assert list(table.columns) == list(COLUMNS)
    assert table["TIME"].tolist() == [0, 2, 4]
    assert table["EVID"].tolist() == [1, 2, 1]
    assert table["UNIT"].tolist() == ["g/kg", "plasma volume", "mg"]
    assert table["ROUTE"].tolist() == ["iv", "", "oral"]
    assert table["TINF"].tolist() == [0.25, 0, 0]
    assert table["RATE"].tolist() == [8.0, 0, 0]
    assert table["II"].tolist() == [0, 0, 1]
    assert table["ADDL"].tolist() == [0, 0, 2]
    again = regimen_of(table.drop(columns="RATE"))
    assert again.records == parse_regimen(text).records


def test_what_is_wrong_with_a_table_is_named() -> None:
    table = table_of(parse_regimen("2 g/kg iv over 6 h at day 1"))
    with pytest.raises(InputError) as refusal:
        regimen_of(table.drop(columns=["AMT", "II"]))
    (problem,) = refusal.value.problems
    assert "lacks AMT, II" in problem.what
    assert problem.allowed == ", ".join(COLUMNS)
    with pytest.raises(InputError, match="has no rows"):
        regimen_of(table.iloc[:0])
    with pytest.raises(InputError, match="row 1 of the dosing table: 'lb' is not a valid"):
        regimen_of(table.assign(UNIT="lb/kg"))
