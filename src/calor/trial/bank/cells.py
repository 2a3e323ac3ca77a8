"""Cells of the bank that are made together: some worlds under one rival, with their people and courses.

People are screened once whatever a trial gives them: what drugs do has no part in that. So trials of the same
people in the same worlds find each other's, and those that give the same find each other's courses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.host import made_with
from calor.core.progress import Progress, StopOnly, stop_if_requested
from calor.core.provenance import sha256_of_data
from calor.core.streams import Stream
from calor.engine.batch import Kernel
from calor.model.parameters import ParameterTable
from calor.population.patients import draw_patients
from calor.population.screening import Screened, screen
from calor.store.packing import packed
from calor.store.piece_files import Arrays
from calor.study.population import PopulationPart
from calor.trial.bank.courses import Courses
from calor.trial.bank.settings import RunSettings

PATIENTS_PER_WORLD = 1_000_000
"""Patient numbers of world k begin at k times this, so that no two worlds share a person."""


@dataclass(frozen=True)
class Cells:
    """People of some worlds under one rival who may be in the trial.

    Arguments: the numbers of the worlds, rising by one (n_worlds,); how many eligible people each has, 0 for
    one that cannot run the trial (n_worlds,); these people (n,), world by world; how many were screened, and
    how many of these could not be simulated.
    """

    worlds: NDArray[np.int64]
    sizes: NDArray[np.int64]
    people: Screened
    screened: int
    failed: int


@dataclass(frozen=True)
class Followed:
    """People under one course: true outputs (n, n_days, n_outputs), the status of each simulation (n,)."""

    outputs: Numbers
    statuses: NDArray[np.int64]


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

    def fingerprint(self, names: Collection[str]) -> str:
        """Return the hash of the worlds by some of what holds in them."""
        found = hashlib.sha256(self.numbers.tobytes())
        for name in sorted(names):
            found.update(name.encode() + np.ascontiguousarray(self.worlds[name]).tobytes())
        return found.hexdigest()


@dataclass(frozen=True)
class CellMaker:
    """Screens the people of a block; the first task of filling a bank.

    Arguments: whom the trial wants; true outputs that its endpoint needs on the day of screening; the
    parameters of disease and measurement; the kernel of the untreated disease, and the hash of its text; and
    the size of the run.
    """

    people: PopulationPart
    outputs: tuple[str, ...]
    table: ParameterTable
    untreated: Kernel
    text_sha256: str
    settings: RunSettings

    @property
    def fingerprint(self) -> str:
        """The hash of everything that the people of a block depend on besides its worlds."""
        settings, rows = self.settings, [asdict(row) for row in self.table]
        sizes = [settings.candidates, settings.most_candidates, settings.enough_eligible]
        how = [settings.seed, *sizes, settings.fewest_eligible, asdict(settings.options)]
        asked = [self.people.model_dump(mode="json"), self.outputs]
        return sha256_of_data([made_with(), "screened", self.text_sha256, rows, asked, how])

    def __call__(self, block: Block, progress: Progress) -> Arrays:
        """Return a block's eligible people, packed as `Cells`."""
        people = list(self._screened(block, progress))
        kept = [self._kept(people, world) for world in block.numbers]
        sizes = np.array([sum(len(part.patients) for part in of_world) for of_world in kept])
        sizes[sizes < self.settings.fewest_eligible] = 0
        chosen = [part for of_world, size in zip(kept, sizes, strict=True) if size for part in of_world]
        cells = Cells(
            worlds=block.numbers,
            sizes=sizes,
            people=Screened.joined(chosen) if chosen else people[0].take(np.arange(0)),
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
        people = draw_patients(self.table, block.worlds, self._stream, identifiers, places)
        return screen(
            self.people,
            self.untreated,
            replace(people, draws=worlds),
            self._stream,
            self.settings.options,
            StopOnly(progress),
            self.outputs,
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


@dataclass(frozen=True)
class CourseMaker:
    """Follows people under a course; the second task of filling a bank.

    Arguments: the courses, and the size of the run.
    """

    courses: Courses
    settings: RunSettings

    def fingerprint(self, screening: CellMaker) -> str:
        """Return the hash of everything that people under a course depend on besides their block and it."""
        courses = self.courses
        return sha256_of_data(
            ["followed", screening.fingerprint, courses.outputs, courses.days, courses.adherence]
        )

    def name_of(self, course: int, block: Block) -> str:
        """Return what tells a course of a block's people apart: what is done, and to whom."""
        courses, chosen = self.courses, self.courses.courses[course]
        of_drugs = [row for row in courses.drug_rows if row.identifier in chosen.kernel.parameter_names]
        done = sha256_of_data([chosen.fingerprint, [asdict(row) for row in of_drugs]])
        names = [row.identifier for row in (*courses.without_drugs, *of_drugs)]
        return f"course {done} of {block.fingerprint(names)}"

    def __call__(self, one: tuple[int, Screened], progress: Progress) -> Arrays:
        """Return people under a course, packed as `Followed`. Argument: the course's position, the people."""
        (course, people), settings = one, self.settings
        found = self.courses.follow(
            course,
            people.patients,
            people.history,
            Stream(settings.seed),
            settings.options,
            StopOnly(progress),
        )
        return packed(Followed(found.outputs, np.asarray(found.status, dtype=np.int64)))


def with_drugs(people: Screened, block: Block, courses: Courses, stream: Stream) -> Screened:
    """Return people of a block with what drugs would find in them.

    Arguments: the people, as they were screened; their block; the courses; the stream of the study.
    """
    patients = people.patients
    places = patients.draws - block.numbers[0]
    drawn = draw_patients(
        ParameterTable(courses.drug_rows), block.worlds, stream, patients.identifiers, places
    )
    values = {**patients.values, **drawn.values}
    return replace(people, patients=replace(patients, values=values))
