"""Steady states where rates depend on time, where events may fire, where doses come an interval late."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Kernel, Options
from calor.engine.dosing.records import Event, Record, Steady
from calor.engine.dosing.simulate import simulate_records
from calor.engine.symbolic.expression import constant, symbol
from calor.engine.symbolic.system import Delayed, State, System

TIGHT = Options(rtol=1e-9, atol=1e-12)


def kernel(model: str) -> Kernel:
    return compile_kernel(load_antimony(model))


def observed(model: Kernel, *rows: Record) -> float:
    return float(simulate_records(model, rows, ("x",), TIGHT)[-1, 0])


def steady(time: float, interval: float, **fields: object) -> Record:
    fields = {"amount": 100.0, "state": "x", "steady": Steady.REPLACE, "line": 2, **fields}
    return Record("7", time, Event.DOSE, interval=interval, **fields)  # type: ignore[arg-type]


def seen(time: float) -> Record:
    return Record("7", time, Event.OBSERVATION)


CIRCADIAN = "x = 0; x' = -0.2 * (1 + 0.7 * sin(2 * pi * (time - 3) / 24)) * x"


@pytest.mark.parametrize(
    "dose",
    [
        {},
        {"lag": 5.0},
        {"lag": 30.0},
        {"rate": 20.0},
        {"rate": 2.0},
        {"rate": 20.0, "lag": 21.0},
        {"rate": 10.0, "lag": 2.0, "bioavailability": 0.5},
    ],
)
@pytest.mark.parametrize("time", [0.0, 5003.0])
def test_where_rates_repeat_with_the_doses_it_is_what_endless_dosing_gives(time: float, dose: dict) -> None:
    model = kernel(CIRCADIAN)
    found = observed(model, steady(time, 24.0, **dose), seen(time + 7.0))
    run_in = {"steady": Steady.NO, "additional": 12, **dose}
    exact = observed(model, steady(time - 12 * 24.0, 24.0, **run_in), seen(time + 7.0))
    assert found == pytest.approx(exact, rel=1e-6)


def test_a_constant_infusion_is_steady_only_where_rates_are() -> None:
    row = {"amount": 0.0, "rate": 3.0}
    changed = kernel("x = 0; x' = -piecewise(0.5, time < 200, 0.1) * x")
    assert observed(changed, steady(5000.0, 0.0, **row), seen(5000.0)) == pytest.approx(30.0, rel=1e-6)
    assert observed(changed, steady(100.0, 0.0, **row), seen(100.0)) == pytest.approx(6.0, rel=1e-6)
    with pytest.raises(InputError, match="no steady state under a constant infusion: the rate of x depends"):
        observed(kernel(CIRCADIAN), steady(0.0, 0.0, **row), seen(1.0))


@pytest.mark.parametrize(
    "model",
    [
        CIRCADIAN,  # doses twice a day while the rates repeat once
        "x = 0; x' = -0.005 * exp(-0.2 * time / (500 + time)) / 3 * x",  # a clearance that falls for ever
        "x = 0; x' = -piecewise(0.1, time < 90, 0.2) * x",  # another within the intervals before the record
    ],
)
def test_where_rates_do_not_repeat_there_is_none_and_the_state_is_named(model: str) -> None:
    with pytest.raises(
        InputError, match=r"line 2: ID 7: there is no steady state .* the rate of x depends on"
    ):
        observed(kernel(model), steady(100.0, 12.0), seen(101.0))


def test_rates_that_depend_on_time_through_a_state_only_are_no_matter() -> None:
    model = kernel("x = 0; x' = -0.1 * y * x; y = 1; y' = 0.3 * (2 - y)")
    assert model.program.driven_by_time == ()
    exact = 100 / (1 - np.exp(-0.2 * 12))
    assert observed(model, steady(5.0, 12.0), seen(5.0)) == pytest.approx(exact, rel=1e-6)


def test_a_model_with_events_is_refused_by_name() -> None:
    model = kernel("x = 0; k = 0.1; x' = -k * x; worse: at (time > 5): k = 0.5")
    with pytest.raises(
        UnsupportedError, match=r"line 2: ID 7: a steady state in a model with events \(worse\)"
    ):
        observed(model, steady(0.0, 12.0), seen(0.0))
    without = {"steady": Steady.NO}
    assert observed(model, steady(0.0, 12.0, **without), seen(5.0)) == pytest.approx(100 * np.exp(-0.5))


def test_doses_that_arrive_an_interval_late_or_more_still_arrive_every_interval() -> None:
    """100 every 12, each 15 late: the last one arrived 9 before the record. NONMEM takes that 9 for 12."""
    model = kernel("x = 0; x' = -0.1 * x")
    exact = 100 * np.exp(-0.1 * 9) / (1 - np.exp(-0.1 * 12))
    assert observed(model, steady(0.0, 12.0, lag=15.0), seen(0.0)) == pytest.approx(exact, rel=1e-6)
    assert exact == pytest.approx(58.181, rel=1e-4)


@pytest.mark.parametrize("unit", [1e-30, 1e-20, 1e20])
def test_a_dose_in_any_unit_has_its_steady_state(unit: float) -> None:
    """Twice a day under a saturable loss, so that Newton's method is needed; in another unit of amount."""
    found = [
        observed(
            kernel(f"x = 0; x' = -{6 * u} * x / ({50 * u} + x)"), steady(0.0, 12.0, amount=30 * u), seen(3.0)
        )
        / u
        for u in (1.0, unit)
    ]
    assert found[1] == pytest.approx(found[0], rel=1e-6)


def test_a_model_with_delays_is_refused_by_name() -> None:
    past = Delayed("past", symbol("x"), symbol("x"), constant(1.0))
    model = compile_kernel(System("d", (State("x", constant(0.0), -symbol("past")),), delayed=(past,)))
    with pytest.raises(
        UnsupportedError, match=r"line 2: ID 7: a steady state in a model with delay\(\) is not supported"
    ):
        observed(model, steady(0.0, 12.0), seen(0.0))


def test_a_model_that_ends_on_the_way_is_one_error() -> None:
    """x' = x^2 from 100 has no value after 1/100."""
    with pytest.raises(InputError, match="line 2: ID 7: on the way to a steady state the model"):
        observed(kernel("x = 0; x' = x * x"), steady(0.0, 12.0), seen(0.0))
