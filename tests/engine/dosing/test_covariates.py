"""Parameters that change from record to record, against closed forms, by both rules and on both backends.

One compartment, dA/dt = R - (CL/V) A with V = 10: over a time t under a clearance CL, A becomes
A exp(-CL t/10) + 10 R/CL (1 - exp(-CL t/10)).
"""

from dataclasses import replace

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.engine import compile_kernel
from calor.engine.batch import Options
from calor.engine.dosing.covariates import Rule, covariates_of, filled
from calor.engine.dosing.observations import with_observations
from calor.engine.dosing.records import Event, Record, Steady
from calor.engine.dosing.simulate import simulate_records
from calor.engine.symbolic.expression import constant, symbol
from calor.engine.symbolic.system import Assigned, Parameter, State, System
from calor.engine.symbolic.varying import start_of, with_given_start, with_time_varying

OUTPUTS = ("A", "CL", "K")
TIGHT = Options(rtol=1e-10, atol=1e-13)


@pytest.fixture(params=["llvm", "reference"])
def backend(request):
    return request.param


def model(initial=0.0):
    start = constant(initial) if isinstance(initial, float) else initial
    return System(
        "one",
        (State("A", start, -symbol("K") * symbol("A")),),
        (Parameter("CL", 1.0), Parameter("V", 10.0)),
        (Assigned("K", symbol("CL") / symbol("V")),),
    )


def row(time, clearance=None, event=Event.OBSERVATION, patient="1", **fields):
    state = "A" if event in (Event.DOSE, Event.RESET_AND_DOSE) else ""
    return Record(patient, time, event, state=state, covariates=(clearance,), **fields)


def dose(time, clearance=None, **fields):
    return row(time, clearance, fields.pop("event", Event.DOSE), **{"amount": 100.0, **fields})


def simulated(rows, backend, rule=Rule.LOCF, system=None):
    """Return A, CL and K (n_rows, 3) at every row."""
    plain = system or model()
    records = filled(rows, ["CL"], rule)
    covariates = covariates_of(records, ("CL",), rule)
    kernel = compile_kernel(covariates.system(plain), backend)
    return simulate_records(
        kernel, records, OUTPUTS, TIGHT, covariates=covariates,
        plain_kernel=lambda: compile_kernel(plain, backend),
    )  # fmt: skip


CHANGING = [dose(0, 1.0), row(5, 2.0), row(10, 3.0)]


@pytest.mark.parametrize(
    ("rule", "at_5", "at_10"), [(Rule.LOCF, 0.5, 1.5), (Rule.NOCB, 1.0, 2.5)], ids=["locf", "nocb"]
)
def test_the_rule_says_whose_value_holds_between_two_records(backend, rule, at_5, at_10):
    # locf: CL is 1 until 5, then 2; nocb: 2 until 5, then 3
    values = simulated(CHANGING, backend, rule)
    np.testing.assert_allclose(values[1:, 0], 100 * np.exp([-at_5, -at_10]), rtol=1e-8)
    np.testing.assert_allclose(values[1:, 1:], [[2, 0.2], [3, 0.3]], rtol=1e-12)  # at a record its own value


def test_an_infusion_runs_on_through_a_change(backend):
    rows = [dose(0, 1.0, rate=10.0), row(5, 2.0, Event.OTHER), row(10)]
    at_5 = 100 * (1 - np.exp(-0.5))
    exact = at_5 * np.exp(-1) + 50 * (1 - np.exp(-1))
    np.testing.assert_allclose(simulated(rows, backend)[2, 0], exact, rtol=1e-8)


def test_a_missing_value_is_carried_by_the_rule(backend):
    rows = [dose(0, 1.0), row(5), row(10, 3.0), row(20, 4.0)]
    # locf: 1 until 10, then 3; nocb: 3 until 10, then 4
    for rule, exponent in ((Rule.LOCF, 1 + 3), (Rule.NOCB, 3 + 4)):
        np.testing.assert_allclose(
            simulated(rows, backend, rule)[3, 0], 100 * np.exp(-exponent), rtol=1e-7, atol=1e-9
        )


@pytest.mark.parametrize(
    ("rule", "rows", "which"),
    [(Rule.LOCF, [row(0), row(1, 2.0)], "first"), (Rule.NOCB, [row(0, 2.0), row(1)], "last")],
)
def test_a_value_that_no_record_gives_is_refused(rule, rows, which):
    with pytest.raises(InputError, match=f"CL is missing in the {which} row of ID 1"):
        filled(rows, ["CL"], rule)


def test_a_change_at_the_time_of_a_dose_leaves_the_observation_before_it_alone(backend):
    rows = [dose(0, 1.0), row(5, 1.0), dose(5, 4.0), row(5, 4.0), row(10, 4.0)]
    at_5 = 100 * np.exp(-0.5)
    values = simulated(rows, backend)
    np.testing.assert_allclose(values[[1, 3, 4], 0], [at_5, at_5 + 100, (at_5 + 100) * np.exp(-2)], rtol=1e-8)
    np.testing.assert_allclose(values[[1, 3], 1], [1, 4])


