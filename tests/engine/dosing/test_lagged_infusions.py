"""Infusions with a lag against the closed form: nothing before it, and all of it so much later."""

from __future__ import annotations

import numpy as np
import pytest

from calor.engine.dosing.expand import expand
from calor.engine.dosing.records import Event, Record
from calor.engine.dosing.simulate import simulate_records
from tests.engine.dosing.linear_kernel import CLEARANCE, VOLUME, LinearKernel

K = CLEARANCE / VOLUME
TIMES = np.array([0.0, 2.9, 3.0, 5.0, 13.0, 20.0])


def infused(times: np.ndarray, start: float, length: float, rate: float) -> np.ndarray:
    """Return the concentration under one infusion of rate / CL (1 - exp(-k t)), decaying after its end."""
    on = np.clip(times - start, 0.0, length)
    return (
        rate / CLEARANCE * 1000 * (1 - np.exp(-K * on)) * np.exp(-K * np.maximum(times - start - length, 0.0))
    )


def concentrations(record: Record, times: np.ndarray) -> np.ndarray:
    observed = [Record("1", float(time), Event.OBSERVATION) for time in times]
    records = sorted([record, *observed], key=lambda one: one.time)
    values = simulate_records(LinearKernel(), records, ("CP",))[:, 0]
    return values[~np.isnan(values)]


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": 10.0},
        {"rate": -1.0, "modelled_rate": 10.0},
        {"rate": -2.0, "modelled_duration": 10.0},
    ],
)
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_an_infusion_begins_after_its_lag(fields: dict[str, float], share: float) -> None:
    """100 at the rate of 10 lasts 10; half of it arrives at half the length, or at half the rate."""
    record = Record("1", 0.0, Event.DOSE, 100.0, "central", lag=3.0, bioavailability=share, **fields)
    keeps_duration = fields["rate"] == -2.0
    length, rate = (10.0, 10.0 * share) if keeps_duration else (10.0 * share, 10.0)
    np.testing.assert_allclose(
        concentrations(record, TIMES), infused(TIMES, 3.0, length, rate), rtol=1e-10, atol=1e-9
    )


def test_every_infusion_of_a_train_has_the_lag() -> None:
    record = Record("1", 0.0, Event.DOSE, 100.0, "central", rate=50.0, interval=6.0, additional=2, lag=1.5)
    times = np.array([1.0, 3.5, 7.0, 9.5, 13.0, 15.5, 30.0])
    expected = sum(infused(times, start, 2.0, 50.0) for start in (1.5, 7.5, 13.5))
    np.testing.assert_allclose(concentrations(record, times), expected, rtol=1e-10, atol=1e-9)
    (course,) = expand([record, Record("1", 30.0, Event.OBSERVATION)], [0, 1])
    assert course.calendar.times.tolist() == [1.5, 3.5, 7.5, 9.5, 13.5, 15.5]


def test_a_lagged_infusion_goes_on_over_another_dose() -> None:
    rows = [
        Record("1", 0.0, Event.DOSE, 100.0, "central", rate=10.0, lag=3.0),
        Record("1", 5.0, Event.DOSE, 40.0, "central"),
        Record("1", 8.0, Event.OBSERVATION),
        Record("1", 20.0, Event.OBSERVATION),
    ]
    values = simulate_records(LinearKernel(), rows, ("CP",))[2:, 0]
    times = np.array([8.0, 20.0])
    expected = infused(times, 3.0, 10.0, 10.0) + 40 / VOLUME * 1000 * np.exp(-K * (times - 5.0))
    np.testing.assert_allclose(values, expected, rtol=1e-10)
