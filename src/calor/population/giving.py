"""What people are given: the calendars of treatments, all planned doses or those that each person takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calor.core.streams import Stream
from calor.engine.calendar import Calendar, Calendars, delayed, in_turn
from calor.population.patients import Patients
from calor.study.treatments import ArmTreatment
from calor.therapy.dosing import dosing


def calendars_of(
    treatments: Sequence[ArmTreatment],
    patients: Patients,
    *,
    adherence: float = 1.0,
    stream: Stream | None = None,
    period: int = 0,
    start: float = 0.0,
) -> Sequence[Calendar]:
    """Return everybody's calendar under some treatments.

    Arguments: the treatments; the people (n,); the share of doses that are taken, with the stream of the
    study that says which (needed below 1) and the number of the period; and the day from which regimens
    count.
    """
    weights = patients.values["body_weight"]
    calendars: Sequence[Calendar] = Calendars.shared(Calendar.empty(), len(weights))
    for treatment in treatments:
        if adherence == 1.0 or stream is None:
            given = dosing(treatment.regimen, treatment.drug, weights)
        else:
            doses = adherence_stream(stream, treatment, period)
            given = _thinned(treatment, patients, adherence, doses)
        calendars = in_turn(calendars, delayed(given, start))
    return calendars


def adherence_stream(stream: Stream, treatment: ArmTreatment, period: int) -> Stream:
    """Return the stream that says which doses of a treatment in a period are taken."""
    return stream.child("adherence").child(treatment.drug.id, period)


def doses_taken(
    treatment: ArmTreatment, identifiers: NDArray[np.int64], adherence: float, stream: Stream
) -> NDArray[np.bool_]:
    """Return which doses each person takes, (n, n_doses), each by itself at random.

    Arguments: the treatment, the people's numbers (n,), the share that is taken, and the doses' stream.
    """
    return stream.uniforms(identifiers, len(treatment.dose_days)) < adherence


def _thinned(treatment: ArmTreatment, patients: Patients, adherence: float, stream: Stream) -> list[Calendar]:
    """Return each patient's calendar with the doses that they take."""
    taken = doses_taken(treatment, patients.identifiers, adherence, stream)
    weights = patients.values["body_weight"]
    calendars = [Calendar.empty()] * len(weights)
    patterns, pattern_of = np.unique(taken, axis=0, return_inverse=True)
    for number, kept in enumerate(patterns.tolist()):
        left = treatment.taken(kept)
        if left is None:
            continue
        rows = np.flatnonzero(pattern_of.reshape(-1) == number)
        for row, calendar in zip(rows.tolist(), dosing(left.regimen, left.drug, weights[rows]), strict=True):
            calendars[row] = calendar
    return calendars
