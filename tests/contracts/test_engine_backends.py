"""What every backend must do alike: exact solutions, order, conservation, calendars, statuses, same bits."""

import os
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import solve_ivp

from calor.core.errors import InputError
from calor.core.progress import Silent, Stopped
from calor.engine import compile_kernel
from calor.engine.batch import Batch, Options, Status, Summary
from calor.engine.calendar import Action, Calendar
from calor.engine.dosing.columns import Columns
from calor.engine.dosing.records import Event
from calor.engine.dosing.simulate import simulate_records
from calor.engine.dosing.table import read_table
from tests.contracts import engine_models as models

ROOT = Path(__file__).parents[2]
PEERS = Path(os.environ.get("CALOR_PEERS", ROOT.parent / "shared" / "peers"))
TIGHT = Options(rtol=1e-10, atol=1e-13)
FEW_STEPS = Options(rtol=1e-10, atol=1e-13, max_steps=2000)
KE = 1.1 / 20.0


@pytest.fixture(params=["llvm", "reference"], scope="module")
def backend(request):
    return request.param


def run(system, backend, save_at, outputs, options=TIGHT, **fields):
    fields.setdefault("parameters", np.zeros((1, 0)))
    batch = Batch(save_at=np.asarray(save_at, dtype=float), outputs=tuple(outputs), **fields)
    return compile_kernel(system, backend).simulate(batch, options)


def test_exponential_decay_is_exact_for_every_patient(backend):
    rates = np.geomspace(1e-3, 10, 11)
    times = np.array([0.0, 0.1, 1.0, 7.0])
    result = run(models.decay(), backend, times, ["x"], parameter_names=("k",), parameters=rates[:, None])
    assert np.all(result.status == Status.FINISHED)
    np.testing.assert_allclose(
        result.outputs[:, :, 0], np.exp(-np.outer(rates, times)), rtol=1e-8, atol=1e-11
    )
    np.testing.assert_allclose(result.final_states[:, 0], np.exp(-rates * 7), rtol=1e-8, atol=1e-11)


def test_initial_values_follow_parameters_and_may_be_given(backend):
    start = run(
        models.logistic(), backend, [0.0], ["x"], parameter_names=("x0",), parameters=np.array([[0.7]])
    )
    assert start.outputs[0, 0, 0] == 0.7
    given = run(models.logistic(), backend, [0.0], ["x"], state_names=("x",), states=np.array([[0.9]]))
    assert given.outputs[0, 0, 0] == 0.9


def test_logistic_growth_is_exact(backend):
    t = np.linspace(0, 12, 25)
    result = run(models.logistic(), backend, t, ["x"])
    exact = 2.0 / (1.0 + (2.0 / 0.1 - 1.0) * np.exp(-t))
    np.testing.assert_allclose(result.outputs[0, :, 0], exact, rtol=1e-8)


@pytest.mark.parametrize("rtol", [1e-4, 1e-6, 1e-8, 1e-10])
def test_the_error_follows_the_tolerance(backend, rtol):
    t = np.linspace(0, 12, 25)
    result = run(models.logistic(), backend, t, ["x"], Options(rtol=rtol, atol=rtol * 1e-3))
    exact = 2.0 / (1.0 + (2.0 / 0.1 - 1.0) * np.exp(-t))
    assert np.abs(result.outputs[0, :, 0] / exact - 1).max() < 30 * rtol


def test_the_order_of_convergence_is_that_of_the_method(backend):
    if backend == "reference":
        pytest.skip("LSODA changes its order as it goes")
    steps, errors = [], []
    for rtol in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10):
        result = run(models.logistic(), backend, [12.0], ["x"], Options(rtol=rtol, atol=rtol))
        steps.append(result.steps[0])
        errors.append(abs(result.outputs[0, 0, 0] - 2.0 / (1.0 + 19.0 * np.exp(-12.0))))
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert -8.0 < slope < -4.0


def test_a_stiff_problem_driven_by_time_keeps_to_its_solution(backend):
    t = np.linspace(0, 20, 41)
    result = run(models.driven(), backend, t, ["x"], Options(rtol=1e-8, atol=1e-10))
    np.testing.assert_allclose(result.outputs[0, :, 0], np.cos(t), atol=1e-6)
    assert result.steps[0] < 2000


