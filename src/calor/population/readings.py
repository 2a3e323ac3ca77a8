"""How each outcome variable is read: what it rests on, and what an instrument shows at one visit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.population.history import PAIN, History
from calor.population.instruments import measured_grip, measured_temperature
from calor.population.items import NEEDED_OUTPUTS, examine
from calor.population.patients import Identifiers, Patients
from calor.population.severity import severity_score
from calor.population.shoulder_hand import NEEDED_OUTPUTS as OF_SHOULDER_HAND
from calor.population.shoulder_hand import measured_shoulder_hand_score
from calor.study import VARIABLES, Covariate, Variable


@dataclass(frozen=True)
class Sitting:
    """One visit of some people: what is there to be read, and what keys its noise.

    Arguments: the true outputs on the day, (n,) each; the people (n,); the numbers that key the noise (n,);
    the stream of the study, which keys the people's habits; the stream of the visit.
    """

    outputs: Mapping[str, Numbers]
    people: Patients
    keys: Identifiers
    study: Stream
    visit: Stream


@dataclass(frozen=True)
class Reading:
    """How a variable comes from the model.

    Arguments: the true outputs it rests on; what an instrument shows of them at a sitting, in the endpoint's
    unit (n,), None for what a diary holds; and how a change in the endpoint's unit moves the true output
    (values, change), None where no single output can be moved.
    """

    outputs: tuple[str, ...]
    read: Callable[[Sitting], Numbers] | None = None
    moved: Callable[[Numbers, Numbers], Numbers] | None = None


def _rated(pain: Numbers, change: Numbers) -> Numbers:
    return np.clip(pain + change, 0.0, VARIABLES[Variable.PAIN_DIARY].span)


def _temperature(sitting: Sitting) -> Numbers:
    return np.abs(measured_temperature(sitting.outputs, sitting.people.values, sitting.keys, sitting.visit))


def _difference_moved(difference: Numbers, change: Numbers) -> Numbers:
    """Return a signed difference whose size changed; a limb does not turn from warm to cold by it."""
    size = np.maximum(np.abs(difference) + change, 0.0)
    return np.where(difference < 0, -size, size)


def _grip(sitting: Sitting) -> Numbers:
    return 100.0 * measured_grip(sitting.outputs, sitting.people.values, sitting.keys, sitting.visit)


def _share_moved(share: Numbers, change: Numbers) -> Numbers:
    return np.maximum(share + change / 100.0, 0.0)


def _severity(sitting: Sitting) -> Numbers:
    people = sitting.people
    present = examine(
        sitting.outputs, people.values, people.identifiers, sitting.study, sitting.visit, sitting.keys
    )
    return severity_score(present).astype(np.float64)


def _shoulder_hand(sitting: Sitting) -> Numbers:
    return measured_shoulder_hand_score(sitting.outputs, sitting.people.values, sitting.keys, sitting.visit)


READINGS: dict[Variable, Reading] = {
    Variable.PAIN_DIARY: Reading((PAIN,), moved=_rated),
    Variable.TEMPERATURE: Reading(("temperature_difference",), _temperature, _difference_moved),
    Variable.GRIP: Reading(("grip_share",), _grip, _share_moved),
    Variable.CSS: Reading(NEEDED_OUTPUTS, _severity),
    Variable.SHOULDER_HAND: Reading(OF_SHOULDER_HAND, _shoulder_hand),
}


def reading_of(variable: Variable, sitting: Sitting) -> Numbers:
    """Return what one visit shows of a variable, in the endpoint's unit, (n,).

    Raises ValueError for one that no instrument reads.
    """
    read = READINGS[variable].read
    if read is None:
        raise ValueError(f"{variable} is not read at a visit")
    return read(sitting)


def baseline_of(
    variable: Variable,
    patients: Patients,
    history: History,
    covariates: Mapping[Covariate, Numbers],
    study: Stream,
) -> Numbers:
    """Return the measured baseline of an endpoint's variable, (n,).

    Arguments: the people (n,); their life until screening; their covariates as measured at screening; the
    stream of the study.
    """
    if variable.row.daily:
        return covariates[Covariate.PAIN]
    outputs = {PAIN: history.run_in_pain[:, -1], **history.at_screening}
    visit = study.child("screening")
    return reading_of(variable, Sitting(outputs, patients, patients.identifiers, study, visit))
