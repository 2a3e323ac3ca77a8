"""Enrolment into the fitted studies: people of many worlds, screened as a trial screens them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calor.core.arrays import Numbers
from calor.core.progress import Progress
from calor.core.streams import Stream
from calor.engine.batch import Kernel, Options
from calor.model.parameters import ParameterTable
from calor.population.patients import Patients, draw_patients
from calor.population.screening import Screened, screen
from calor.study.population import PopulationPart


def enrol(
    cohort: PopulationPart,
    kernel: Kernel,
    table: ParameterTable,
    worlds: Mapping[str, Numbers],
    candidates: int,
    stream: Stream,
    options: Options,
    progress: Progress,
    shared: bool = False,
) -> Screened:
    """Return who qualifies for a cohort in each world.

    Arguments: who may enter; the kernel of the untreated disease; the parameter table; population values
    (n_worlds,) by parameter; the number of candidates per world; and whether every world has the same people.
    """
    people = people_of(table, worlds, candidates, stream, shared)
    screened = screen(cohort, kernel, people, stream, options, progress)
    return screened.take(np.flatnonzero(screened.eligible))


def people_of(
    table: ParameterTable, worlds: Mapping[str, Numbers], count: int, stream: Stream, shared: bool
) -> Patients:
    """Return so many people of each world, world after world; `shared`: the same people in every world.

    A person is a number that keys what is drawn for them. The same person has other parameters in another
    world, but stands at the same place among all people of each.
    """
    n_worlds = len(next(iter(worlds.values())))
    draws = np.repeat(np.arange(n_worlds), count)
    numbers = np.arange(n_worlds * count)
    return draw_patients(table, worlds, stream, numbers % count if shared else numbers, draws)


def first_of_each_world(enrolled: Screened, people: int) -> Screened:
    """Return the first so many people of each world."""
    draws = enrolled.patients.draws
    before = np.searchsorted(draws, draws)  # people of a world stand together
    return enrolled.take(np.flatnonzero(np.arange(len(draws)) - before < people))