def test_robertson_conserves_mass_and_agrees_with_the_literature(backend):
    result = run(models.robertson(), backend, [0.4, 40.0, 4e5], ["a", "b", "c", "total"])
    np.testing.assert_allclose(result.outputs[0, :, 3], 1.0, atol=1e-12)
    # CVODE's documented solution of its example cvRoberts_dns, t = 0.4, 40 and 4e5
    expected = [
        [9.8517e-01, 3.3864e-05, 1.4794e-02],
        [7.1583e-01, 9.1850e-06, 2.8416e-01],
        [4.9383e-03, 1.9850e-08, 9.9506e-01],
    ]
    np.testing.assert_allclose(result.outputs[0, :, :3], expected, rtol=3e-3)


def test_it_agrees_with_scipy_where_a_drug_falls_to_nothing(backend):
    t = np.linspace(0, 100, 21)
    result = run(models.hill(), backend, t, ["drug", "cells"])

    def rates(_, y):
        h = max(y[0], 0.0) ** 1.7 / (1.0 + max(y[0], 0.0) ** 1.7)
        return [-0.5 * y[0], 0.2 * (1 - h) - 0.2 * y[1]]

    oracle = solve_ivp(rates, (0, 100), [10, 1], method="LSODA", t_eval=t, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(result.outputs[0], oracle.y.T, rtol=1e-7, atol=1e-10)


def oral_after_bolus(t, ka=1.5, k=KE):
    late = np.maximum(t, 0)
    return np.where(t >= 0, ka / (ka - k) * (np.exp(-k * late) - np.exp(-ka * late)), 0.0)


def test_a_calendar_acts_exactly_where_it_says(backend):
    calendar = Calendar.of(
        (1.0, Action.ADD, "depot", 100.0),
        (5.0, Action.ADD, "depot", 50.0),
        (9.3, Action.ADD, "depot", 25.0),
    )
    t = np.array([0.0, 1.0, 1.5, 4.9, 5.0, 5.1, 20.0])
    result = run(models.oral(), backend, t, ["central"], calendars=(calendar,))
    exact = sum(dose * oral_after_bolus(t - at) for at, dose in ((1.0, 100), (5.0, 50), (9.3, 25)))
    np.testing.assert_allclose(result.outputs[0, :, 0], exact, rtol=1e-8, atol=1e-9)


def test_an_infusion_rises_and_falls(backend):
    calendar = Calendar.of((2.0, Action.RATE, "central", 10.0), (6.0, Action.RATE, "central", -10.0))
    t = np.array([2.0, 4.0, 6.0, 10.0])
    result = run(models.oral(), backend, t, ["central"], calendars=(calendar,))
    rise = 10 / KE * (1 - np.exp(-KE * np.minimum(t - 2, 4)))
    np.testing.assert_allclose(result.outputs[0, :, 0], rise * np.exp(-KE * np.maximum(t - 6, 0)), rtol=1e-8)


def test_entries_at_one_time_act_in_their_order_and_are_seen_there(backend):
    calendar = Calendar.of(
        (1.0, Action.SET, "central", 8.0),
        (1.0, Action.SCALE, "central", 0.5),
        (1.0, Action.ADD, "central", 1.0),
        (2.0, Action.RATE, "central", 5.0),
        (2.0, Action.RESET, "central", 0.0),
    )
    result = run(models.oral(), backend, [0.0, 1.0, 2.0, 3.0], ["central"], calendars=(calendar,))
    np.testing.assert_allclose(result.outputs[0, :, 0], [0.0, 5.0, 0.0, 0.0], atol=1e-12)


def test_a_reset_returns_to_given_initial_values(backend):
    calendar = Calendar.of((3.0, Action.RESET, "x", 0.0))
    result = run(
        models.decay(),
        backend,
        [3.0, 4.0],
        ["x"],
        calendars=(calendar,),
        state_names=("x",),
        states=np.array([[5.0]]),
    )
    np.testing.assert_allclose(result.outputs[0, :, 0], [5.0, 5.0 * np.exp(-1.0)], rtol=1e-8)


def test_each_patient_has_its_own_calendar_and_times(backend):
    n = 9
    doses = np.linspace(10, 100, n)
    at = np.linspace(0, 3, n)
    calendars = [Calendar.of((at[i], Action.ADD, "depot", doses[i])) for i in range(n)]
    save_at = np.sort(np.random.default_rng(1).uniform(0, 20, (n, 6)), axis=1)
    result = run(
        models.oral(), backend, save_at, ["central", "CP"], calendars=calendars, parameters=np.zeros((n, 0))
    )
    exact = np.array([doses[i] * oral_after_bolus(save_at[i] - at[i]) for i in range(n)])
    np.testing.assert_allclose(result.outputs[:, :, 0], exact, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(result.outputs[:, :, 1], exact / 0.02, rtol=1e-7, atol=1e-6)


def test_a_short_pulse_is_not_stepped_over(backend):
    result = run(models.pulse(), backend, [49.0, 51.0, 100.0], ["x"], Options(rtol=1e-6, atol=1e-9))
    np.testing.assert_allclose(result.outputs[0, :, 0], [0.0, 1.0, 3.0], atol=1e-4)


def test_the_start_may_lie_anywhere(backend):
    result = run(models.decay(), backend, [-5.0, -4.0], ["x"], start=-5.0)
    np.testing.assert_allclose(result.outputs[0, :, 0], [1.0, np.exp(-1.0)], rtol=1e-8)


def test_nonmem_agrees_through_the_solver(backend):
    table = PEERS / "nonmem-dosing" / "regimens.csv"
    if not table.exists():
        pytest.skip(f"{table} is not present")
    columns = Columns(
        ("depot", "central"),
        {"central": "LAGT"},
        {"central": "BIOAV"},
        {"central": "RAT2"},
        {"central": "DUR2"},
        outputs=("CP",),
    )
    records = read_table(table, columns)
    values = simulate_records(compile_kernel(models.oral(), backend), records, ("CP",), TIGHT)[:, 0]
    observed = [r.event == Event.OBSERVATION for r in records]
    expected = pd.read_csv(table)["CP_NONMEM"].to_numpy()
    np.testing.assert_allclose(values[observed], expected[observed], rtol=1e-4, atol=1e-6)


WINDOW = (2.5, 9.0)


@pytest.mark.parametrize(
    ("kind", "exact"),
    [
        ("auc", lambda t, x: np.trapezoid(x, t)),
        ("mean", lambda t, x: np.trapezoid(x, t) / 6.5),
        ("maximum", lambda _, x: x.max()),
        ("minimum", lambda _, x: x.min()),
        ("trough", lambda _, x: x[-1]),
        ("time_above", lambda t, x: np.mean(x[:-1] > 70.0) * 6.5),
    ],
)
def test_summaries_over_a_window_equal_those_of_the_exact_curve(backend, kind, exact):
    t = np.linspace(*WINDOW, 650_001)
    doses = ((0.0, 100.0), (3.0, 40.0))
    calendar = Calendar.of(*[(at, Action.ADD, "depot", dose) for at, dose in doses])
    curve = sum(dose * oral_after_bolus(t - at) for at, dose in doses)
    result = run(
        models.oral(),
        backend,
        [0.0],
        [],
        calendars=(calendar,),
        parameters=np.zeros((2, 0)),
        summaries=(Summary(kind, "central", *WINDOW, threshold=70.0), Summary("auc", "depot", 0.0, 20.0)),
    )
    np.testing.assert_allclose(result.summaries[:, 0], exact(t, curve), rtol=2e-6)
    np.testing.assert_allclose(result.summaries[:, 1], 140 / 1.5 * (1 - np.exp(-30)), rtol=1e-7)


def test_a_patient_that_fails_has_no_summaries(backend):
    result = run(
        models.explosion(),
        backend,
        [0.0],
        [],
        FEW_STEPS,
        parameter_names=("x0",),
        parameters=np.array([[0.01], [1.0]]),
        summaries=(Summary("mean", "x", 0.0, 3.0),),
    )
    np.testing.assert_allclose(result.summaries[0, 0], np.log(0.01 / (1 - 0.03) / 0.01) / 3, rtol=1e-7)
    assert np.isnan(result.summaries[1, 0])


def test_a_window_that_begins_before_the_start_is_refused(backend):
    with pytest.raises(InputError, match="begins at -1, before the start"):
        run(models.decay(), backend, [1.0], [], summaries=(Summary("mean", "x", -1.0, 3.0),))


def cohort(n=13):
    random = np.random.default_rng(7)
    parameters = np.exp(random.normal(size=(n, 2)) * 0.5) * [1.5, 1.1]
    calendars = [
        Calendar.of(*[(float(t), Action.ADD, "depot", 10.0 + i) for t in range(5 + i % 4)]) for i in range(n)
    ]
    return parameters, calendars


def simulate_cohort(backend, order, threads):
    parameters, calendars = cohort()
    return run(
        models.oral(),
        backend,
        np.linspace(0, 9, 10),
        ["CP"],
        Options(rtol=1e-6, atol=1e-9, threads=threads),
        parameter_names=("ka", "cl"),
        parameters=parameters[order],
        calendars=[calendars[i] for i in order],
    )


def test_the_same_bits_whatever_order_threads_and_split(backend):
    everyone = np.arange(13)
    first = simulate_cohort(backend, everyone, 1)
    shuffled = np.random.default_rng(2).permutation(13)
    for order, threads in (
        (everyone, 2),
        (shuffled, 1),
        (shuffled, 2),
        (everyone[3:8], 2),
        (everyone[12:], 1),
    ):
        again = simulate_cohort(backend, order, threads)
        assert np.array_equal(again.outputs, first.outputs[order])
        assert np.array_equal(again.final_states, first.final_states[order])
        assert np.array_equal(again.steps, first.steps[order])


def test_a_patient_that_fails_is_named_and_disturbs_no_other(backend):
    x0 = np.array([[0.01], [1.0], [0.02], [0.5], [0.03]])
    result = run(
        models.explosion(), backend, [0.5, 3.0], ["x"], FEW_STEPS, parameter_names=("x0",), parameters=x0
    )
    failed = x0[:, 0] >= 1 / 3
    assert set(result.status[failed]) <= {Status.STEP_TOO_SMALL, Status.NON_FINITE, Status.STEP_LIMIT}
    assert np.all(result.status[~failed] == Status.FINISHED)
    exact = x0 / (1 - x0 * np.array([0.5, 3.0]))
    np.testing.assert_allclose(result.outputs[~failed, :, 0], exact[~failed], rtol=1e-7)
    np.testing.assert_allclose(result.outputs[failed, 0, 0], exact[failed, 0], rtol=1e-7)
    assert np.all(np.isnan(result.outputs[failed, 1, 0]))
    assert np.all(np.isnan(result.final_states[failed]))
    np.testing.assert_allclose(result.reached[failed], 1 / x0[failed, 0], rtol=1e-3)  # x has a pole there
    assert np.all(result.reached[~failed] == 3.0)


def test_too_many_steps_are_a_status(backend):
    result = run(
        models.oral(),
        backend,
        [100.0],
        ["CP"],
        Options(max_steps=3),
        state_names=("depot",),
        states=np.array([[1.0]]),
    )
    assert result.status[0] == Status.STEP_LIMIT
    assert np.isnan(result.outputs[0, 0, 0])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"parameter_names": ("nope",), "parameters": np.ones((1, 1))}, "no parameter nope"),
        ({"state_names": ("nope",), "states": np.ones((1, 1))}, "no state nope"),
        ({"parameter_names": ("k",), "parameters": np.array([[np.nan]])}, "parameter k of patient 0 is nan"),
        ({"calendars": (Calendar.of((1.0, Action.ADD, "nope", 1.0)),)}, "no state nope"),
        ({"calendars": (Calendar.of((-1.0, Action.ADD, "x", 1.0)),)}, "before the start"),
    ],
)
def test_wrong_names_and_numbers_are_refused(backend, fields, message):
    with pytest.raises(InputError, match=message):
        run(models.decay(), backend, [1.0], ["x"], **fields)


