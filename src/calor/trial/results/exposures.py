"""Drug concentrations of the patients of a simulated trial, each along the course that the patient followed.

The patients are solved again from screening, with the concentration of each of their drugs as output. They
are true concentrations: no assay error is added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import CalorError, InputError
from calor.core.progress import SILENT
from calor.core.streams import Stream
from calor.engine.batch import Options, Status
from calor.study import Protocol
from calor.therapy.drug import Drug
from calor.therapy.exposure import Quantity, quantity_of
from calor.trial.bank.bank import Bank
from calor.trial.bank.courses import Courses
from calor.trial.conduct.observation import Observed

Positions = NDArray[np.int64]
SAMPLE_EVERY = 7
"""Days between samples where the protocol has no visits."""


@dataclass(frozen=True)
class Samples:
    """Concentrations of one drug: the drug, what was measured, places in the trial (m,), times (n_times,) in
    days from study day 1, and values (m, n_times), NaN after loss to follow-up."""

    drug: Drug
    quantity: Quantity
    places: Positions
    times: Numbers
    values: Numbers


def sample_times(protocol: Protocol) -> Numbers:
    """Return when blood is drawn: in the middle of visit days; without visits weekly, and on the last day."""
    last = protocol.endpoint.to_day
    days = protocol.visits or tuple(dict.fromkeys((*range(SAMPLE_EVERY, last, SAMPLE_EVERY), last)))
    return np.array([start + day - 0.5 for start in protocol.period_starts for day in days])


def concentrations(
    protocol: Protocol, courses: Courses, bank: Bank, observed: Observed, seed: int, options: Options
) -> tuple[Samples, ...]:
    """Return the concentrations in the first replicate that was observed, drug by drug.

    Arguments: the protocol, its courses and bank, what was observed, the seed of the bank, and the solver's
    options. Raises CalorError when a patient cannot be solved.
    """
    columns = zip(
        observed.sequences[0],
        _column(observed.stopped[0], bank.stop_days),
        _column(observed.rescued[0], bank.rescue_days),
        strict=True,
    )
    course_of = np.array([courses.course_of[place] for place in columns])
    found: list[Samples] = []
    for course in np.unique(course_of):
        found += _of_course(protocol, courses, bank, observed, course, course_of == course, seed, options)
    return tuple(found)


def _of_course(
    protocol: Protocol,
    courses: Courses,
    bank: Bank,
    observed: Observed,
    course: int,
    chosen: NDArray[np.bool_],
    seed: int,
    options: Options,
) -> list[Samples]:
    """Return the concentrations of those who follow one course."""
    periods = courses.courses[course].periods
    drugs = {given.drug.id: given.drug for _, treatments in periods for given in treatments}
    known = [(drug, quantity) for drug in drugs.values() if (quantity := _quantity(drug)) is not None]
    if not known:
        return []
    times = sample_times(protocol)
    people = observed.people[0, chosen]
    result = courses.simulate(
        course,
        bank.patients.take(people),
        bank.history.take(people),
        Stream(seed),
        times,
        tuple(dict.fromkeys(quantity.symbol for _, quantity in known)),
        options,
        SILENT,
    )
    if (result.status != Status.FINISHED).any():
        raise CalorError("a patient whose course is in the bank could not be solved again")
    symbols = list(dict.fromkeys(quantity.symbol for _, quantity in known))
    seen = times[None, :] <= observed.lost[0, chosen][:, None]
    places = np.flatnonzero(chosen)
    return [
        Samples(
            drug,
            quantity,
            places,
            times,
            np.where(seen, result.outputs[:, :, symbols.index(quantity.symbol)], np.nan),
        )
        for drug, quantity in known
    ]


def _quantity(drug: Drug) -> Quantity | None:
    """Return the concentration of a drug, or None for one whose model has none."""
    try:
        return quantity_of(drug, "concentration")
    except InputError:
        return None


def _column(times: Numbers, days: tuple[int, ...]) -> Positions:
    """Return the column of the courses for study times of an event, 0 where it did not happen."""
    starts = np.array(days, dtype=np.float64) - 1.0
    return np.where(np.isfinite(times) & (len(days) > 0), np.searchsorted(starts, times) + 1, 0)
