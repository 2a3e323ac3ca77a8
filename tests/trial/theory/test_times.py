"""Events and patients of the log-rank test: published numbers, the closed form, and simulated trials."""

from __future__ import annotations

import math

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.trial.analysis import Contrast, Direction
from calor.trial.analysis.data import TimesData
from calor.trial.analysis.survival import LogRank
from calor.trial.theory import LogRankEndpoint, fixed_power, fixed_sample_size


def test_the_events_of_a_published_example() -> None:
    """Five-year survival of 0.41 that becomes 0.60: 136 deaths at a two-sided 0.05 and a power of 0.9.

    Source: Collett (2015), Modelling Survival Data in Medical Research, 3rd edition, section 15.2.
    """
    ratio = math.log(0.60) / math.log(0.41)
    endpoint = LogRankEndpoint(ratio, rate2=1 - 0.41)
    assert endpoint.rate1 == pytest.approx(1 - 0.60)
    assert math.ceil(endpoint.events(0.025, 0.9)) == 136


@pytest.mark.parametrize(
    ("ratio", "power", "events"),
    [(0.5, 0.8, 65.346), (0.5, 0.9, 87.478), (0.7, 0.9, 330.38), (2.0, 0.8, 65.346)],
)
def test_the_events_of_equal_arms_are_schoenfeld_s(ratio: float, power: float, events: float) -> None:
    """4 (1.959964 + z)^2 / log(HR)^2 with z 0.841621 and 1.281552, by hand."""
    assert LogRankEndpoint(ratio, 0.5).events(0.025, power) == pytest.approx(events, rel=1e-4)


def test_unequal_arms_take_more_events_and_the_patients_who_have_them() -> None:
    equal, unequal = LogRankEndpoint(0.5, 0.6), LogRankEndpoint(0.5, 0.6, allocation=3.0)
    assert unequal.events(0.025, 0.8) == pytest.approx(4**2 / 3 / 4 * equal.events(0.025, 0.8))
    size = fixed_sample_size(unequal, 0.8, 0.025, 1)
    active, control = size.n_per_arm
    assert active == pytest.approx(3 * control)
    shares = active * (1 - 0.4**0.5) + control * 0.6
    assert shares == pytest.approx(unequal.events(0.025, 0.8))


@pytest.mark.parametrize(("ratio", "allocation"), [(0.5, 1), (0.65, 2)])
def test_simulated_trials_have_the_power(ratio: float, allocation: int) -> None:
    """Exponential times, all followed until 1; 3,000 trials of calor's own log-rank test."""
    rate2, trials = 0.6, 3000
    endpoint = LogRankEndpoint(ratio, rate2, allocation)
    block = allocation + 1
    patients = block * round(fixed_sample_size(endpoint, 0.8, 0.025, 1).n_total / block)
    arm = np.broadcast_to((np.arange(patients) % block > 0).astype(np.int64), (trials, patients))
    hazard = -math.log1p(-rate2) * np.where(arm == 1, ratio, 1.0)
    uniforms = Stream(5).child("times").uniforms(np.arange(trials), patients)
    times = -np.log1p(-uniforms) / hazard
    data = TimesData(time=np.minimum(times, 1.0), event=times <= 1.0, arm=arm)
    found = LogRank().estimate(data, Contrast(active=1, control=0, direction=Direction.LESS))
    share = float((found.p_value_one_sided < 0.025).mean())
    assert share == pytest.approx(fixed_power(endpoint, patients, 0.025, 1), abs=0.03)


@pytest.mark.parametrize(
    ("ratio", "rate2", "allocation", "key"),
    [(0.0, 0.5, 1.0, "hazard-ratio"), (0.5, 1.0, 1.0, "rate2"), (0.5, 0.5, 1000.0, "allocation")],
)
def test_what_no_trial_has_is_refused(ratio: float, rate2: float, allocation: float, key: str) -> None:
    with pytest.raises(InputError, match=key):
        LogRankEndpoint(ratio, rate2, allocation)


@pytest.mark.parametrize("ratio", [1.0, 1 - 1e-9])
def test_a_ratio_that_no_size_detects_is_refused(ratio: float) -> None:
    with pytest.raises(InputError, match="hazard-ratio"):
        fixed_sample_size(LogRankEndpoint(ratio, 0.5), 0.8, 0.025, 1)
