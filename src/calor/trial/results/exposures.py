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
from calor.engine.batch import Status
from calor.therapy.drug import Drug
from calor.therapy.exposure import Quantity, quantity_of
from calor.trial.bank.preparation import Prepared
from calor.trial.conduct.observation import Observed
from calor.trial.protocols.plan import Plan

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


def sample_times(plan: Plan) -> Numbers:
    """Return when blood is drawn: in the middle of visit days; without visits weekly, and on the last day."""
    last = plan.protocol.endpoint.to_day
    days = plan.protocol.visits or tuple(dict.fromkeys((*range(SAMPLE_EVERY, last, SAMPLE_EVERY), last)))
    return np.array([start + day - 0.5 for start in plan.layout.starts for day in days])


def concentrations(ready: Prepared, observed: Observed) -> tuple[Samples, ...]:
    """Return the concentrations in the first replicate that was observed, drug by drug.

    Arguments: the trial with its bank, and what was observed. Raises CalorError when a patient cannot be
    solved.
    """
    columns = zip(
        observed.sequences[0],
        _column(observed.stopped[0], ready.bank.stop_days),
        _column(observed.rescued[0], ready.bank.rescue_days),
        strict=True,
    )
    course_of = np.array([ready.courses.course_of[place] for place in columns])
    found: list[Samples] = []
    for course in np.unique(course_of):
        found += _of_course(ready, observed, course, course_of == course)
    return tuple(found)


def _of_course(ready: Prepared, observed: Observed, course: int, chosen: NDArray[np.bool_]) -> list[Samples]:
    """Return the concentrations of those who follow one course."""
    periods = ready.courses.courses[course].periods
    drugs = {given.drug.id: given.drug for _, treatments in periods for given in treatments}
    known = [(drug, quantity) for drug in drugs.values() if (quantity := _quantity(drug)) is not None]
    if not known:
        return []
    times = sample_times(ready.plan)
    people = observed.people[0, chosen]
    result = ready.courses.simulate(
        course,
        ready.bank.patients.take(people),
        ready.bank.history.take(people),
        Stream(ready.settings.seed),
        times,
        tuple(dict.fromkeys(quantity.symbol for _, quantity in known)),
        ready.settings.options,
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
