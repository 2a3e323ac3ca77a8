"""Courses: one compiled model per sequence of arms, and what its regimens do to each patient.

A sequence carries the drugs of its arms and no others; the untreated model serves the life before the trial.
States are handed over by name, so what a drug adds starts from its own initial values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calor.core.progress import Progress
from calor.core.provenance import sha256_of_data, sha256_of_text
from calor.engine import compile_persistent_kernel
from calor.engine.batch import Batch, BatchResult, Kernel, Options
from calor.engine.calendar import Calendar
from calor.engine.importers.sbml import system_of
from calor.model.disease import Disease
from calor.model.parameters import ParameterTable
from calor.population.history import PAIN, History
from calor.population.measurement import load_measurement
from calor.population.patients import Numbers, Patients
from calor.therapy.compose import compose
from calor.therapy.dosing import dosing
from calor.therapy.limits import warnings_of
from calor.trial.protocol import Protocol
from calor.trial.treatments import ArmTreatment, treatments_of


@dataclass(frozen=True)
class Course:
    """One sequence: its kernel, and for each period when it starts and what is given."""

    kernel: Kernel
    periods: tuple[tuple[float, tuple[ArmTreatment, ...]], ...]

    def calendars(self, weights: Sequence[float]) -> list[Calendar]:
        """Return every patient's calendar over all periods; weights in kg."""
        calendars = [Calendar.empty()] * len(weights)
        for start, treatments in self.periods:
            for treatment in treatments:
                given = dosing(treatment.regimen, treatment.drug, weights)
                calendars = [
                    before.then(dose.later(start)) for before, dose in zip(calendars, given, strict=True)
                ]
        return calendars


@dataclass(frozen=True)
class Courses:
    """Everything that is needed to follow patients through a protocol.

    Arguments: the parameters of disease, measurement and drugs; the kernel of the untreated disease; the
    course of each sequence; the study days to record; warnings; the hash of all models.
    """

    table: ParameterTable
    untreated: Kernel
    sequences: tuple[Course, ...]
    days: int
    treatments: tuple[tuple[ArmTreatment, ...], ...]
    warnings: tuple[str, ...]
    model_sha256: str

    def follow(
        self, sequence: int, patients: Patients, history: History, options: Options, progress: Progress
    ) -> BatchResult:
        """Return the true pain on each study day under a sequence, from the day of screening on."""
        course = self.sequences[sequence]
        names = tuple(name for name in course.kernel.parameter_names if name in patients.values)
        batch = Batch(
            save_at=diary_times(self.days),
            outputs=(PAIN,),
            parameter_names=names,
            parameters=patients.matrix(names),
            state_names=history.state_names,
            states=history.states,
            calendars=course.calendars(patients.values["body_weight"].tolist()),
        )
        return course.kernel.simulate(batch, options, progress)


def diary_times(days: int) -> Numbers:
    """Return the study time at which each day's rating is taken: the middle of the day (days,)."""
    return np.arange(days, dtype=np.float64) + 0.5


def prepare_courses(protocol: Protocol, disease: Disease) -> Courses:
    """Compile what a protocol needs. Raises InputError for a drug or regimen that does not exist or fit."""
    by_arm = tuple(treatments_of(arm) for arm in protocol.arms)
    drugs = {given.drug.id: given.drug for treatments in by_arm for given in treatments}
    kernels: dict[tuple[str, ...], Kernel] = {}
    texts: dict[tuple[str, ...], str] = {}
    rows = {row.identifier: row for table in (disease.parameters, load_measurement()) for row in table}
    courses = []
    for sequence in ((), *protocol.sequences):
        needed = tuple(sorted({given.drug.id for arm in sequence for given in by_arm[arm]}))
        if needed not in kernels:
            composed = compose(disease, [drugs[name] for name in needed])
            rows |= {row.identifier: row for row in composed.parameters}
            texts[needed] = composed.antimony
            kernels[needed] = compile_persistent_kernel(system_of(composed.sbml))
        periods = zip(protocol.period_starts, (by_arm[arm] for arm in sequence), strict=False)
        courses.append(Course(kernels[needed], tuple(periods)))
    warnings = [
        warning
        for treatments in by_arm
        for given in treatments
        for warning in warnings_of(given.regimen, given.drug)
    ]
    return Courses(
        table=ParameterTable(tuple(rows.values())),
        untreated=kernels[()],
        sequences=tuple(courses[1:]),
        days=int(protocol.period_starts[-1]) + protocol.endpoint.to_day,
        treatments=by_arm,
        warnings=tuple(warnings),
        model_sha256=sha256_of_data(sorted(sha256_of_text(text) for text in texts.values())),
    )
