"""Tests against a margin: powers from the noncentral t, by quadrature, and sizes that give them back."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from calor.core.errors import InputError
from calor.trial.theory import EquivalenceEndpoint, fixed_power, fixed_sample_size, non_inferiority


@pytest.mark.parametrize(("delta", "n", "allocation"), [(0.0, 60, 1.0), (0.3, 41, 1.0), (-0.2, 90, 2.0)])
def test_the_power_of_non_inferiority_is_that_of_a_noncentral_t(
    delta: float, n: int, allocation: float
) -> None:
    endpoint = non_inferiority(delta, 1.0, 1.7, allocation)
    control = n / (1 + allocation)
    error = 1.7 * np.sqrt(1 / control + 1 / (n - control))
    expected = stats.nct.sf(stats.t.ppf(0.975, n - 2), n - 2, (1.0 - delta) / error)
    assert fixed_power(endpoint, n, 0.025, 1) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("delta", "n"), [(0.0, 12), (0.0, 40), (0.3, 60), (-0.5, 150)])
def test_the_power_of_equivalence_is_that_over_the_estimated_spread(delta: float, n: int) -> None:
    """Given the estimated variance both tests bound a normal difference; it is integrated over χ² / ν."""
    margin, sd, degrees = 1.0, 1.5, n - 2
    error, quantile = sd * np.sqrt(4 / n), stats.t.ppf(0.95, degrees)

    def given(chi: float) -> float:
        room = margin - quantile * error * np.sqrt(chi / degrees)
        if room <= 0:
            return 0.0
        normal = stats.norm(delta, error)
        return float((normal.cdf(room) - normal.cdf(-room)) * stats.chi2.pdf(chi, degrees))

    most = degrees * (margin / (quantile * error)) ** 2
    expected = integrate.quad(given, 0, min(most, stats.chi2.isf(1e-14, degrees)), limit=400, epsabs=1e-12)[0]
    assert EquivalenceEndpoint(delta, margin, sd).power(n, 0.05) == pytest.approx(expected, abs=1e-8)


def test_where_one_test_always_holds_the_powers_of_both_add_up() -> None:
    endpoint = EquivalenceEndpoint(0.4, 1.0, 1.0)
    error = np.sqrt(4 / 200)
    sides = [stats.nct.sf(stats.t.ppf(0.95, 198), 198, (1.0 + sign * 0.4) / error) for sign in (-1, 1)]
    assert endpoint.power(200, 0.05) == pytest.approx(sum(sides) - 1, abs=1e-9)


@pytest.mark.parametrize("delta", [0.0, 0.4])
def test_the_size_gives_the_power_back(delta: float) -> None:
    endpoint = EquivalenceEndpoint(delta, 1.0, 1.5)
    size = fixed_sample_size(endpoint, 0.9, 0.05, 1)
    assert fixed_power(endpoint, size.n_total, 0.05, 1) == pytest.approx(0.9, abs=1e-9)


def test_a_difference_beyond_the_margin_is_refused() -> None:
    with pytest.raises(InputError, match="below the margin"):
        non_inferiority(1.0, 1.0, 1.0)
    with pytest.raises(InputError, match="within the margin"):
        EquivalenceEndpoint(-1.0, 1.0, 1.0)
