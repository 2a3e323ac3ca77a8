"""A patient does not know who else is in the table: the same bits in any company, from his own start."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calor.core.errors import InputError
from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, Kernel, Summary
from calor.engine.calendar import Action, Calendar
from calor.engine.dosing.records import Event, Record
from calor.engine.dosing.simulate import simulate_records

MODEL = """
depot = 0; depot' = -0.9 * depot; x = 2; x' = 0.9 * depot - k * x; k = 0.3; count = 0; late = 0
season := 1 + 0.2 * sin(time / 50)
rescue: at (x < 1), priority = 2: x = x + 1.5 * season, count = count + 1
change: at 7 after (time > 90), fromTrigger = false: k = 0.4
waits: at 3 after (x > 4), persistent = false: late = late + x
"""


@cache
def kernel(backend: str = "llvm") -> Kernel:
    return compile_kernel(load_antimony(MODEL), backend)


@st.composite
def patients(draw: st.DrawFn) -> list[Record]:
    """Return one patient's rows: observations, doses, infusions with more to come, resets."""
    time = draw(st.sampled_from([0.0, 3.5, 88.0, 100.0, 4000.0]))
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        event = draw(st.sampled_from([Event.OBSERVATION, Event.DOSE, Event.RESET, Event.RESET_AND_DOSE]))
        rows.append(
            Record(
                "",
                time,
                event,
                amount=draw(st.sampled_from([1.0, 5.0])),
                state=draw(st.sampled_from(["depot", "x"])),
                rate=draw(st.sampled_from([0.0, 2.0])),
                interval=2.5,
                additional=draw(st.integers(0, 2)),
                lag=draw(st.sampled_from([0.0, 1.25])),
            )
        )
        time += draw(st.sampled_from([0.0, 0.5, 4.0, 11.0]))
    return [*rows, Record("", time + 5.0, Event.OBSERVATION)]


def table(groups: list[list[Record]], names: list[int]) -> list[Record]:
    return [Record(**{**vars(row), "patient": str(name)}) for name in names for row in groups[name]]


@settings(max_examples=25, deadline=None)
@given(st.lists(patients(), min_size=2, max_size=7), st.randoms())
def test_any_patients_in_any_order_have_the_same_bits(groups: list[list[Record]], random) -> None:
    outputs = ("depot", "x", "k", "count", "late")
    everybody = list(range(len(groups)))
    together = simulate_records(kernel(), table(groups, everybody), outputs)
    places = np.cumsum([0, *map(len, groups)])
    some = random.sample(everybody, random.randint(1, len(groups)))
    again = simulate_records(kernel(), table(groups, some), outputs)
    expected = np.concatenate([together[places[name] : places[name + 1]] for name in some])
    np.testing.assert_array_equal(again, expected)


@pytest.fixture(params=["llvm", "reference"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_each_begins_at_his_own_time_with_the_values_of_that_time(backend: str) -> None:
    starts = np.array([5.0, 0.0, 90.0])
    model = load_antimony("x = 3; x' = -0.5 * x; t0 = 0; t0 = time; n = 0; at (time >= 7): n = n + 1")
    batch = Batch(
        save_at=starts[:, None] + np.array([0.0, 1.0, 4.0]),
        outputs=("x", "t0", "n"),
        parameters=np.zeros((3, 0)),
        calendars=[Calendar.of((start, Action.ADD, "x", 1.0)) for start in starts],
        start=starts,
    )
    result = compile_kernel(model, backend).simulate(batch)
    np.testing.assert_allclose(result.outputs[:, :, 0], 4 * np.exp([[0, -0.5, -2]] * 3), rtol=1e-4)
    np.testing.assert_array_equal(result.outputs[:, :, 1], np.tile(starts[:, None], 3))
    # 7 lies within the first one's time, after the second's, and before the third's start
    np.testing.assert_array_equal(result.outputs[:, -1, 2], [1, 0, 0])
    np.testing.assert_array_equal(result.reached, starts + 4)


def test_a_start_after_a_time_or_a_window_is_refused() -> None:
    with pytest.raises(ValueError, match="before the start"):
        Batch(np.array([1.0]), ("x",), parameters=np.zeros((2, 0)), start=np.array([0.0, 2.0]))
    with pytest.raises(ValueError, match="3 patients"):
        Batch(np.array([1.0]), ("x",), parameters=np.zeros((3, 0)), start=np.zeros(2))
    batch = Batch(
        np.array([9.0]),
        ("x",),
        parameters=np.zeros((2, 0)),
        start=np.array([0.0, 2.0]),
        summaries=(Summary("mean", "x", 1.0, 8.0),),
    )
    with pytest.raises(InputError, match="before the start at 2"):
        kernel().simulate(batch)


def test_a_reset_begins_as_a_start_does(backend: str) -> None:
    """After a reset at 10 all is as after a start at 10, whatever waited or held before it."""
    times = np.array([10.0, 12.0, 20.0, 30.0])
    dose = (10.0, Action.ADD, "x", 12.0)
    before = ((1.0, Action.ADD, "x", 9.0), (9.5, Action.RATE, "depot", 2.0), (10.0, Action.RESET, "x", 0.0))
    results = [
        kernel(backend).simulate(
            Batch(times, ("x", "k", "count", "late"), calendars=(Calendar.of(*entries),), start=start)
        )
        for start, entries in ((0.0, (*before, dose)), (10.0, (dose,)))
    ]
    np.testing.assert_allclose(results[0].outputs, results[1].outputs, rtol=1e-4)
    assert results[1].outputs[0, -1, 3] > 0  # the dose took x above 4 from below, so `waits` fired


@pytest.mark.parametrize("observed_first", [False, True])
def test_a_first_dose_that_makes_a_trigger_true_fires_it(backend: str, observed_first: bool) -> None:
    grown = load_antimony("x = 0; n = 0; m = 0; x' = -0.1 * x; at (x > 5): n = n + 1; at (x < 1): m = m + 1")
    rows = [Record("1", 0.0, Event.DOSE, amount=10.0, state="x"), Record("1", 0.5, Event.OBSERVATION)]
    rows = [Record("1", 0.0, Event.OBSERVATION), *rows] if observed_first else rows
    values = simulate_records(compile_kernel(grown, backend), rows, ("n", "m"))
    np.testing.assert_array_equal(values[-1], [1, 0])  # the second trigger held from the start on


def test_events_that_are_false_before_the_start_see_the_states_without_the_first_dose(backend: str) -> None:
    model = load_antimony("x = 0; n = 0; x' = 0; at (x < 1), t0 = false: n = n + 1")
    rows = [Record("1", 2.0, Event.DOSE, amount=10.0, state="x"), Record("1", 3.0, Event.OBSERVATION)]
    values = simulate_records(compile_kernel(model, backend), rows, ("n",))
    assert values[-1, 0] == 1
