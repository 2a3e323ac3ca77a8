"""A cohort's courses as a COMBINE archive: each person's model, untreated and treated, from study day 1 on.

The model is the disease with the drugs; a person's numbers, and where they stand on study day 1, are changes
of it; doses are events. Time is in days from study day 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from calor.engine.archives.sedml_writing import UniformCourse
from calor.engine.archives.writing import Run, Simulations, write_archive
from calor.engine.calendar import Calendar
from calor.engine.importers.sbml import system_of
from calor.engine.symbolic.system import System
from calor.model.disease import Disease
from calor.model.outputs import OUTPUTS
from calor.population.cohort import Cohort
from calor.population.giving import calendars_of
from calor.regimen import Regimen
from calor.study.treatments import ArmTreatment
from calor.therapy.compose import compose
from calor.therapy.drug import Drug

MOST_PEOPLE = 20
"""People in one archive: each has about 150 numbers, written out in the experiment."""

RTOL, ATOL = 1e-9, 1e-15
"""What other simulators are asked for; concentrations in the model reach down to 1e-9."""


def write_course_archive(
    disease: Disease, given: Sequence[tuple[Drug, Regimen]], cohort: Cohort, days: int, title: str, path: Path
) -> int:
    """Write the first `MOST_PEOPLE` of a cohort as an archive and return how many they are.

    Arguments: the disease; drugs with their regimens; the cohort as it stands at screening; how many days are
    followed; a title; the file. Raises UnsupportedError where doses are too many for events, InputError
    where the file cannot be written.
    """
    composed = compose(disease, [drug for drug, _ in given])
    system = system_of(composed.sbml)
    chosen = np.arange(min(len(cohort.patients), MOST_PEOPLE))
    people = cohort.patients.take(chosen)
    treatments = tuple(ArmTreatment(drug, regimen) for drug, regimen in given)
    calendars = calendars_of(treatments, people) if given else ()
    runs = []
    for member in chosen.tolist():
        values = _values(system, cohort, member)
        runs.append(Run(f"member {member}, untreated", values, Calendar.empty(), 0.0))
        if given:
            runs.append(Run(f"member {member}, treated", values, calendars[member], 0.0))
    course = UniformCourse(0.0, float(days), days, RTOL, ATOL)
    simulations = Simulations(
        sbml=composed.sbml,
        system=system,
        runs=runs,
        columns=OUTPUTS,
        quantities=OUTPUTS,
        course=course,
        title=title,
        source="calor patient",
    )
    write_archive(simulations, path)
    return len(chosen)


def _values(system: System, cohort: Cohort, member: int) -> dict[str, float]:
    """Return a person's numbers and states by name, as far as the model has them."""
    numbers = {
        name: float(values[member])
        for name, values in cohort.patients.values.items()
        if name in system.parameter_names
    }
    standing = zip(cohort.standing.names, cohort.standing.states[member].tolist(), strict=True)
    return numbers | dict(standing)
