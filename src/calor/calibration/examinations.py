"""The facts of an untreated population, each the mean over several examinations of the same people.

Whether somebody meets criteria on one day, and what a thermometer or an assay reads, is most of the Monte
Carlo variance of many facts. An examination costs little beside the life that led to it, so everybody is
examined several times, by other examiners: habits of reporting, visits and measurements are drawn anew.
"""

from __future__ import annotations

import numpy as np

from calor.core.arrays import Numbers
from calor.population.items import examine
from calor.population.natural_history import NaturalHistory, Visit, statistics_of
from calor.population.patients import Patients

EXAMINATIONS = 2
"""The second takes half of the variance of examining off for 14 % more work; each further one takes less."""


def facts_of(history: NaturalHistory, n_worlds: int) -> dict[str, Numbers]:
    """Return every fact of the untreated course in every world (n_worlds,), NaN for too small a cohort.

    Whether a cohort is large enough the first examination decides: a study examines once.

    Arguments: the course of everybody, and the number of worlds; each person knows theirs.
    """
    first = _facts(history, n_worlds)
    others = [_facts(examined_again(history, time), n_worlds) for time in range(1, EXAMINATIONS)]
    found = {}
    for name, values in first.items():
        each = np.array([values, *(other[name] for other in others)])
        known = np.isfinite(each)
        mean = np.where(known, each, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        found[name] = np.where(known[0], mean, np.nan)
    return found


def examined_again(history: NaturalHistory, time: int) -> NaturalHistory:
    """Return the same lives, examined another time (1, 2, ...): nothing is simulated again."""
    people = history.patients
    keys = people.identifiers + time * (int(people.identifiers.max()) + 1)
    visits = {
        name: Visit(
            visit.days,
            visit.outputs,
            examine(visit.outputs, people.values, keys, history.stream, history.stream.child("visit", name)),
        )
        for name, visit in history.visits.items()
    }
    return NaturalHistory(Patients(keys, people.draws, people.values), visits, history.lived, history.stream)


def _facts(history: NaturalHistory, n_worlds: int) -> dict[str, Numbers]:
    found: dict[str, Numbers] = {}
    for world in range(n_worlds):
        of_world = history.take(history.patients.draws == world)
        for statistic, value in statistics_of(of_world).items():
            found.setdefault(statistic, np.full(n_worlds, np.nan))[world] = value
    return found
