"""What a dosing record may hold: each rule at its edge, named with its line, and what is allowed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.engine.batch import Batch, BatchResult
from calor.engine.calendar import Action
from calor.engine.dosing.covariates import SteadyStatesByRecord
from calor.engine.dosing.doses import Dose, constant_rate_of, dose_of
from calor.engine.dosing.expand import expand
from calor.engine.dosing.records import Event, Record, Steady, by_patient
from calor.engine.dosing.simulate import observations, simulate_records
from calor.engine.dosing.steady import SteadyStates
from calor.engine.dosing.table import Columns, read_table
from tests.engine.dosing.linear_kernel import CLEARANCE, VOLUME, LinearKernel

K = CLEARANCE / VOLUME
WHERE = {"line": 7, "file": "doses.csv"}


def dose(time: float = 0.0, **fields: object) -> Record:
    return Record("1", time, fields.pop("event", Event.DOSE), state="central", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "says", "allowed"),
    [
        ({"amount": -1.0}, "AMT is -1", "a number of 0 or more"),
        ({"amount": 1.0, "rate": -3.0}, "RATE is -3", "0 (bolus), above 0, -1 or -2"),
        ({"amount": 1.0, "rate": -0.5}, "RATE is -0.5", "0 (bolus), above 0, -1 or -2"),
        ({"amount": 1.0, "interval": -1.0}, "II is -1", "a number of 0 or more"),
        ({"amount": 1.0, "additional": -1}, "ADDL is -1", "a whole number of 0 or more"),
        ({"amount": 1.0, "lag": -0.1}, "the lag is -0.1", "a number of 0 or more"),
        ({"amount": 1.0, "bioavailability": -0.1}, "the bioavailability is -0.1", "0 or more"),
        ({"amount": 1.0, "additional": 1}, "II is 0", "a number above 0 where ADDL is above 0"),
        ({"amount": 1.0, "rate": -1.0}, "the modelled rate is 0", "above 0"),
        ({"amount": 1.0, "rate": -2.0}, "the modelled duration is 0", "above 0"),
        ({"amount": 1.0, "steady": Steady.REPLACE}, "II is 0", "a number above 0 where SS is 1 or 2"),
        ({"amount": 1.0, "steady": Steady.SUPERPOSE}, "II is 0", "a number above 0 where SS is 1 or 2"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_line(
    fields: dict[str, object], says: str, allowed: str
) -> None:
    for event in (Event.DOSE, Event.RESET_AND_DOSE):
        with pytest.raises(InputError) as refusal:
            dose(event=event, **fields, **WHERE)
        (problem,) = refusal.value.problems
        assert says in problem.what
        assert problem.allowed == allowed
        assert str(refusal.value).startswith("doses.csv, line 7: ")
    for event in (Event.OBSERVATION, Event.OTHER, Event.RESET):
        Record("1", 0.0, event, state="central", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": 0.0},
        {"amount": 1.0, "interval": 0.0, "lag": 0.0, "bioavailability": 0.0},
        {"amount": 1.0, "interval": 0.5, "additional": 1},
        {"amount": 1.0, "rate": -1.0, "modelled_rate": 0.5},
        {"amount": 1.0, "rate": -2.0, "modelled_duration": 0.5},
        {"amount": 1.0, "interval": 0.5, "steady": Steady.REPLACE},
        {"rate": 0.5, "steady": Steady.REPLACE},
        {"rate": -1.0, "modelled_rate": 0.5, "steady": Steady.SUPERPOSE},
    ],
)
def test_what_is_just_allowed_is_taken(fields: dict[str, object]) -> None:
    assert dose(**fields).is_dose


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": 1.0, "interval": 0.5},
        {"rate": 1.0, "interval": 12.0, "additional": 1},
        {"rate": -2.0, "modelled_duration": 1.0},
    ],
)
def test_a_steady_infusion_without_an_amount_takes_a_rate_alone(fields: dict[str, object]) -> None:
    with pytest.raises(UnsupportedError) as refusal:
        dose(steady=Steady.REPLACE, **fields, **WHERE)
    assert "needs a rate, and neither II nor ADDL" in str(refusal.value)
    assert "doses.csv, line 7" in str(refusal.value)


def test_kinds_of_records() -> None:
    kinds = {
        Event.OBSERVATION: (False, False), Event.DOSE: (True, False), Event.OTHER: (False, False),
        Event.RESET: (False, True), Event.RESET_AND_DOSE: (True, True),
    }  # fmt: skip
    for event, (is_dose, is_reset) in kinds.items():
        record = Record("1", 0.0, event)
        assert (record.is_dose, record.is_reset) == (is_dose, is_reset)
    assert dose(rate=1.0, steady=Steady.REPLACE).is_constant_infusion
    assert not dose(rate=1.0).is_constant_infusion
    assert not dose(rate=1.0, amount=1.0, interval=1.0, steady=Steady.REPLACE).is_constant_infusion
    assert not dose(interval=1.0, steady=Steady.REPLACE).is_constant_infusion
    assert not Record("1", 0.0, Event.OBSERVATION, rate=1.0, steady=Steady.REPLACE).is_constant_infusion


def test_what_a_dose_gives() -> None:
    assert dose_of(dose(amount=8.0, bioavailability=0.5)) == Dose("central", 4.0, 0.0)
    assert dose_of(dose(amount=8.0, rate=2.0, bioavailability=0.5)) == Dose("central", 4.0, 2.0)
    assert dose_of(dose(amount=8.0, rate=-1.0, modelled_rate=4.0)) == Dose("central", 8.0, 4.0)
    assert dose_of(dose(amount=8.0, rate=-2.0, modelled_duration=4.0)) == Dose("central", 8.0, 2.0)
    assert Dose("central", 8.0, 2.0).duration == 4.0
    assert Dose("central", 8.0, 0.0).duration == 0.0
    assert Dose("central", 0.0, 2.0).entries(1.0) == []
    assert Dose("central", 0.5, 0.0).entries(1.0) == [(1.0, Action.ADD, "central", 0.5)]
    assert Dose("central", 8.0, 2.0).entries(1.0) == [
        (1.0, Action.RATE, "central", 2.0), (5.0, Action.RATE, "central", -2.0),
    ]  # fmt: skip
    assert constant_rate_of(dose(rate=3.0, steady=Steady.REPLACE)) == 3.0
    assert constant_rate_of(dose(rate=-1.0, modelled_rate=4.0, steady=Steady.REPLACE)) == 4.0


def rows(*patients_and_times: tuple[str, float, Event]) -> list[Record]:
    return [
        Record(patient, time, event, line=number, file="doses.csv")
        for number, (patient, time, event) in enumerate(patients_and_times, start=2)
    ]


SEEN = Event.OBSERVATION


def test_patients_stand_together_and_time_does_not_run_backwards() -> None:
    ordered = rows(
        ("b", 0, SEEN), ("b", 0, SEEN), ("a", 5, SEEN), ("a", 5, SEEN), ("a", 1, Event.RESET), ("a", 2, SEEN)
    )
    assert by_patient(ordered) == [[0, 1], [2, 3, 4, 5]]
    assert by_patient(rows(("a", 5, SEEN), ("a", 1, Event.RESET_AND_DOSE))) == [[0, 1]]
    with pytest.raises(InputError) as refusal:
        by_patient(rows(("a", 0, SEEN), ("b", 0, SEEN), ("a", 1, SEEN)))
    assert "doses.csv, line 4: the rows of ID a do not stand together" in str(refusal.value)
    assert "sort the table by ID and TIME" in str(refusal.value)
    with pytest.raises(InputError) as refusal:
        by_patient(rows(("a", 0, SEEN), ("a", 5.5, SEEN), ("a", 4, SEEN)))
    assert "doses.csv, line 4: TIME falls from 5.5 to 4 within ID a" in str(refusal.value)
    assert "only a reset (EVID 3 or 4) may start time anew" in str(refusal.value)


def test_each_patient_has_a_course_of_its_own() -> None:
    """Patients who begin at other times, with other numbers of observations, in the order of the table."""
    records = [
        Record("a", 10.0, Event.DOSE, 100.0, "central"),
        Record("a", 12.0, SEEN),
        Record("b", 2.0, Event.DOSE, 50.0, "central"),
        Record("b", 3.0, SEEN),
        Record("b", 4.0, SEEN),
        Record("b", 12.0, SEEN),
        Record("c", 1.0, Event.DOSE, 50.0, "central"),
        Record("d", 5.0, SEEN),
    ]

    class Forwards(LinearKernel):
        def simulate(self, batch: Batch, *others: object) -> BatchResult:
            assert np.all(np.diff(batch.save_at, axis=1) >= 0), "no kernel goes back in time"
            return super().simulate(batch, *others)  # type: ignore[arg-type,return-value]

    values = simulate_records(Forwards(), records, ("CP",))
    expected = [5000 * np.exp(-K * 2), *(2500 * np.exp(-K * np.array([1, 2, 10]))), 0.0]
    seen = observations(records)
    assert seen == [1, 3, 4, 5, 7]
    np.testing.assert_allclose(values[seen, 0], expected, rtol=1e-12)
    assert np.isnan(np.delete(values[:, 0], seen)).all()


def test_a_table_without_observations_has_no_values() -> None:
    values = simulate_records(LinearKernel(), [dose(amount=1.0)], ("CP",))
    assert values.shape == (1, 1)
    assert np.isnan(values).all()


def test_steady_states_need_a_kernel() -> None:
    with pytest.raises(ValueError, match="need a kernel"):
        expand([dose(amount=1.0, interval=1.0, steady=Steady.REPLACE)], [0])


def test_a_steady_state_after_a_bolus_is_a_geometric_sum() -> None:
    steady = SteadyStates(LinearKernel())
    for elapsed in (0.0001, 3.0, 12.0):
        found = steady.periodic(Dose("central", 100.0, 0.0), 12.0, elapsed)
        assert found[1] == pytest.approx(100 * np.exp(-K * elapsed) / (1 - np.exp(-K * 12)), rel=1e-7)
        assert found[0] == pytest.approx(0.0, abs=1e-9)
    depot = steady.periodic(Dose("depot", 100.0, 0.0), 12.0, 12.0)
    assert depot[0] == pytest.approx(100 * np.exp(-18) / (1 - np.exp(-18)), rel=1e-6)


@pytest.mark.parametrize("duration", [0.5, 3.0, 12.0, 12.5, 24.0, 30.0])
def test_a_steady_state_under_infusions_that_overlap(duration: float) -> None:
    """Single infusions superposed: rate / k (1 - e^(-k on)) e^(-k off), ended ones and running ones."""
    interval, rate = 12.0, 100.0 / duration
    ages = np.arange(1, 400) * interval
    on = np.minimum(ages, duration)
    expected = (rate / K * (1 - np.exp(-K * on)) * np.exp(-K * (ages - on))).sum()
    found = SteadyStates(LinearKernel()).periodic(Dose("central", 100.0, rate), interval, interval)
    assert found[1] == pytest.approx(expected, rel=1e-6)


def test_a_constant_infusion_is_steady_at_rate_over_clearance() -> None:
    steady = SteadyStates(LinearKernel())
    assert steady.constant("central", 11.0)[1] == pytest.approx(11.0 / K, rel=1e-7)
    assert steady.constant("central", 22.0)[1] == pytest.approx(22.0 / K, rel=1e-7)
    assert steady.constant("depot", 11.0) == pytest.approx([11.0 / 1.5, 11.0 / K], rel=1e-7)


def test_a_slow_model_has_its_steady_state_too() -> None:
    """A half-life of 70,000 intervals: no run-in would get there."""
    kernel = LinearKernel([[-1e-5]], ("central",), {"CP": np.array([1.0])})
    for amount in (1.0, 1e-7):
        found = SteadyStates(kernel).periodic(Dose("central", amount, 0.0), 1.0, 1.0)
        assert found[0] == pytest.approx(amount / np.expm1(1e-5), rel=1e-5)


def test_a_constant_infusion_into_a_slow_model_is_looked_at_over_longer_spans() -> None:
    """Over 10 units of time 5e-8 of the state is lost, which is no pull; over 100 there is one."""
    kernel = LinearKernel([[-5e-9]], ("central",), {"CP": np.array([1.0])})
    assert SteadyStates(kernel).constant("central", 2.0)[0] == pytest.approx(2.0 / 5e-9, rel=1e-3)


def test_what_is_known_is_not_looked_for_again() -> None:
    class Counted(LinearKernel):
        calls = 0

        def simulate(self, *arguments: object, **named: object) -> object:
            self.calls += 1
            return super().simulate(*arguments, **named)  # type: ignore[arg-type]

    kernel = Counted()
    steady = SteadyStates(kernel)
    for look in (
        lambda: steady.periodic(Dose("central", 1.0, 0.0), 12.0, 5.0),
        lambda: steady.constant("central", 1.0),
    ):
        first = look()
        before = kernel.calls
        assert look() is first
        assert kernel.calls == before > 0


def test_what_accumulates_is_named_with_what_to_do() -> None:
    kernel = LinearKernel([[-K, 0.0], [1.0, 0.0]], ("central", "area"), {"A": np.array([1.0, 0.0])})
    for look, what in (
        (lambda steady: steady.periodic(Dose("central", 1.0, 0.0), 12.0, 12.0), "doses every 12"),
        (lambda steady: steady.constant("central", 1.0), "a constant infusion"),
    ):
        with pytest.raises(InputError) as refusal:
            look(SteadyStates(kernel))
        assert f"area never reaches a steady state under {what}" in str(refusal.value)
        assert "give SS 0 and a run-in of earlier doses instead" in str(refusal.value)


def test_doses_on_their_way_at_a_steady_state_still_arrive() -> None:
    """A lag of two and a half intervals: two doses are under way when the record stands."""
    record = dose(amount=100.0, interval=12.0, lag=30.0, steady=Steady.REPLACE)
    (course,) = expand([record], [0], SteadyStatesByRecord(LinearKernel))
    arrivals = [
        (time, value)
        for time, action, value in zip(
            course.calendar.times, course.calendar.actions, course.calendar.values, strict=True
        )
        if action == Action.ADD
    ]
    assert arrivals == [(6.0, 100.0), (18.0, 100.0), (30.0, 100.0)]
    times = np.array([0.0, 5.9, 6.0, 18.0, 29.0, 30.0, 50.0])
    records = sorted([record, *(Record("1", t, SEEN) for t in times)], key=lambda one: one.time)
    found = simulate_records(LinearKernel(), records, ("CP",))[1:, 0]
    ages = times[:, None] - (30.0 - 12.0 * np.arange(0, 400))[None, :]
    expected = np.where(ages >= 0, np.exp(-K * np.maximum(ages, 0)), 0).sum(axis=1) * 5000
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_times_that_mean_the_same_are_the_same() -> None:
    """3 x 0.1 is not 0.3 in binary; a dose that is due then comes first, at any size of the time."""
    for scale in (1e-3, 1.0, 1e6):
        record = dose(amount=1.0, interval=0.1 * scale, additional=3)
        seen = Record("1", 0.3 * scale, SEEN)
        (course,) = expand([record, seen], [0, 1])
        assert course.calendar.times[-1] == course.times[0] == 0.3 * scale
    near = dose(amount=1.0, interval=1.0, additional=1)
    (course,) = expand([near, Record("1", 1.0 + 1e-8, SEEN)], [0, 1])
    assert course.calendar.times.tolist() == [0.0, 1.0]  # another time
    (course,) = expand([near, Record("1", 1.0 + 1e-11, SEEN)], [0, 1])
    assert course.calendar.times.tolist() == [0.0, 1.0 + 1e-11]
    (course,) = expand([near, Record("1", 1.0 - 1e-11, SEEN)], [0, 1])
    assert course.calendar.times.tolist() == [0.0, 1.0 - 1e-11]


def test_ties_keep_the_order_of_the_file() -> None:
    """Observation, dose, observation, dose at one time, which may be 0, where the last place is tiny."""
    for now in (0.0, 5.0):
        records = [
            Record("1", now, SEEN),
            dose(now, amount=1.0),
            Record("1", now, SEEN),
            dose(now, amount=2.0),
        ]
        records += [Record("1", now, SEEN), Record("1", now, SEEN)]
        values = simulate_records(LinearKernel(), records, ("CP",))[[0, 2, 4, 5], 0]
        np.testing.assert_allclose(values, np.array([0, 1, 3, 3]) * 1000 / VOLUME, rtol=1e-9, atol=1e-12)
        (course,) = expand(records, range(6))
        moved = course.times[-1] - now
        assert 0 < moved <= 4 * max(math.ulp(now), 1e-200)


def test_a_reset_keeps_what_happened_at_its_own_time_and_before() -> None:
    records = [
        dose(0.0, amount=10.0, rate=1.0),
        dose(1.0, amount=5.0, interval=2.0, additional=2),
        Record("1", 3.0, Event.RESET),
    ]
    (course,) = expand(records, range(3))
    assert course.calendar.times.tolist() == [0.0, 1.0, 3.0, 3.0]
    assert course.calendar.actions.tolist() == [Action.RATE, Action.ADD, Action.ADD, Action.RESET]


def test_a_reset_that_starts_time_anew_is_another_course() -> None:
    records = [
        Record("1", 4.0, SEEN), dose(5.0, amount=1.0), Record("1", 2.0, Event.RESET), Record("1", 2.0, SEEN),
        dose(6.0, amount=1.0, event=Event.RESET_AND_DOSE),
    ]  # fmt: skip
    first, second = expand(records, range(5))
    assert (first.start, second.start) == (4.0, 2.0)
    assert (first.positions, second.positions) == ((0,), (3,))
    assert second.calendar.actions.tolist() == [Action.RESET, Action.RESET, Action.ADD]


def table(tmp_path: Path, text: str, columns: Columns | None = None) -> list[Record]:
    path = tmp_path / "doses.csv"
    path.write_text(text)
    return read_table(path, columns or Columns(("depot", "central")))


def test_a_table_s_columns_become_a_record(tmp_path: Path) -> None:
    columns = Columns(
        ("depot", "central"), {"central": "L"}, {"central": "F"}, {"central": "R"}, {"central": "D"}
    )
    text = (
        "ID, TIME ,EVID,AMT,CMT,RATE,II,ADDL,SS,L,F,R,D\n"
        "7,1.5,4,100,2,-2,12,3,2,0.5,0.8,9,4\n"
        "7,2,1,10,1,0,0,0,0,0.5,0.8,9,4\n"
        "7,3,1,10,,.,NA,,,,.,NA,\n"
    )
    first, other, plain = table(tmp_path, text, columns)
    file = str(tmp_path / "doses.csv")
    assert first == Record(
        "7",
        1.5,
        Event.RESET_AND_DOSE,
        100.0,
        "central",
        -2.0,
        12.0,
        3,
        Steady.SUPERPOSE,
        0.5,
        0.8,
        0.0,
        4.0,
        2,
        file,
    )
    assert other == Record("7", 2.0, Event.DOSE, 10.0, "depot", line=3, file=file)
    assert plain == Record("7", 3.0, Event.DOSE, 10.0, "depot", line=4, file=file)


def test_without_evid_a_dose_is_a_row_with_an_amount_or_a_rate(tmp_path: Path) -> None:
    text = "ID,TIME,AMT,RATE\n1,0,5,0\n1,1,0,0\n1,2,.,.\n1,3,0,-1\n"
    columns = Columns(("central",), rate={"central": "R"})
    with pytest.raises(InputError, match="R: the table has no such column"):
        table(tmp_path, text, columns)
    found = table(tmp_path, "ID,TIME,AMT,RATE,R\n1,0,0.5,0,1\n1,1,0,0,1\n1,2,.,.,1\n1,3,0,-1,1\n", columns)
    assert [record.event for record in found] == [Event.DOSE, SEEN, SEEN, Event.DOSE]


@pytest.mark.parametrize(
    ("row", "column", "says", "allowed"),
    [
        ("1,x,1,1,1,0", "TIME", "TIME is x", "a number, or . for none"),
        ("1,inf,1,1,1,0", "TIME", "TIME is inf", "a number, or . for none"),
        ("1,.,1,1,1,0", "TIME", "TIME is missing", "a number"),
        ("1,0,9,1,1,0", "EVID", "EVID is 9", "0 to 6, or 8"),
        ("1,0,0.5,1,1,0", "EVID", "EVID is 0.5", "a whole number"),
        ("1,0,1,1,3,0", "CMT", "CMT is 3", "1 (depot), 2 (central)"),
        ("1,0,1,1,1,3", "SS", "SS is 3", "0, 1 or 2"),
        ("1,0,1,1,1,-1", "SS", "SS is -1", "0, 1 or 2"),
    ],
)
def test_what_a_table_cannot_hold_is_named(
    tmp_path: Path, row: str, column: str, says: str, allowed: str
) -> None:
    with pytest.raises(InputError) as refusal:
        table(tmp_path, f"ID,TIME,EVID,AMT,CMT,SS\n1,0,0,.,.,.\n{row}\n")
    (problem,) = refusal.value.problems
    assert says in problem.what
    assert problem.allowed == allowed
    assert f"doses.csv, line 3: {column}: " in str(refusal.value)


def test_rows_that_give_nothing_need_no_compartment(tmp_path: Path) -> None:
    found = table(tmp_path, "ID,TIME,EVID,AMT,CMT,SS\n1,0,0,.,9,.\n1,1,2,.,9,.\n1,2,3,.,9,.\n")
    assert [record.event for record in found] == [SEEN, Event.OTHER, Event.RESET]
    assert all(record.amount == 0 and record.state == "" for record in found)


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        table(tmp_path, "WHO,WHEN\n1,0\n")
    missing = [problem.place.key for problem in refusal.value.problems]
    assert missing == ["ID", "TIME"]
    assert "found: WHO, WHEN" in str(refusal.value)
    with pytest.raises(InputError, match="is empty"):
        table(tmp_path, "")


@pytest.mark.parametrize("rest", ["1,1,-2", "0,.,-1", "2,.,-2", "3,.,-1", "4,5,-1.0"])
def test_a_compartment_cannot_be_switched_off(tmp_path: Path, rest: str) -> None:
    with pytest.raises(UnsupportedError) as refusal:
        table(tmp_path, f"ID,TIME,EVID,AMT,CMT\n1,0,1,1,1\n1,1,{rest}\n")
    number = rest.split(",")[-1]
    assert f"doses.csv, line 3: CMT is {number} (switching a compartment off)" in str(refusal.value)


def test_a_table_from_a_spreadsheet_may_begin_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "doses.csv"
    path.write_bytes(b"\xef\xbb\xbfID,TIME,AMT\n1,0,5\n")
    (record,) = read_table(path, Columns(("central",)))
    assert (record.patient, record.amount) == ("1", 5.0)
