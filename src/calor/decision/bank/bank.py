"""The bank of a comparison: people of every world, screened once a window and followed once a course.

All looks of one window (time since the injury, length of the run-in) share their people, and all looks that
give the same treatment for as long share the course. What each person would show is reduced to what a study
would see at once, so that a bank of fifty candidates fits a small machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.executors import ALONE, Executor
from calor.core.progress import Progress
from calor.decision.bank.giving import GivenCourse, Therapies
from calor.decision.bank.looks import FollowedLook, Look
from calor.decision.bank.outlook import Outlook
from calor.decision.bank.people import People, Window, enrol
from calor.decision.bank.spread import Places
from calor.decision.bank.worlds import Worlds
from calor.engine.batch import Options
from calor.model.parameters import ParameterTable
from calor.population.patients import draw_patients
from calor.store.piece_files import Arrays
from calor.store.pieces import NOT_KEPT, Pieces

AT_ONCE = 4_000
"""People followed at once: what keeps memory small and lets a person stop the work."""

LEAST_SHARE = 1e-3
"""Fewer than this of those screened or entered are counted as so many: nobody screens without end."""


@dataclass(frozen=True)
class Enrolling:
    """For each patient of a study, the people who are screened, and those who enter (a run-in loses some)."""

    screened: float
    entering: float


@dataclass(frozen=True)
class Bank:
    """What every look would see, and what it took.

    Arguments: the outlooks by a look's key; by key the share of those screened who qualify; the number of
    people screened into the bank, and of courses that could not be simulated.
    """

    outlooks: dict[str, Outlook]
    eligible_share: dict[str, float]
    people: int
    failed: int

    def enrolling(self, look: Look) -> Enrolling:
        """Return who is screened and who enters for each patient of a study with a look."""
        entering = 1 / max(self.outlooks[look.key].randomised_share, LEAST_SHARE)
        return Enrolling(entering / max(self.eligible_share[look.key], LEAST_SHARE), entering)


@dataclass
class _Counts:
    people: int = 0
    failed: int = 0
    outlooks: dict[str, Outlook] = field(default_factory=dict)
    eligible_share: dict[str, float] = field(default_factory=dict)


def build_bank(
    looks: Sequence[Look],
    worlds: Worlds,
    therapies: Therapies,
    per_world: int,
    options: Options,
    progress: Progress,
    pieces: Pieces = NOT_KEPT,
    executor: Executor = ALONE,
) -> Bank:
    """Return what every look would see in every world.

    Arguments: the looks; the worlds; the therapies that the looks give; eligible people wanted in each world
    (even); the engine's options; who watches; where finished pieces are kept; who works. Raises InputError
    where nobody qualifies for a look, and Stopped when the watcher asked to stop.
    """
    distinct = list({look.key: look for look in looks}.values())
    windows: dict[Window, list[Look]] = {}
    for look in distinct:
        windows.setdefault(Window.of(look.population), []).append(look)
    found = _Counts()
    for number, own in enumerate(windows.values()):
        of_window = pieces.under(f"window {number}")
        people = enrol(
            [look.population for look in own],
            worlds,
            therapies.untreated,
            therapies.screening_table,
            per_world,
            options,
            progress,
            of_window,
            executor,
        )
        found.people += len(people)
        following = _Following(
            people=_with_drug_numbers(people, worlds, therapies),
            needed=_needed(own),
            worlds=worlds,
            therapies=therapies,
            options=options,
        )
        _fill(found, own, following, executor, progress, of_window)
    return Bank(found.outlooks, found.eligible_share, found.people, found.failed)


def _fill(
    found: _Counts,
    looks: list[Look],
    following: _Following,
    executor: Executor,
    progress: Progress,
    pieces: Pieces,
) -> None:
    """Follow the people of one window and note what its looks would see."""
    people, worlds, needed = following.people, following.worlds, following.needed
    read: dict[tuple[str, GivenCourse], list[Numbers]] = {}
    jobs = [(course, days, rows) for (course, days), own in needed.items() for rows in _pieces(people, own)]
    progress.start("following people", len(jobs))
    named = {f"course {number}": job for number, job in enumerate(jobs)}
    for (course, days, _), seen in zip(
        jobs, pieces.kept_each(named, following, executor, progress), strict=True
    ):
        found.failed += int(seen["failed"])
        for each in needed[course, days]:
            read.setdefault((each.key, course), []).append(seen[each.key])
    for look in looks:
        rows = np.flatnonzero(people.members[look.population])
        if not len(rows):
            raise InputError.of("nobody qualifies for this population in any world", key="population")
        places = Places(people.world[rows], people.half[rows], people.n_worlds)
        courses = dict.fromkeys(look.courses)  # two arms may be given the same
        whole = {course: np.concatenate(read.pop((look.key, course)), axis=1) for course in courses}
        written = [whole[course] for course in look.courses]
        outlook = look.outlook(written, people.screened.take(rows), places, worlds.stream)
        found.outlooks[look.key] = outlook
        found.eligible_share[look.key] = people.eligible_share[look.population]


_Job = tuple[GivenCourse, int, NDArray[np.int64]]
"""A course, the days that it is followed, and the rows of the people who are."""


@dataclass(frozen=True)
class _Following:
    """Follows some people of a window under a course; the task of filling the bank.

    Arguments: the people; the looks that need each course for some days; the worlds; the therapies; the
    engine's options.
    """

    people: People
    needed: Mapping[tuple[GivenCourse, int], list[FollowedLook]]
    worlds: Worlds
    therapies: Therapies
    options: Options

    def __call__(self, job: _Job, progress: Progress) -> Arrays:
        """Return what each look would read of the people, by its key, and how many failed."""
        (course, days, rows), people, stream = job, self.people, self.worlds.stream
        looks, part = self.needed[course, days], people.screened.take(rows)
        outputs = tuple(dict.fromkeys(name for look in looks for name in look.outputs))
        followed = self.therapies.follow(course, part, days, outputs, stream, self.options, progress)
        found: dict[str, NDArray[Any]] = {"failed": np.array(followed.failed)}
        for each in looks:
            inside = np.flatnonzero(people.members[each.population][rows])
            values = {name: followed.outputs[name][inside] for name in each.outputs}
            found[each.key] = each.read(part.take(inside), values, stream)
        return found


def _needed(looks: list[Look]) -> dict[tuple[GivenCourse, int], list[FollowedLook]]:
    """Return the looks that need a course followed for some days. Each length is solved by itself.

    The last step of a solution depends on where it ends, in its last digits; so no look changes another's.
    """
    found: dict[tuple[GivenCourse, int], list[FollowedLook]] = {}
    for look in (each for each in looks if isinstance(each, FollowedLook)):
        for course in dict.fromkeys(look.courses):
            found.setdefault((course, look.days), []).append(look)
    return found


def _pieces(people: People, looks: Sequence[Look]) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of the people whom some looks need, a part at a time."""
    wanted = np.logical_or.reduce([people.members[look.population] for look in looks])
    rows = np.flatnonzero(wanted)
    for first in range(0, len(rows), AT_ONCE):
        yield rows[first : first + AT_ONCE]


def _with_drug_numbers(people: People, worlds: Worlds, therapies: Therapies) -> People:
    """Return people with the parameters of all drugs, which screening does not need."""
    known = {row.identifier for row in therapies.screening_table}
    rows = ParameterTable(tuple(row for row in therapies.table if row.identifier not in known))
    by_rival = [worlds.values(therapies.table, rival) for rival in range(len(worlds.rivals))]
    values = {row.identifier: np.concatenate([each[row.identifier] for each in by_rival]) for row in rows}
    old = people.screened.patients
    drawn = draw_patients(rows, values, worlds.stream, old.identifiers, people.world)
    patients = replace(old, values={**old.values, **drawn.values})
    return replace(people, screened=replace(people.screened, patients=patients))
