"""How long a trial takes to fill, from the pace at which it began."""

from __future__ import annotations

import numpy as np
import pytest

from calor.trial.forecast.accrual import Pace, accrual_document
from calor.trial.forecast.scales import load_scales


def test_months_to_fill_are_gamma_waits_at_a_gamma_rate() -> None:
    """Simulated by the definition: a rate after 20 in 10 months, then 30 exponential waits at it."""
    rng = np.random.default_rng(1)
    rate = rng.gamma(20.5, 1 / 10, 400_000)
    total = 10 + rng.gamma(30, 1 / rate)
    pace = Pace(20, 10, 50)
    assert pace.mean == pytest.approx(total.mean(), rel=0.005)
    assert pace.interval95 == pytest.approx(np.quantile(total, (0.025, 0.975)), rel=0.01)


def test_nobody_in_the_first_months_leaves_the_mean_open() -> None:
    pace = Pace(0, 3, 10)
    assert pace.mean == float("inf")
    assert 3 < pace.interval95[0] < pace.interval95[1]


def test_the_fremanezumab_trial_is_forecast_from_its_record() -> None:
    """2 in 2 months, 58 to come: 2 (1 + 58/1.5) months on average."""
    entry = load_scales().registered_trials["fremanezumab-2025"].accrual
    assert entry is not None
    found = accrual_document("fremanezumab-2025-protocol", entry)
    assert (found["came"]["value"], found["wanted"]["value"]) == (2, 60)
    assert found["predicted_mean"] == pytest.approx(2 * (1 + 58 / 1.5))
