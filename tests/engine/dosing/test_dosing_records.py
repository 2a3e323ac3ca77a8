"""Dosing records against closed forms, NONMEM's own output, and the rules for ties, resets and errors."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.engine.calendar import Action
from calor.engine.dosing.columns import Columns
from calor.engine.dosing.expand import expand
from calor.engine.dosing.records import Event, Record, Steady
from calor.engine.dosing.simulate import simulate_records
from calor.engine.dosing.table import read_table
from tests.engine.dosing.linear_kernel import CLEARANCE, VOLUME, LinearKernel

ROOT = Path(__file__).parents[3]
PEERS = Path(os.environ.get("CALOR_PEERS", ROOT.parent / "shared" / "peers"))
K = CLEARANCE / VOLUME
COLUMNS = Columns(
    ("depot", "central"),
    {"central": "LAGT"},
    {"central": "BIOAV"},
    {"central": "RAT2"},
    {"central": "DUR2"},
    outputs=("CP",),
)


def dose(time, **fields):
    return Record("1", time, fields.pop("event", Event.DOSE), state="central", **fields)


def concentrations(*rows, times=()):
    records = sorted([*rows, *(Record("1", t, Event.OBSERVATION) for t in times)], key=lambda r: r.time)
    values = simulate_records(LinearKernel(), records, ("CP",))[:, 0]
    return values[~np.isnan(values)]


def test_nonmem_agrees_to_its_printed_digits(tmp_path):
    table = PEERS / "nonmem-dosing" / "regimens.csv"
    if not table.exists():
        pytest.skip(f"{table} is not present")
    expected = pd.read_csv(table)["CP_NONMEM"].to_numpy()
    records = read_table(table, COLUMNS)
    observed = [r.event == Event.OBSERVATION for r in records]
    values = simulate_records(LinearKernel(), records, ("CP",))[:, 0]
    np.testing.assert_allclose(values[observed], expected[observed], rtol=1e-4, atol=1e-9)


def test_bolus_decays_exponentially():
    times = np.array([0.0, 1.0, 10.0])
    values = concentrations(dose(0, amount=100), times=times)
    # the dose row stands before the observation at time 0
    np.testing.assert_allclose(values, 100 / VOLUME * 1000 * np.exp(-K * times), rtol=1e-12)


def test_an_observation_before_the_dose_of_its_time_does_not_see_it():
    records = [
        Record("1", 0.0, Event.OBSERVATION),
        dose(0, amount=100),
        Record("1", 0.0, Event.OBSERVATION),
        dose(0, amount=100),
        Record("1", 0.0, Event.OBSERVATION),
    ]
    values = simulate_records(LinearKernel(), records, ("CP",))[:, 0]
    np.testing.assert_allclose(values[[0, 2, 4]], [0, 5000, 10000], rtol=1e-12)


def test_an_additional_dose_comes_before_the_observation_of_its_time():
    values = concentrations(dose(0, amount=100, interval=0.1, additional=3), times=[0.3])
    expected = 5000 * np.exp(-K * np.array([0, 0.1, 0.2, 0.3])).sum()
    np.testing.assert_allclose(values, expected, rtol=1e-12)  # 3 x 0.1 is not 0.3 in binary


def test_an_infusion_with_bioavailability_keeps_its_rate():
    values = concentrations(dose(0, amount=100, rate=10, bioavailability=0.5), times=[5.0, 8.0])
    at_end = 10 / CLEARANCE * 1000 * (1 - np.exp(-K * 5))
    np.testing.assert_allclose(values, [at_end, at_end * np.exp(-K * 3)], rtol=1e-12)


def test_a_modelled_duration_keeps_the_duration():
    values = concentrations(
        dose(0, amount=100, rate=-2, modelled_duration=4, bioavailability=0.5), times=[4.0]
    )
    np.testing.assert_allclose(values, 12.5 / CLEARANCE * 1000 * (1 - np.exp(-K * 4)), rtol=1e-12)


def test_steady_state_is_where_endless_doses_lead():
    values = concentrations(dose(0, amount=100, steady=Steady.REPLACE, interval=12, lag=5), times=[0, 5, 9])
    peak = 5000 / (1 - np.exp(-K * 12))
    expected = [peak * np.exp(-K * 7), peak, 5000 * np.exp(-K * 4) / (1 - np.exp(-K * 12))]
    np.testing.assert_allclose(values, expected, rtol=1e-7)


@pytest.mark.parametrize("duration", [5.0, 12.0, 30.0])
@pytest.mark.parametrize("lag", [0.0, 5.0, 30.0])
def test_steady_infusions_equal_a_long_run_in(duration, lag):
    fields = {"amount": 100.0, "rate": 100.0 / duration, "interval": 12.0, "lag": lag}
    run_in = dose(-100 * 12.0, additional=100, **fields)
    times = [0.5, 3, 8, 13, 29]
    np.testing.assert_allclose(
        concentrations(dose(0, steady=Steady.REPLACE, **fields), times=times),
        concentrations(run_in, times=times),
        rtol=1e-7,
    )


def test_superposed_steady_states_add():
    morning = dose(0, amount=100, steady=Steady.REPLACE, interval=24)
    evening = dose(0, amount=50, steady=Steady.SUPERPOSE, interval=24, lag=12)
    both = concentrations(morning, evening, times=[0, 6, 12, 18])
    apart = [concentrations(d, times=[0, 6, 12, 18]) for d in (morning, evening)]
    np.testing.assert_allclose(both, apart[0] + apart[1], rtol=1e-7)


def test_a_constant_infusion_ends_at_its_record():
    values = concentrations(dose(0, rate=11.0, steady=Steady.REPLACE), times=[0, 4])
    np.testing.assert_allclose(values, [10000, 10000 * np.exp(-K * 4)], rtol=1e-7)


def test_a_reset_ends_infusions_additional_and_lagged_doses():
    rows = [
        dose(0, amount=100, interval=5, additional=10),
        dose(1, amount=100, rate=1),
        dose(2, amount=100, lag=10),
        Record("1", 3.0, Event.RESET),
    ]
    np.testing.assert_array_equal(concentrations(*rows, times=[4, 10, 20, 60])[1:], 0)


def test_reset_and_dose_starts_from_nothing():
    values = concentrations(
        dose(0, amount=500), dose(6, amount=100, event=Event.RESET_AND_DOSE), times=[6.0, 7.0]
    )
    np.testing.assert_allclose(values, 5000 * np.exp(-K * np.array([0, 1])), rtol=1e-12)


def test_time_may_start_anew_after_a_reset():
    records = [
        dose(0, amount=100),
        Record("1", 10.0, Event.OBSERVATION),
        dose(0, amount=200, event=Event.RESET_AND_DOSE),
        Record("1", 10.0, Event.OBSERVATION),
    ]
    values = simulate_records(LinearKernel(), records, ("CP",))[:, 0]
    np.testing.assert_allclose(values[[1, 3]], np.array([5000, 10000]) * np.exp(-K * 10), rtol=1e-12)


def test_a_state_that_only_accumulates_has_no_steady_state_and_is_named():
    kernel = LinearKernel([[-K, 0.0], [1.0, 0.0]], ("central", "area"), {"A": np.array([1.0, 0.0])})
    with pytest.raises(InputError, match="area never reaches a steady state under doses every 12"):
        simulate_records(
            kernel,
            [dose(0, amount=1, steady=Steady.REPLACE, interval=12), Record("1", 1.0, Event.OBSERVATION)],
            ("A",),
        )


def test_a_calendar_holds_the_expanded_doses():
    (course,) = expand([dose(1, amount=3, rate=2, interval=10, additional=1)], [0])
    assert course.calendar.times.tolist() == [1, 2.5, 11, 12.5]
    assert course.calendar.actions.tolist() == [Action.RATE] * 4
    assert course.calendar.values.tolist() == [2, -2, 2, -2]


GOOD = "ID,TIME,EVID,AMT,CMT,RATE,II,ADDL,SS,LAGT,BIOAV,RAT2,DUR2\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,0,9,100,1,0,0,0,0,0,1,1,1", "line 2: EVID: EVID is 9"),
        ("1,0,1,abc,1,0,0,0,0,0,1,1,1", "line 2: AMT: AMT is abc"),
        ("1,0,1,nan,1,0,0,0,0,0,1,1,1", "AMT is nan"),
        ("1,0,1,100,3,0,0,0,0,0,1,1,1", r"CMT is 3\n  allowed: 1 \(depot\), 2 \(central\)"),
        ("1,0,1,100,1,0,0,2,0,0,1,1,1", "II is 0"),
        ("1,0,1,100,1,0,0,1.5,0,0,1,1,1", "ADDL is 1.5"),
        ("1,0,1,100,1,-3,0,0,0,0,1,1,1", "RATE is -3"),
        ("1,0,1,100,2,-1,0,0,0,0,1,0,1", "the modelled rate is 0"),
        ("1,0,1,100,2,0,0,0,0,-1,1,1,1", "the lag is -1"),
        ("1,0,1,100,2,0,0,0,1,0,1,1,1", "II is 0"),
        ("1,5,0,0,2,0,0,0,0,0,1,1,1\n1,4,0,0,2,0,0,0,0,0,1,1,1", "line 3: TIME falls from 5 to 4"),
        ("1,5,0{0}\n2,5,0{0}\n1,6,0{0}".format(",." * 10), "line 4: the rows of ID 1 do not stand together"),
        ("1,.,0" + ",." * 10, "TIME is missing"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, row, message):
    path = tmp_path / "rows.csv"
    path.write_text(GOOD + row + "\n")
    with pytest.raises(InputError, match=message):
        simulate_records(LinearKernel(), read_table(path, COLUMNS), ("CP",))


@pytest.mark.parametrize("start", [0.0, 7.0, 1e3, 1e6])
@pytest.mark.parametrize("rate", [1e3, 1e6, 1e9, 1e12, 1e14, 1e16, 1e300])
def test_all_of_a_short_infusion_arrives(start, rate):
    # its end is a floating-point number: up to that the rate alone would give more or less, or nothing
    found = concentrations(dose(start, amount=100.0, rate=rate), times=[start + 1])
    length = 100.0 / rate
    exact = 100 / VOLUME * np.exp(-K * (1 - length)) * -np.expm1(-K * length) / (K * length or 1.0)
    exact = exact if length > 1e-12 else 100 / VOLUME * np.exp(-K)
    # what is shorter than 1e-9 of the time arrives at its beginning, half a length early on the average
    np.testing.assert_allclose(found, 1000 * exact, rtol=1e-9 + K * 0.5 * min(length, 1e-9 * start))


def test_a_missing_column_and_a_missing_file_are_named(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("ID,TIME,EVID,AMT\n1,0,1,100\n")
    with pytest.raises(InputError, match=r"(?s)LAGT: the table has no such column.*BIOAV.*RAT2.*DUR2"):
        read_table(path, COLUMNS)
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "absent.csv", COLUMNS)


def test_without_evid_a_row_with_an_amount_is_a_dose(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("ID,TIME,AMT\n1,0,100\n1,2,.\n")
    values = simulate_records(LinearKernel(), read_table(path, Columns(("central",))), ("CP",))
    np.testing.assert_allclose(values[:, 0], [np.nan, 5000 * np.exp(-2 * K)], rtol=1e-12)


@pytest.mark.parametrize(
    ("evid", "after"),
    [(5, 7.0), (8, 7.0), (6, 7.0 * 100 * np.exp(-K))],
    ids=("rxode2", "mrgsolve", "multiply"),
)
def test_a_compartment_is_replaced_or_multiplied(tmp_path, evid, after):
    """100 in `central` at 0, then AMT 7 at 1: what follows decays from 7, or from 7 times what was there."""
    path = tmp_path / "rows.csv"
    path.write_text(f"ID,TIME,EVID,AMT,CMT\n1,0,1,100,2\n1,1,{evid},7,2\n1,3,0,.,.\n", encoding="utf-8")
    records = read_table(path, Columns(("depot", "central")))
    values = simulate_records(LinearKernel(), records, ("CP",))[:, 0]
    assert values[2] == pytest.approx(after / VOLUME * 1000 * np.exp(-2 * K), rel=1e-12)


@pytest.mark.parametrize(
    ("row", "error", "says"),
    [
        ("1,1,5,.,2,0", InputError, "line 2: AMT: AMT is missing"),
        ("1,1,6,2,2,3", InputError, "ADDL is 3 where EVID is 6 (a compartment multiplied by AMT)"),
        ("1,1,7,2,2,0", UnsupportedError, "EVID is 7 (a dose that does not arrive)"),
        ("1,1,5,2,1,0", UnsupportedError, "EVID is 5 into depot, which has a lag or a bioavailability"),
    ],
)
def test_a_change_of_a_compartment_says_by_how_much_and_nothing_else(tmp_path, row, error, says):
    path = tmp_path / "rows.csv"
    path.write_text(f"ID,TIME,EVID,AMT,CMT,ADDL,L\n{row},0\n1,3,0,.,.,.,0\n", encoding="utf-8")
    with pytest.raises(error) as refusal:
        read_table(path, Columns(("depot", "central"), lag={"depot": "L"}))
    assert says in str(refusal.value)
