"""The course of a cohort from screening on, untreated and treated: every true output on every day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.engine import compile_kernel, load_sbml
from calor.engine.batch import Batch, Kernel, Options, Status
from calor.engine.calendar import Calendar, Calendars, in_turn
from calor.model.disease import Disease
from calor.model.outputs import OUTPUTS
from calor.model.parameters import ParameterTable
from calor.population.cohort import Cohort
from calor.population.patients import Numbers
from calor.regimen import Regimen
from calor.therapy.compose import compose
from calor.therapy.dosing import dosing
from calor.therapy.drug import Drug


@dataclass(frozen=True)
class Treatment:
    """Drugs with their regimens, the composed kernel, and the drugs' own numbers."""

    given: tuple[tuple[Drug, Regimen], ...]
    kernel: Kernel
    table: ParameterTable

    def calendars(self, weights: Sequence[float]) -> Sequence[Calendar]:
        """Return every patient's calendar; weights in kg."""
        calendars: Sequence[Calendar] = Calendars.shared(Calendar.empty(), len(weights))
        for drug, regimen in self.given:
            calendars = in_turn(calendars, dosing(regimen, drug, weights))
        return calendars


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
    return Treatment(tuple(given), compile_kernel(load_sbml(composed.sbml)), composed.parameters)


def follow(treatment: Treatment, cohort: Cohort, days: int, options: Options) -> CohortCourse:
    """Return the course of a cohort under a treatment, on study days 1 to `days` + 1 (times 0 to `days`)."""
    names = tuple(name for name in treatment.kernel.parameter_names if name in cohort.patients.values)
    times = np.arange(days + 1, dtype=np.float64)
    batch = Batch(
        save_at=times,
        outputs=OUTPUTS,
        parameter_names=names,
        parameters=cohort.patients.matrix(names),
        state_names=cohort.state_names,
        states=cohort.states,
        calendars=treatment.calendars(cohort.patients.values["body_weight"].tolist()),
    )
    result = treatment.kernel.simulate(batch, options)
    outputs = {name: result.outputs[:, :, index] for index, name in enumerate(OUTPUTS)}
    return CohortCourse(times, outputs, np.asarray(result.status == Status.FINISHED))
