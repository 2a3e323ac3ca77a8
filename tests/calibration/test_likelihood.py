"""The likelihood of a printed number, and of a trial known only as not significant."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from calor.calibration.likelihood import SIGNIFICANT, log_chance_nonsignificant, log_normal_density


def test_a_printed_number_is_normal() -> None:
    found = log_normal_density(np.array([1.0, -2.0]), np.array([0.5, 0.0]), np.array([0.25, 4.0]))
    assert found == pytest.approx([norm.logpdf(1.0, 0.5, 0.5), norm.logpdf(-2.0, 0.0, 2.0)])


@pytest.mark.parametrize(
    ("difference", "error", "bias"), [(0.0, 0.28, 0.0), (-1.2, 0.28, 0.15), (0.7, 1.1, 0.5)]
)
def test_the_chance_of_no_significance_is_that_of_simulated_trials(
    difference: float, error: float, bias: float
) -> None:
    n = 400_000
    chance = np.random.default_rng(3)
    estimates = difference + bias * chance.standard_normal(n) + error * chance.standard_normal(n)
    share = np.mean(np.abs(estimates) < SIGNIFICANT * error)
    found = log_chance_nonsignificant(np.array(difference), np.array(error), np.array(error**2 + bias**2))
    assert float(np.exp(found)) == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / n) + 1e-5)


def test_without_an_effect_or_bias_it_is_95_percent() -> None:
    found = log_chance_nonsignificant(np.array(0.0), np.array(0.3), np.array(0.09))
    assert float(np.exp(found)) == pytest.approx(0.95, abs=1e-4)


def test_it_stays_finite_and_falls_far_from_no_difference() -> None:
    differences = np.array([0.0, 1.0, 3.0, 10.0, 30.0])
    found = log_chance_nonsignificant(differences, np.full(5, 0.28), np.full(5, 0.1))
    assert np.all(np.isfinite(found))
    assert np.all(np.diff(found) < 0)
    assert found == pytest.approx(log_chance_nonsignificant(-differences, np.full(5, 0.28), np.full(5, 0.1)))