def test_an_unknown_output_is_refused(backend):
    with pytest.raises(InputError, match="no output nope"):
        run(models.decay(), backend, [1.0], ["nope"])


class StopsAtOnce(Silent):
    stop_requested = True


def test_a_stop_is_obeyed(backend):
    kernel = compile_kernel(models.driven(), backend)
    batch = Batch(save_at=np.array([1e7]), outputs=(), parameters=np.zeros((4, 0)))
    with pytest.raises(Stopped):
        kernel.simulate(batch, Options(rtol=1e-8, atol=1e-10, max_steps=10**9), StopsAtOnce())


class Interrupts(Silent):
    def advance(self, steps=1):
        raise KeyboardInterrupt


def test_an_interrupt_in_the_middle_ends_the_threads_and_is_passed_on():
    kernel = compile_kernel(models.driven(), "llvm")
    batch = Batch(save_at=np.array([1e4]), outputs=("x",), parameters=np.zeros((4, 0)))
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        kernel.simulate(batch, Options(rtol=1e-5, atol=1e-8, max_steps=10**9), Interrupts())
    assert threading.active_count() == before


def test_a_batch_without_patients_has_an_empty_result(backend):
    batch = Batch(save_at=np.array([1.0, 2.0]), outputs=("x",), parameters=np.zeros((0, 0)))
    result = compile_kernel(models.decay(), backend).simulate(batch)
    assert result.outputs.shape == (0, 2, 1)


def test_progress_counts_every_patient(backend):
    class Counting(Silent):
        total = done = 0

        def start(self, stage, total):
            self.total = total

        def advance(self, steps=1):
            self.done += steps

    counting = Counting()
    batch = Batch(save_at=np.array([1.0]), outputs=(), parameters=np.zeros((10, 0)))
    compile_kernel(models.decay(), backend).simulate(batch, TIGHT, counting)
    assert counting.total == counting.done == 10