def test_a_reset_keeps_the_values_of_its_record(backend):
    rows = [dose(0, 1.0), row(5, 2.0), dose(6, 3.0, event=Event.RESET_AND_DOSE), row(8, 3.0)]
    np.testing.assert_allclose(simulated(rows, backend)[3, 0], 100 * np.exp(-0.6), rtol=1e-8)


def test_time_that_starts_anew_starts_with_the_values_of_its_record(backend):
    rows = [dose(0, 1.0), row(5, 2.0), dose(0, 3.0, event=Event.RESET_AND_DOSE), row(2, 5.0)]
    np.testing.assert_allclose(simulated(rows, backend)[3, 0], 100 * np.exp(-0.6), rtol=1e-8)


@pytest.mark.parametrize("steady", [Steady.REPLACE, Steady.SUPERPOSE])
def test_a_steady_state_is_that_of_the_values_at_its_record(backend, steady):
    rows = [row(0, 1.0), dose(4, 2.0, steady=steady, interval=12.0), row(4, 2.0), row(9, 5.0), row(11, 5.0)]
    peak = 100 / (1 - np.exp(-0.2 * 12))
    exact = [peak, peak * np.exp(-1.0), peak * np.exp(-2.0)]
    values = simulated(rows, backend)
    np.testing.assert_allclose(values[2:, 0], exact, rtol=1e-7)
    np.testing.assert_allclose(values[2:, 1], [2, 5, 5])


def test_values_that_are_constant_for_a_person_are_parameters_and_give_the_same(backend):
    rows = [*(dose(0, c, patient=p) for p, c in (("1", 1.0),)), row(5, 1.0)]
    rows += [dose(0, 3.0, patient="2"), row(5, 3.0, patient="2")]
    assert covariates_of(rows, ("CL",), Rule.LOCF).varying == frozenset()
    values = simulated(rows, backend)[[1, 3], 0]
    np.testing.assert_allclose(values, 100 * np.exp([-0.5, -1.5]), rtol=1e-9)
    as_states = simulated([*rows, dose(0, 1.0, patient="3"), row(5, 2.0, patient="3")], backend)
    np.testing.assert_allclose(as_states[[1, 3], 0], values, rtol=1e-9)


def test_an_initial_value_takes_the_value_at_the_start(backend):
    rows = [row(0, 2.0), row(5, 4.0)]
    values = simulated(rows, backend, system=model(initial=3.0 * symbol("K")))
    np.testing.assert_allclose(values[:, 0], [0.6, 0.6 * np.exp(-1.0)], rtol=1e-8)


def test_added_observations_see_the_values_that_hold_then(backend):
    for rule, at_3, at_12 in ((Rule.LOCF, 0.3, 1.5 + 0.6), (Rule.NOCB, 0.6, 2.5 + 0.6)):
        rows = with_observations(filled(CHANGING, ["CL"], rule), [0.0, 3.0, 12.0], rule)
        assert [record.time for record in rows] == [0, 0, 3, 5, 10, 12]
        values = simulated(rows, backend, rule)
        np.testing.assert_allclose(values[[1, 2, 5], 0], 100 * np.exp([0, -at_3, -at_12]), rtol=1e-8)


def test_times_cannot_be_added_where_time_starts_anew():
    rows = [dose(0, 1.0), dose(0, 1.0, event=Event.RESET_AND_DOSE), row(3, 1.0)]
    with_observations(rows, [1.0], Rule.LOCF)
    rows[1] = replace(rows[1], time=-1.0)
    with pytest.raises(InputError, match="TIME starts anew within ID 1"):
        with_observations(rows, [1.0], Rule.LOCF)


def test_a_varying_parameter_is_a_state_without_a_rate():
    system = with_time_varying(model(), ["CL"])
    assert system.state_names == ("A", "CL")
    assert system.parameter_names == ("V", start_of("CL"))
    unchanged = model()
    assert with_time_varying(unchanged, []) is unchanged


def test_a_given_start_holds_after_a_reset_too(backend):
    system = with_given_start(model(), ["A"])
    rows = [Record("1", t, Event.OBSERVATION, covariates=(7.0,)) for t in (0.0, 10.0)]
    rows += [Record("1", 20.0, Event.RESET, covariates=(7.0,))]
    rows += [Record("1", 20.0, Event.OBSERVATION, covariates=(7.0,))]
    covariates = covariates_of(rows, (start_of("A"),), Rule.LOCF)
    values = simulate_records(compile_kernel(system, backend), rows, ("A",), TIGHT, covariates=covariates)
    np.testing.assert_allclose(values[[0, 1, 3], 0], [7, 7 * np.exp(-1), 7], rtol=1e-8)
