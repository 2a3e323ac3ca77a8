"""What is measured once at screening, and the readings of the endpoint's instrument."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.streams import Stream
from calor.population.assays import Laboratory
from calor.population.history import PAIN, History
from calor.population.instruments import measured_grip, measured_temperature
from calor.population.patients import Identifiers, Numbers, Patients
from calor.study import Covariate, Variable

OUTPUT_OF = {
    Variable.PAIN_DIARY: PAIN,
    Variable.TEMPERATURE: "temperature_difference",
    Variable.GRIP: "grip_share",
}
"""The true output behind each variable."""


def covariates_at_screening(
    patients: Patients, history: History, duration_days: Numbers, pain: Numbers, visit: Stream
) -> dict[Covariate, Numbers]:
    """Return every covariate as measured at screening, (n,) each.

    Arguments: the people, where they stand, the time since injury in days, the mean of the run-in diary, and
    the stream of the screening visit.
    """
    true, values, identifiers = history.at_screening, patients.values, patients.identifiers
    laboratory = Laboratory(true, values, identifiers, visit)
    return {
        Covariate.DURATION: duration_days / DAYS_PER_MONTH,
        Covariate.PAIN: pain,
        Covariate.TEMPERATURE: measured_temperature(true, values, identifiers, visit),
        Covariate.BLISTER_TNF: laboratory.blister("tnf").value,
        Covariate.BLISTER_IL6: laboratory.blister("il6").value,
        Covariate.PLASMA_TNF: laboratory.plasma("tnf").value,
        Covariate.PLASMA_IL6: laboratory.plasma("il6").value,
    }


def baseline_of(
    variable: Variable,
    patients: Patients,
    history: History,
    covariates: Mapping[Covariate, Numbers],
    visit: Stream,
) -> Numbers:
    """Return the measured baseline of an endpoint's variable, (n,)."""
    if variable is Variable.PAIN_DIARY:
        return covariates[Covariate.PAIN]
    true = history.at_screening[OUTPUT_OF[variable]]
    return reading_of(variable, true, patients.values, patients.identifiers, visit)


def reading_of(
    variable: Variable, true: Numbers, values: Mapping[str, Numbers], keys: Identifiers, visit: Stream
) -> Numbers:
    """Return one visit's readings of a variable that is not a diary, in the endpoint's unit, (n,).

    Arguments: the true output, the people's measurement parameters, the numbers that key them (n,), and the
    stream of the visit.
    """
    outputs = {OUTPUT_OF[variable]: true}
    if variable is Variable.TEMPERATURE:
        return np.abs(measured_temperature(outputs, values, keys, visit))
    return 100.0 * measured_grip(outputs, values, keys, visit)
