"""The course of a cohort from screening on, untreated and treated: every true output on every day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.engine import compile_kernel, load_sbml
from calor.engine.batch import Kernel, Options, Status
from calor.model.disease import Disease
from calor.model.outputs import OUTPUTS
from calor.model.parameters import ParameterTable
from calor.population.cohort import Cohort
from calor.population.giving import calendars_of
from calor.population.simulation import simulate_people
from calor.regimen import Regimen
from calor.study.treatments import ArmTreatment
from calor.therapy.compose import compose
from calor.therapy.drug import Drug


@dataclass(frozen=True)
class Treatment:
    """Drugs with their regimens, the composed kernel, and the drugs' own numbers."""

    given: tuple[ArmTreatment, ...]
    kernel: Kernel
    table: ParameterTable


@dataclass(frozen=True)
class CohortCourse:
    """True outputs over time.

    Arguments: the times in days from study day 1 (n_times,); by output (n, n_times); and who could be
    simulated (n,).
    """

    times: Numbers
    outputs: Mapping[str, Numbers]
    lived: NDArray[np.bool_]


def prepare_treatment(disease: Disease, given: Sequence[tuple[Drug, Regimen]]) -> Treatment:
    """Return what is needed to treat a cohort; without drugs it is the untreated disease."""
    composed = compose(disease, [drug for drug, _ in given])
    treatments = tuple(ArmTreatment(drug, regimen) for drug, regimen in given)
    return Treatment(treatments, compile_kernel(load_sbml(composed.sbml)), composed.parameters)


def follow(
    treatment: Treatment,
    cohort: Cohort,
    days: int,
    options: Options,
    *,
    every: int = 1,
    names: tuple[str, ...] = OUTPUTS,
) -> CohortCourse:
    """Return the course of a cohort under a treatment, on study days 1 to `days` + 1 (times 0 to `days`).

    Arguments: the treatment, the cohort, the days, the solver's options; every how many days the outputs are
    kept, and which.
    """
    times = np.arange(0, days + 1, every, dtype=np.float64)
    result = simulate_people(
        treatment.kernel,
        cohort.patients,
        times,
        names,
        options,
        standing=cohort.standing,
        calendars=calendars_of(treatment.given, cohort.patients),
    )
    outputs = {name: result.outputs[:, :, index] for index, name in enumerate(names)}
    return CohortCourse(times, outputs, np.asarray(result.status == Status.FINISHED))
