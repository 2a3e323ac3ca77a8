"""Rows and columns of a dosing table at the edges of what they may hold, and what is allowed there."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.core.errors import InputError, Problem, UnsupportedError
from calor.engine.dosing import bounds
from calor.engine.dosing.columns import Columns
from calor.engine.dosing.covariates import Rule, filled
from calor.engine.dosing.observations import with_observations
from calor.engine.dosing.records import Event, Record, Steady
from calor.engine.dosing.table import EventTable, read_table

TWO = Columns(("depot", "central"), states={"depot": "depot", "central": "central", "gut": "depot"})
SEEN = Event.OBSERVATION


def read(folder: Path, text: str, columns: Columns = TWO) -> EventTable:
    path = folder / "doses.csv"
    path.write_text(text)
    return read_table(path, columns)


def problem_of(folder: Path, text: str, columns: Columns = TWO) -> Problem:
    with pytest.raises((InputError, UnsupportedError)) as refusal:
        read(folder, text, columns)
    problem = refusal.value.problems[0]
    assert problem.place.file is None or str(problem.place.file).endswith("doses.csv")
    return problem


def one(folder: Path, header: str, row: str, columns: Columns = TWO) -> Record:
    (record,) = read(folder, f"{header}\n{row}\n", columns)
    return record


@pytest.mark.parametrize(
    ("header", "row", "rate", "duration"),
    [
        ("ID,TIME,EVID,AMT,RATE", "1,0,1,8,2", 2.0, 0.0),
        ("ID,TIME,EVID,AMT,DUR", "1,0,1,8,4", -2.0, 4.0),
        ("ID,TIME,EVID,AMT,TINF", "1,0,1,8,4", 2.0, 0.0),
        ("ID,TIME,EVID,AMT,RATE,DUR", "1,0,1,8,2,4", 2.0, 0.0),
        ("ID,TIME,EVID,AMT,RATE,TINF", "1,0,1,8,2,4", 2.0, 0.0),
        ("ID,TIME,EVID,AMT,RATE,DUR", "1,0,1,8,-2,4", -2.0, 4.0),
        ("ID,TIME,EVID,AMT,RATE,DUR", "1,0,1,8,0,0", 0.0, 0.0),
        ("ID,TIME,EVID,AMT,DUR,TINF", "1,0,1,8,4,.", -2.0, 4.0),
        ("ID,TIME,EVID,AMT,DUR", "1,0,1,8,0.5", -2.0, 0.5),
        ("ID,TIME,EVID,AMT,TINF", "1,0,1,8,0.5", 16.0, 0.0),
    ],
)
def test_an_infusion_is_said_by_its_rate_or_its_length(
    tmp_path: Path, header: str, row: str, rate: float, duration: float
) -> None:
    record = one(tmp_path, header, row)
    assert (record.amount, record.rate, record.modelled_duration) == (8.0, rate, duration)


@pytest.mark.parametrize(
    ("header", "row", "what", "allowed"),
    [
        ("ID,TIME,EVID,AMT,DUR", "1,0,1,8,-1", "DUR is -1", "a number above 0, or . for a dose at once"),
        ("ID,TIME,EVID,AMT,TINF", "1,0,1,8,-1", "TINF is -1", "a number above 0, or . for a dose at once"),
        (
            "ID,TIME,EVID,AMT,RATE,DUR", "1,0,1,8,2,5", "DUR is 5",
            "4, which is AMT / RATE, or one of the two columns",
        ),
        (
            "ID,TIME,EVID,AMT,RATE,TINF", "1,0,1,8,2,3", "TINF is 3",
            "4, which is AMT / RATE, or one of the two columns",
        ),
        ("ID,TIME,EVID,AMT,DUR,TINF", "1,0,1,8,4,4", "TINF is 4", "either DUR or TINF in a row"),
        (
            "ID,TIME,EVID,AMT,RATE", "1,0,1,0,2", "AMT is 0",
            "an amount above 0 in a row with a RATE, or SS for one without an end",
        ),
        ("ID,TIME,EVID,AMT", "1,0,1,.", "AMT is missing", "a number of 0 or more in a row with a dose"),
        ("ID,TIME,EVID,AMT,TOTAL,II", "1,0,1,8,-2,12", "TOTAL is -2", "a whole number of 1 or more"),
        ("ID,TIME,EVID,AMT,TOTAL,II", "1,0,1,8,1.5,12", "TOTAL is 1.5", "a whole number"),
        ("ID,TIME,EVID,AMT,UNTIL,II", "1,5,1,8,5,12", "UNTIL is 5", "a time after TIME, with II above 0"),
        ("ID,TIME,EVID,AMT,UNTIL", "1,0,1,8,9", "UNTIL is 9", "a time after TIME, with II above 0"),
        ("ID,TIME,EVID,AMT,ADDL,TOTAL,II", "1,0,1,8,1,2,12", "TOTAL is 2", "either ADDL or TOTAL in a row"),
        ("ID,TIME,EVID,AMT,TOTAL,UNTIL,II", "1,0,1,8,1,9,12", "UNTIL is 9", "either TOTAL or UNTIL in a row"),
        ("ID,TIME,EVID,AMT,CMT", "1,0,1,8,blood", "CMT is blood", "1 (depot), 2 (central)"),
        ("ID,TIME,EVID,AMT,CMT", "1,0,1,8,1.5", "CMT is 1.5", "1 (depot), 2 (central)"),
        ("ID,TIME,EVID,AMT,CMT", "1,0,1,8,3", "CMT is 3", "1 (depot), 2 (central)"),
        ("ID,TIME,EVID,AMT", ".,0,1,8", "ID is missing", "a name or a number"),
        ("ID,TIME,EVID,AMT", "NA,0,1,8", "ID is NA", "a name or a number"),
        ("ID,TIME,EVID,AMT", "1,,1,8", "TIME is missing", "a number"),
    ],
)  # fmt: skip
def test_what_a_dose_cannot_be_is_named_with_what_is_allowed(
    tmp_path: Path, header: str, row: str, what: str, allowed: str
) -> None:
    problem = problem_of(tmp_path, f"{header}\n{row}\n")
    assert problem.what == what
    assert problem.allowed == allowed
    assert (problem.place.line, problem.place.key) == (2, what.split()[0])


@pytest.mark.parametrize(
    ("said", "additional"),
    [
        ({"ADDL": "3"}, 3), ({"TOTAL": "4"}, 3), ({"TOTAL": "1"}, 0), ({"UNTIL": "36"}, 2),
        ({"UNTIL": "37"}, 3),
        ({"UNTIL": "35"}, 2), ({"UNTIL": "0.5"}, 0), ({"ADDL": "0", "TOTAL": "2"}, 1),
    ],
)  # fmt: skip
def test_how_many_doses_there_are_is_said_in_one_of_three_ways(
    tmp_path: Path, said: dict[str, str], additional: int
) -> None:
    """Every 12 from 0 until 36 (not at it): 0, 12, 24."""
    header, row = ",".join(["ID,TIME,EVID,AMT,II", *said]), ",".join(["1,0,1,8,12", *said.values()])
    assert one(tmp_path, header, row).additional == additional


def test_a_short_interval_counts_doses_too(tmp_path: Path) -> None:
    assert one(tmp_path, "ID,TIME,EVID,AMT,II,UNTIL", "1,0,1,8,0.1,0.3").additional == 2


@pytest.mark.parametrize(
    ("text", "state"),
    [("1", "depot"), ("2", "central"), ("0", "depot"), (".", "depot"), ("", "depot"), ("gut", "depot"),
     ("central", "central"), ("2.0", "central")],
)  # fmt: skip
def test_a_compartment_is_a_number_or_a_name(tmp_path: Path, text: str, state: str) -> None:
    assert one(tmp_path, "ID,TIME,EVID,AMT,CMT", f"1,0,1,8,{text}").state == state


def test_what_a_compartment_is_must_be_said(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, "ID,TIME,EVID,AMT,CMT\n1,0,1,8,2\n", Columns())
    assert problem.what == "it is not said what CMT names"
    assert problem.hint == "for example --compartments depot,central"
    assert problem.place.key == "--compartments"
    named = Columns(states={"gut": "depot"})
    assert one(tmp_path, "ID,TIME,EVID,AMT,CMT", "1,0,1,8,gut", named).state == "depot"
    assert problem_of(tmp_path, "ID,TIME,EVID,AMT,CMT\n1,0,1,8,eye\n", named).allowed == "gut"


def test_a_modelled_rate_or_duration_must_be_declared(tmp_path: Path) -> None:
    for rate, what in (("-1", "rate"), ("-2", "duration")):
        problem = problem_of(tmp_path, f"ID,TIME,EVID,AMT,RATE\n1,0,1,8,{rate}\n")
        assert problem.what == f"RATE is {rate}, and nothing says the modelled {what} of depot"
        assert problem.hint == f"--{what} depot=COLUMN names the column that holds it"
        assert (problem.place.line, problem.place.key) == (2, "RATE")
    declared = Columns(("depot",), rate={"depot": "R"}, duration={"depot": "D"})
    header = "ID,TIME,EVID,AMT,RATE,R,D"
    by_rate = one(tmp_path, header, "1,0,1,8,-1,3,5", declared)
    assert (by_rate.rate, by_rate.modelled_rate, by_rate.modelled_duration) == (-1.0, 3.0, 0.0)
    by_duration = one(tmp_path, header, "1,0,1,8,-2,3,5", declared)
    assert (by_duration.rate, by_duration.modelled_rate, by_duration.modelled_duration) == (-2.0, 0.0, 5.0)
    plain = one(tmp_path, header, "1,0,1,8,2,3,5", declared)
    assert (plain.rate, plain.modelled_rate, plain.modelled_duration) == (2.0, 0.0, 0.0)


def test_a_declared_column_says_something_wherever_a_dose_needs_it(tmp_path: Path) -> None:
    lagged = Columns(("depot", "central"), lag={"central": "L"}, bioavailability={"central": "F"})
    header = "ID,TIME,EVID,AMT,CMT,L,F"
    record = one(tmp_path, header, "1,0,1,8,2,0.5,0.25", lagged)
    assert (record.lag, record.bioavailability) == (0.5, 0.25)
    other = one(tmp_path, header, "1,0,1,8,1,.,.", lagged)
    assert (other.lag, other.bioavailability) == (0.0, 1.0)
    problem = problem_of(tmp_path, f"{header}\n1,0,1,8,2,.,1\n", lagged)
    assert problem.what == "L is missing in a row with a dose into central"
    assert problem.allowed == "a number"
    assert (problem.place.line, problem.place.key) == (2, "L")


@pytest.mark.parametrize(("evid", "kind"), [("0", "an observation"), ("2", "neither"), ("3", "a reset")])
@pytest.mark.parametrize("word", ["AMT", "RATE", "DUR", "TINF", "ADDL", "TOTAL", "UNTIL", "SS"])
def test_a_row_that_is_no_dose_gives_none(tmp_path: Path, evid: str, kind: str, word: str) -> None:
    problem = problem_of(tmp_path, f"ID,TIME,EVID,{word}\n1,0,{evid},1\n")
    assert problem.what == f"{word} is 1 where EVID is {evid} ({kind})"
    assert problem.allowed == "0, or . for none, in a row that is no dose"
    assert problem.hint == "EVID is 1 where a dose is given (4: after a reset)"
    assert (problem.place.line, problem.place.key) == (2, word)
    for nothing in ("0", "."):
        assert not one(tmp_path, f"ID,TIME,EVID,{word}", f"1,0,{evid},{nothing}").is_dose


def test_without_evid_a_row_without_an_amount_is_an_observation(tmp_path: Path) -> None:
    header = "ID,TIME,AMT,RATE,ADDL,II\n"
    found = read(tmp_path, header + "1,0,8,0,0,0\n1,1,0,0,0,0\n1,2,.,.,.,.\n")
    assert [record.event for record in found] == [Event.DOSE, SEEN, SEEN]
    problem = problem_of(tmp_path, header + "1,0,0,0,2,12\n")
    assert problem.what == "ADDL is 2 in a row without an amount"
    assert problem.hint == "a dose needs an amount in AMT"
    assert problem_of(tmp_path, header + "1,0,0,3,0,0\n").what == "AMT is 0"
    assert problem_of(tmp_path, header + "1,0,-1,0,0,0\n").what.startswith("AMT is -1")


def test_without_amounts_nothing_says_what_is_a_dose(tmp_path: Path) -> None:
    for text, says in (
        ("ID,TIME\n1,0\n", "whether a row is a dose"), ("ID,TIME,EVID\n1,0,1\n", "how much a dose is"),
    ):  # fmt: skip
        problem = problem_of(tmp_path, text)
        assert problem.what == f"has no column AMT (or DOSE), so nothing says {says}"
        assert problem.hint == "add AMT; a table of observations alone needs a column EVID of 0"
        assert problem.allowed == text.splitlines()[0].replace(",", ", ")
        assert problem.place.line == 1
    assert len(read(tmp_path, "ID,TIME,EVID\n1,0,0\n1,1,0\n")) == 2


def test_a_steady_state_infusion_without_an_end_has_no_amount(tmp_path: Path) -> None:
    header = "ID,TIME,EVID,AMT,RATE,SS"
    for amount in ("0", "."):
        record = one(tmp_path, header, f"1,0,1,{amount},5,1")
        assert record.is_constant_infusion
        assert (record.amount, record.rate, record.steady) == (0.0, 5.0, Steady.REPLACE)


@pytest.mark.parametrize(
    ("cell", "is_clock"),
    [("10:30", True), ("2024-01-05", True), ("1/5/24", True), ("ten", False), ("1-2", False), ("1/2", False)],
)
def test_clock_times_and_dates_are_told_from_other_words(tmp_path: Path, cell: str, is_clock: bool) -> None:
    problem = problem_of(tmp_path, f"ID,TIME,EVID\n1,0,0\n1,{cell},0\n")
    assert problem.what == f"TIME is {cell}"
    assert problem.allowed == "a number, or . for none"
    clock = "clock times and dates are not read: write the time since the first record"
    assert problem.hint == (clock if is_clock else None)
    assert (problem.place.line, problem.place.key) == (3, "TIME")


def test_every_cell_that_is_no_number_is_told_up_to_twenty(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read(tmp_path, "ID,TIME,EVID\n" + "1,x,0\n" * 30)
    assert [problem.place.line for problem in refusal.value.problems] == list(range(2, 22))


def test_words_are_read_in_any_case_and_dose_stands_for_amt(tmp_path: Path) -> None:
    assert one(tmp_path, "id,Time,evid,Dose,cmt", "7,1,1,8,2").amount == 8.0
    both = problem_of(tmp_path, "ID,TIME,EVID,AMT,DOSE\n1,0,1,8,9\n")
    assert both.hint == "the table has AMT as well: --ignore DOSE passes over it"
    twice = problem_of(tmp_path, "ID,TIME,EVID,AMT,amt\n1,0,1,8,9\n")
    assert twice.what == "AMT and amt both mean AMT"
    assert (twice.allowed, twice.hint) == ("one of them", "--ignore amt passes over one")
    assert twice.place.line == 1
    passed = Columns(("depot",), ignored=("amt",))
    assert one(tmp_path, "ID,TIME,EVID,AMT,amt", "1,0,1,8,9", passed).amount == 8.0
    own = Columns(("depot",), parameters=("DOSE",))
    assert problem_of(tmp_path, "ID,TIME,EVID,DOSE\n1,0,1,8\n", own).what == "is neither known nor declared"


def test_a_column_that_nobody_knows_is_refused_with_what_can_be_done(tmp_path: Path) -> None:
    columns = Columns(("depot",), parameters=("WT", "ke"))
    with pytest.raises(InputError) as refusal:
        read(tmp_path, "ID,TIME,EVID,AMT,WT,KE,EYES\n1,0,1,8,70,1,2\n", columns)
    weight, rate, eyes = refusal.value.problems
    assert weight.hint == "--covariates WT uses it as the parameter WT, --ignore WT passes over it"
    assert rate.hint == "--covariates ke=KE uses it as the parameter ke, --ignore KE passes over it"
    assert eyes.hint == "--ignore EYES passes over it; --covariates PARAMETER=EYES uses it as a parameter"
    assert "ID, TIME, EVID, AMT" in (weight.allowed or "")
    assert (weight.allowed or "").endswith("or declared")
    assert rate.allowed is None  # said once
    assert {one.what for one in refusal.value.problems} == {"is neither known nor declared"}
    assert [one.place.key for one in refusal.value.problems] == ["WT", "KE", "EYES"]


def test_what_has_no_effect_is_passed_over_and_said(tmp_path: Path) -> None:
    text = "ID,TIME,EVID,AMT,DV,CP,CP_other,CPX\n1,0,1,8,1,2,3,4\n"
    columns = Columns(("depot",), outputs=("CP",), ignored=("CPX",))
    assert read(tmp_path, text, columns).notes == (
        f"{tmp_path / 'doses.csv'}: DV, CP, CP_other have no effect on a simulation",
    )
    alone = read(tmp_path, "ID,TIME,EVID,AMT,dv\n1,0,1,8,1\n")
    assert alone.notes == (f"{tmp_path / 'doses.csv'}: dv has no effect on a simulation",)
    assert read(tmp_path, "ID,TIME,EVID,AMT\n1,0,1,8\n").notes == ()
    with pytest.raises(InputError):
        read(tmp_path, "ID,TIME,EVID,AMT,CPX\n1,0,1,8,1\n", Columns(("depot",), outputs=("CP",)))
    with pytest.raises(InputError):
        read(tmp_path, "ID,TIME,EVID,AMT,DV\n1,0,1,8,1\n", Columns(("depot",), parameters=("DV",)))


@pytest.mark.parametrize("word", ["DATE", "DAT1", "DAT2", "DAT3", "PCMT", "CALL", "CONT", "XVID"])
def test_columns_that_would_change_a_row_are_refused_by_name(tmp_path: Path, word: str) -> None:
    with pytest.raises(UnsupportedError) as refusal:
        read(tmp_path, f"ID,TIME,EVID,AMT,{word.lower()}\n1,0,1,8,1\n")
    (problem,) = refusal.value.problems
    assert problem.what.startswith(f"the column {word.lower()}: ")
    assert (problem.place.file, problem.place.line) == (str(tmp_path / "doses.csv"), 1)
    dated = "write TIME as the time since the first record, in the model's unit, and --ignore the date"
    assert problem.hint == (dated if word.startswith("DAT") else None)
    own = Columns(("depot",), ignored=(word.lower(),))
    assert len(read(tmp_path, f"ID,TIME,EVID,AMT,{word.lower()}\n1,0,1,8,1\n", own)) == 1


def test_rows_that_a_column_makes_comments_are_left_out_and_said(tmp_path: Path) -> None:
    rows = "".join(f"{'C' if number < 12 else '.'},1,{number},0\n" for number in range(13))
    found = read(tmp_path, "C,ID,TIME,EVID\n" + rows)
    assert len(found) == 1
    assert found[0].time == 12.0
    assert found[0].line == 14
    shown = ", ".join(str(line) for line in range(2, 12))
    assert found.notes == (
        f"{tmp_path / 'doses.csv'}: comments by the column C are left out: lines {shown}, ...",
    )
    few = read(tmp_path, "C,ID,TIME,EVID\nc,1,0,0\n,1,1,0\n")
    assert few.notes == (f"{tmp_path / 'doses.csv'}: comments by the column C are left out: lines 2",)
    assert read(tmp_path, "C,ID,TIME,EVID\n.,1,0,0\n").notes == ()
    problem = problem_of(tmp_path, "C,ID,TIME,EVID\n.,1,0,0\nx,1,1,0\n")
    assert problem.allowed == "C (a comment), or nothing"
    assert problem.hint == "--ignore C passes over the column, --covariates PARAMETER=C uses it"
    assert problem.place.line == 3
    nothing = problem_of(tmp_path, "C,ID,TIME,EVID\nC,1,0,0\n")
    assert (nothing.what, nothing.allowed) == ("has no rows", "at least one record")


@pytest.mark.parametrize("mark", ["C", "c", "@"])
def test_an_id_that_seems_to_be_commented_out_is_refused(tmp_path: Path, mark: str) -> None:
    problem = problem_of(tmp_path, f"ID,TIME,EVID\n1,0,0\n{mark}1,1,0\n")
    assert problem.what == f"ID {mark}1 stands beside ID 1"
    assert problem.hint == "a row that is a comment begins with #; another person needs another ID"
    assert problem.place.line == 3
    assert len(read(tmp_path, f"ID,TIME,EVID\n2,0,0\n{mark}1,1,0\n")) == 2
    assert len(read(tmp_path, f"ID,TIME,EVID\nat,0,0\n{mark}at,1,0\n")) == 2


def seen(patient: str, time: float, *values: float | None) -> Record:
    return Record(patient, time, SEEN, line=int(time) + 2, file="doses.csv", covariates=values)


def test_missing_values_are_carried_forwards_or_backwards() -> None:
    records = [
        seen("a", 0, 1.0, 5.0),
        seen("a", 1, None, 6.0),
        seen("a", 2, 3.0, None),
        seen("b", 0, 9.0, 9.0),
    ]
    forwards = filled(records, ("WT", "AGE"), Rule.LOCF)
    assert [record.covariates for record in forwards] == [(1.0, 5.0), (1.0, 6.0), (3.0, 6.0), (9.0, 9.0)]
    assert forwards[0] is records[0]
    assert filled([seen("a", 0)], (), Rule.LOCF) == [seen("a", 0)]
    whole = [seen("a", 0, None, 5.0), seen("a", 1, 2.0, 6.0)]
    assert [record.covariates for record in filled(whole, ("WT", "AGE"), Rule.NOCB)] == [
        (2.0, 5.0),
        (2.0, 6.0),
    ]


@pytest.mark.parametrize(
    ("rule", "values", "line", "which", "side"),
    [(Rule.LOCF, (None, 1.0), 2, "first", "before"), (Rule.NOCB, (1.0, None), 3, "last", "after")],
)
def test_a_value_that_no_row_gives_is_named(
    rule: Rule, values: tuple[float | None, float | None], line: int, which: str, side: str
) -> None:
    with pytest.raises(InputError) as refusal:
        filled([seen("a", 0, values[0]), seen("a", 1, values[1])], ("WT",), rule)
    (problem,) = refusal.value.problems
    assert problem.what == f"WT is missing in the {which} row of ID a"
    assert problem.allowed == f"a number: no other row stands {side} it"
    assert (problem.place.line, problem.place.key) == (line, "WT")


@pytest.mark.parametrize(
    ("rule", "values"), [(Rule.LOCF, [1.0, 1.0, 1.0, 2.0, 2.0]), (Rule.NOCB, [1.0, 2.0, 2.0, 2.0, 2.0])]
)
def test_added_observations_stand_after_the_rows_of_their_time(rule: Rule, values: list[float]) -> None:
    own = [seen("a", 1, 1.0), seen("a", 3, 2.0)]
    other = [seen("b", 2, 7.0)]
    times = [0.0, 1.0, 2.0, 3.0, 4.0]
    found = with_observations([*own, *other], times, rule)
    of_a = [record for record in found if record.patient == "a"]
    assert [record.time for record in of_a] == [0, 1, 1, 2, 3, 3, 4]
    added = [record for record in of_a if record not in own]
    assert [record.covariates[0] for record in added] == values
    of_b = found[len(of_a) :]
    assert [record.patient for record in of_b] == ["b"] * 6
    assert all(record.covariates == (7.0,) for record in of_b)


def test_times_are_not_added_where_time_starts_anew() -> None:
    records = [seen("a", 5), Record("a", 1.0, Event.RESET, line=9, file="doses.csv")]
    with pytest.raises(InputError) as refusal:
        with_observations(records, [0.0], Rule.LOCF)
    (problem,) = refusal.value.problems
    assert problem.what == "TIME starts anew within ID a, so times to add would mean two things"
    assert problem.hint == "leave --end out, and write rows with EVID 0"
    assert problem.place.line == 9
    same = [seen("a", 1), seen("a", 1)]
    assert len(with_observations(same, [0.0], Rule.LOCF)) == 3


def test_more_than_fits_into_memory_is_refused_and_the_most_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds.refuse_too_many_values(10, bounds.MOST_VALUES // 20, 2)
    with pytest.raises(InputError) as refusal:
        bounds.refuse_too_many_values(10, bounds.MOST_VALUES // 20 + 1, 2)
    (problem,) = refusal.value.problems
    assert problem.what.startswith("10 simulations of 5,000,001 times and 2 outputs are 100,000,020 numbers")
    assert problem.allowed == "at most 100,000,000"
    assert problem.hint == "ask for fewer times, outputs or simulations"
    bounds.refuse_too_many_records(bounds.MOST_RECORDS, "doses.csv")
    with pytest.raises(InputError) as refusal:
        bounds.refuse_too_many_records(bounds.MOST_RECORDS + 1, "doses.csv")
    (problem,) = refusal.value.problems
    assert problem.what.startswith("5,000,001 records")
    assert problem.allowed == "at most 5,000,000"
    assert problem.hint == "ask for fewer --steps or values, or split the table"

    monkeypatch.setattr(bounds, "MOST_DOSES", 10)
    monkeypatch.setattr(bounds, "MOST_VALUES", 6)

    def given(additional: int, line: int) -> Record:
        return Record(
            "a",
            0.0,
            Event.DOSE,
            1.0,
            "central",
            interval=1.0,
            additional=additional,
            line=line,
            file="doses.csv",
        )

    last = seen("a", 100)
    bounds.refuse_too_much([given(7, 2), given(1, 3), last], [[0, 1, 2]], 1)  # 8 + 2
    with pytest.raises(InputError) as refusal:
        bounds.refuse_too_much([given(1, 2), given(8, 3), last], [[0, 1, 2]], 1)
    (problem,) = refusal.value.problems
    assert problem.what == "the doses up to the last record of every ID are more than 10"
    assert problem.allowed == "at most 10"
    assert problem.hint == "here ADDL 8 every 1; look at II and ADDL, or split the table"
    assert problem.place.line == 3
    # Doses after the last record of a person are not given.
    bounds.refuse_too_much([given(1000, 2), seen("a", 5)], [[0, 1]], 1)
    # Two people, the longest of whom has two observations, and two outputs: 8 values.
    three = [seen("a", 0), seen("a", 1), seen("b", 0)]
    bounds.refuse_too_much(three, [[0, 1], [2]], 1)
    with pytest.raises(InputError, match="2 simulations of 2 times and 2 outputs are 8 numbers"):
        bounds.refuse_too_much(three, [[0, 1], [2]], 2)
