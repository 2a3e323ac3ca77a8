"""Cells of the bank that are made together: some worlds under one rival, with their people and courses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.progress import Progress, StopOnly, stop_if_requested
from calor.core.streams import Stream
from calor.engine.batch import BatchResult
from calor.population.patients import draw_patients
from calor.population.readings import READINGS
from calor.population.screening import Screened, screen
from calor.store.packing import packed
from calor.store.piece_files import Arrays
from calor.study.population import PopulationPart
from calor.study.variables import Variable
from calor.trial.bank.courses import Courses
from calor.trial.bank.settings import RunSettings

PATIENTS_PER_WORLD = 1_000_000
"""Patient numbers of world k begin at k times this, so that no two worlds share a person."""


@dataclass(frozen=True)
class Cells:
    """People of some worlds under one rival and what happens to each under every course.

    Arguments: the position of the rival; the numbers of the worlds, rising by one (n_worlds,); how many
    eligible people each has, 0 for one that cannot run the trial (n_worlds,); these people (n,), world by
    world; true outputs under each course (n_courses, n, n_days, n_outputs) and the status of
    each simulation (n_courses, n); how many were screened, and how many of these could not be simulated.
    """

    rival: int
    worlds: NDArray[np.int64]
    sizes: NDArray[np.int64]
    people: Screened
    outputs: Numbers
    statuses: NDArray[np.int64]
    screened: int
    failed: int


@dataclass(frozen=True)
class Block:
    """Worlds whose cells are made together.

    Arguments: the position of their rival; their numbers, rising by one (n_worlds,); and what holds in each,
    by parameter (n_worlds,).
    """

    rival: int
    numbers: NDArray[np.int64]
    worlds: Mapping[str, Numbers]

    @classmethod
    def of(cls, rival: int, worlds: Mapping[str, Numbers], first: int, stop: int) -> Block:
        """Return the block of the worlds [first, stop) of all (n,) of a rival."""
        chosen = {name: values[first:stop] for name, values in worlds.items()}
        return cls(rival, np.arange(first, stop), chosen)

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class CellMaker:
    """Makes the cells of a block; the task of filling a bank.

    Arguments: whom the trial wants; its endpoint's variable; the courses; and the size of the run.
    """

    people: PopulationPart
    variable: Variable
    courses: Courses
    settings: RunSettings

    def __call__(self, block: Block, progress: Progress) -> Arrays:
        """Return a block's eligible people, followed under every course, packed as `Cells`."""
        people = list(self._screened(block, progress))
        kept = [self._kept(people, world) for world in block.numbers]
        sizes = np.array([sum(len(part.patients) for part in of_world) for of_world in kept])
        sizes[sizes < self.settings.fewest_eligible] = 0
        chosen = [part for of_world, size in zip(kept, sizes, strict=True) if size for part in of_world]
        eligible = Screened.joined(chosen) if chosen else people[0].take(np.arange(0))
        found = self._under_every_course(eligible, progress) if chosen else []
        n_courses, shape = len(self.courses.courses), (0, self.courses.days, len(self.courses.outputs))
        cells = Cells(
            rival=block.rival,
            worlds=block.numbers,
            sizes=sizes,
            people=eligible,
            outputs=np.array([each.outputs for each in found]) if found else np.zeros((n_courses, *shape)),
            statuses=np.array([each.status for each in found], dtype=np.int64).reshape(n_courses, -1),
            screened=sum(len(part.patients) for part in people),
            failed=sum(int((~part.history.lived).sum()) for part in people),
        )
        return packed(cells)

    @property
    def _stream(self) -> Stream:
        return Stream(self.settings.seed)

    def _screened(self, block: Block, progress: Progress) -> Iterator[Screened]:
        """Yield screened people of a block, more of them in worlds where few qualify."""
        settings = self.settings
        places = np.arange(len(block))
        eligible = np.zeros(len(block), dtype=np.int64)
        first, last = 0, settings.candidates
        while len(places) and first < settings.most_candidates:
            stop_if_requested(progress)
            part = self._screen(block, places, np.arange(first, last), progress)
            of_world = part.patients.draws[part.eligible] - block.numbers[0]
            eligible += np.bincount(of_world, minlength=len(block))
            yield part
            places = places[eligible[places] < settings.enough_eligible]
            first, last = last, min(2 * last, settings.most_candidates)

    def _screen(
        self, block: Block, chosen: NDArray[np.int64], numbers: NDArray[np.int64], progress: Progress
    ) -> Screened:
        """Return people with some numbers in some worlds of a block, lived to screening and measured."""
        places = np.repeat(chosen, len(numbers))
        worlds = block.numbers[places]
        identifiers = worlds * PATIENTS_PER_WORLD + np.tile(numbers, len(chosen))
        people = draw_patients(self.courses.table, block.worlds, self._stream, identifiers, places)
        return screen(
            self.people,
            self.courses.untreated,
            replace(people, draws=worlds),
            self._stream,
            self.settings.options,
            StopOnly(progress),
            READINGS[self.variable].outputs,
        )

    def _kept(self, people: list[Screened], world: int) -> list[Screened]:
        """Return the eligible people of one world, the first ones where there are more than needed."""
        kept: list[Screened] = []
        room = 2 * self.settings.enough_eligible
        for part in people:
            rows = np.flatnonzero(part.eligible & (part.patients.draws == world))[:room]
            room -= len(rows)
            kept.append(part.take(rows))
        return kept

    def _under_every_course(self, people: Screened, progress: Progress) -> list[BatchResult]:
        """Return what people go through under each course."""
        watcher, options = StopOnly(progress), self.settings.options
        return [
            self.courses.follow(course, people.patients, people.history, self._stream, options, watcher)
            for course in range(len(self.courses.courses))
        ]
