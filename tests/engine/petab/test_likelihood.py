"""Exponential decay under each noise: the log-likelihood in closed form, and by the petab library."""

from __future__ import annotations

from math import exp, log, log10, pi
from pathlib import Path

import pytest

from calor.engine.petab.assessment import Assessor
from calor.engine.petab.reading import read_problem
from tests.engine.petab.small_problems import FIRST, OBSERVABLES, write_problem

MEASURED = {0.0: 9.0, 1.0: 6.5, 2.5: 3.2}
SIGMA, RATE = 0.3, 0.5
SEEN = {time: 10.0 * exp(-RATE * time) for time in MEASURED}


def log_density(measured: float, seen: float, noise: str, scale: str) -> float:
    """Return the log of the density that the specification writes for one measurement."""
    jacobian = {"lin": 1.0, "log": measured, "log10": measured * log(10.0)}[scale]
    transform = {"lin": lambda v: v, "log": log, "log10": log10}[scale]
    apart = transform(measured) - transform(seen)
    if noise == "normal":
        return -0.5 * log(2 * pi * SIGMA**2 * jacobian**2) - apart**2 / (2 * SIGMA**2)
    return -log(2 * SIGMA * jacobian) - abs(apart) / SIGMA


@pytest.mark.parametrize("scale", ["lin", "log", "log10"])
@pytest.mark.parametrize("noise", ["normal", "laplace"])
def test_the_log_likelihood_is_the_closed_form(tmp_path: Path, noise: str, scale: str) -> None:
    observables = OBSERVABLES.replace("normal lin", f"{noise} {scale}")
    problem = read_problem(write_problem(tmp_path, FIRST, observables=observables))
    assessment = Assessor(problem)()
    wanted = [log_density(MEASURED[time], SEEN[time], noise, scale) for time in MEASURED]
    assert assessment.log_densities == pytest.approx(wanted, rel=1e-6)
    assert assessment.log_likelihood == pytest.approx(sum(wanted), rel=1e-6)
    assert assessment.chi2 == pytest.approx(float((assessment.residuals**2).sum()))
    assert assessment.observables[0].count == 3
    assert assessment.log_prior is None


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # the library's own calls
@pytest.mark.parametrize("scale", ["lin", "log", "log10"])
@pytest.mark.parametrize("noise", ["normal", "laplace"])
def test_the_petab_library_says_the_same(tmp_path: Path, noise: str, scale: str) -> None:
    petab = pytest.importorskip("petab.v1")
    observables = OBSERVABLES.replace("normal lin", f"{noise} {scale}")
    path = write_problem(tmp_path, FIRST, observables=observables)
    assessment = Assessor(read_problem(path))()
    theirs = petab.Problem.from_yaml(str(path))
    simulated = theirs.measurement_df.rename(columns={"measurement": "simulation"})
    simulated["simulation"] = assessment.simulated
    tables = (theirs.measurement_df, simulated, theirs.observable_df, theirs.parameter_df)
    assert assessment.log_likelihood == pytest.approx(float(petab.calculate_llh(*tables)), rel=1e-9)
    chi2 = float(petab.calculate_chi2(*tables))
    assert assessment.chi2 == pytest.approx(chi2, rel=1e-9)


def test_placeholders_and_the_observable_in_its_noise(tmp_path: Path) -> None:
    # y = s x + o, noise 0.1 + r y: s, o, r differ between measurements
    problem = read_problem(
        write_problem(
            tmp_path,
            FIRST,
            observables="observableId observableFormula noiseFormula\n"
            "seen observableParameter1_seen*x+observableParameter2_seen 0.1+noiseParameter1_seen*seen\n",
            measurements="observableId simulationConditionId measurement time observableParameters "
            "noiseParameters\nseen once 9 0 1;k 0.02\nseen once 20 1 sigma;-1 sigma\n",
        )
    )
    assessment = Assessor(problem)()
    seen = [10.0 + 0.5, 0.3 * 10 * exp(-0.5) - 1.0]
    assert assessment.simulated == pytest.approx(seen, rel=1e-7)
    assert assessment.noise == pytest.approx([0.1 + 0.02 * seen[0], 0.1 + 0.3 * seen[1]], rel=1e-7)


def test_values_of_parameters_can_be_given(tmp_path: Path) -> None:
    assessor = Assessor(read_problem(write_problem(tmp_path, FIRST)))
    assert assessor({"k": 2.0}).simulated == pytest.approx([10 * exp(-2.0 * t) for t in MEASURED], rel=1e-6)
    assert assessor().simulated == pytest.approx(list(SEEN.values()), rel=1e-6)
