"""Enrolment into the fitted studies: people of many worlds, screened as a trial screens them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calor.core.arrays import Numbers
from calor.core.progress import Progress
from calor.core.streams import Stream
from calor.engine.batch import Kernel, Options
from calor.model.parameters import ParameterTable
from calor.population.patients import draw_patients
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
) -> Screened:
    """Return who qualifies for a cohort in each world.

    Arguments: who may enter; the kernel of the untreated disease; the parameter table; population values
    (n_worlds,) by parameter; the number of candidates per world, other people in every world.
    """
    n_worlds = len(next(iter(worlds.values())))
    draws = np.repeat(np.arange(n_worlds), candidates)
    people = draw_patients(table, worlds, stream, np.arange(n_worlds * candidates), draws)
    screened = screen(cohort, kernel, people, stream, options, progress)
    return screened.take(np.flatnonzero(screened.eligible))


def first_of_each_world(enrolled: Screened, people: int) -> Screened:
    """Return the first so many people of each world."""
    draws = enrolled.patients.draws
    before = np.searchsorted(draws, draws)  # people of a world stand together
    return enrolled.take(np.flatnonzero(np.arange(len(draws)) - before < people))
