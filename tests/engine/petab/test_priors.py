"""Log densities of priors against the formulas of the specification."""

from __future__ import annotations

from math import erf, exp, gamma, inf, log, pi, sqrt
from pathlib import Path

import pytest

from calor.core.errors import InputError
from calor.engine.petab.assessment import Assessor
from calor.engine.petab.priors import log_density
from calor.engine.petab.problem import Prior, Scale
from calor.engine.petab.reading import read_problem
from tests.engine.petab.small_problems import FIRST, YAML_2, write_problem
from tests.engine.petab.test_experiments_2 import TABLES

X, M, S = 0.7, 0.4, 0.9


@pytest.mark.parametrize(
    ("family", "numbers", "density"),
    [
        ("cauchy", (M, S), 1 / (pi * S * (1 + ((X - M) / S) ** 2))),
        ("chisquare", (3.0,), X**0.5 * exp(-X / 2) / (2**1.5 * gamma(1.5))),
        ("exponential", (S,), exp(-X / S) / S),
        ("gamma", (2.5, S), X**1.5 * exp(-X / S) / (gamma(2.5) * S**2.5)),
        ("laplace", (M, S), exp(-abs(X - M) / S) / (2 * S)),
        ("log-laplace", (M, S), exp(-abs(log(X) - M) / S) / (2 * S * X)),
        ("log-normal", (M, S), exp(-((log(X) - M) ** 2) / (2 * S**2)) / (X * sqrt(2 * pi) * S)),
        ("log-uniform", (0.5, 2.0), 1 / (X * log(4.0))),
        ("normal", (M, S), exp(-((X - M) ** 2) / (2 * S**2)) / (sqrt(2 * pi) * S)),
        ("rayleigh", (S,), X / S**2 * exp(-(X**2) / (2 * S**2))),
        ("uniform", (0.5, 2.5), 0.5),
    ],
)
def test_a_density_is_that_of_the_specification(
    family: str, numbers: tuple[float, ...], density: float
) -> None:
    assert log_density(Prior(family, numbers), X) == pytest.approx(log(density), rel=1e-12)


def test_bounds_cut_a_prior_off_and_make_it_whole_again() -> None:
    kept = 0.5 * erf(1 / sqrt(2))  # of a standard normal between 0 and 1
    prior = Prior("normal", (0.0, 1.0), within=(0.0, 1.0))
    assert log_density(prior, 0.5) == pytest.approx(-0.125 - 0.5 * log(2 * pi) - log(kept), rel=1e-12)
    assert log_density(prior, 1.5) == -inf


def test_a_prior_on_the_scale_of_a_parameter_is_the_density_there() -> None:
    prior = Prior("normal", (-1.0, 2.0), scale=Scale.DECADIC)
    assert log_density(prior, 1000.0) == pytest.approx(-0.5 * log(2 * pi) - log(2.0) - 2.0, rel=1e-12)
    assert log_density(prior, 0.0) == -inf


def test_the_priors_of_estimated_parameters_add_up(tmp_path: Path) -> None:
    parameters = (
        "parameterId parameterScale lowerBound upperBound nominalValue estimate objectivePriorType "
        "objectivePriorParameters\n"
        "k log10 1e-3 10 0.5 1 parameterScaleNormal 0;1\nsigma lin 1e-3 10 0.3 0 normal 0;1\n"
    )
    path = write_problem(tmp_path, FIRST, parameters=parameters)
    found = Assessor(read_problem(path))().log_prior
    assert found == pytest.approx(-0.5 * log(2 * pi) - 0.5 * (log(0.5) / log(10)) ** 2, rel=1e-12)


def test_version_2_gives_those_without_a_prior_a_flat_one(tmp_path: Path) -> None:
    parameters = (
        "parameterId lowerBound upperBound nominalValue estimate priorDistribution priorParameters\n"
        "k 0 10 0.5 true ~ ~\nsigma 0 1 0.3 true exponential 2\n"
    )
    path = write_problem(tmp_path, TABLES, yaml=YAML_2, parameters=parameters)
    kept = 1 - exp(-0.5)
    assessment = Assessor(read_problem(path))
    assert assessment().log_prior == pytest.approx(log(0.1) + log(0.5) - 0.15 - log(kept), rel=1e-12)
    beyond = assessment({"k": 20.0})
    assert beyond.beyond_priors == ("k",)


@pytest.mark.parametrize(
    ("family", "numbers"), [("normal", "0;0"), ("uniform", "2;1"), ("normal", "1"), ("gamma", "a;1")]
)
def test_numbers_without_a_distribution_are_refused(tmp_path: Path, family: str, numbers: str) -> None:
    parameters = (
        "parameterId lowerBound upperBound nominalValue estimate priorDistribution priorParameters\n"
        f"k 0 10 0.5 true {family} {numbers}\nsigma 0 1 0.3 true ~ ~\n"
    )
    with pytest.raises(InputError, match="line 2: priorParameters"):
        read_problem(write_problem(tmp_path, TABLES, yaml=YAML_2, parameters=parameters))
