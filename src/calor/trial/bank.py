"""The bank: eligible virtual patients and their true course under everything that can be allocated.

Patients live from injury to screening, are screened on their measured diary, and those who qualify are
simulated once for each sequence of arms. Replicates of the trial are drawn from the bank. A cell is one
world under one rival explanation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.errors import InputError
from calor.core.progress import Progress, StopOnly, stop_if_requested
from calor.core.streams import Stream
from calor.engine.batch import Status
from calor.model.rivals import Rival
from calor.population.diary import DiaryHabits, mean_of_filled, ratings, slow_fluctuation
from calor.population.history import History, live_to_screening
from calor.population.patients import Numbers, Patients, draw_patients
from calor.population.uncertainty import draw_worlds, restricted
from calor.trial.courses import Courses
from calor.trial.protocol import DAYS_PER_MONTH, Protocol
from calor.trial.settings import RunSettings

PATIENTS_PER_WORLD = 1_000_000
"""Patient numbers of world k begin at k times this, so that no two worlds share a person."""


@dataclass(frozen=True)
class Cell:
    """One world under one rival: its patients stand at [start, stop) of the bank."""

    rival: int
    world: int
    start: int
    stop: int


@dataclass(frozen=True)
class Counts:
    """How many people were screened, qualified and could not be simulated, and how many worlds were used."""

    screened: int
    eligible: int
    failed_simulations: int
    worlds: int
    cells: int
    cells_without_enough_patients: int


@dataclass(frozen=True)
class Bank:
    """Eligible patients (n) and what happens to each under every sequence.

    Arguments: the patients; measured run-in pain (n,); the slow fluctuation on the last run-in day (n,);
    diary habits (n,); true pain on study days 1, 2, ... under each sequence (n_sequences, n, n_days); the
    loss to follow-up per day (n,); cells; counts.
    """

    patients: Patients
    baseline: Numbers
    slow_before: Numbers
    habits: DiaryHabits
    pain: Numbers
    loss_per_day: Numbers
    cells: tuple[Cell, ...]
    counts: Counts


@dataclass(frozen=True)
class _Screened:
    """People of one rival after screening, with what is needed to follow them into the trial."""

    patients: Patients
    habits: DiaryHabits
    history: History
    slow_before: Numbers
    baseline: Numbers
    eligible: NDArray[np.bool_]


class BankBuilder:
    """Builds the bank of a protocol: one object that holds what every stage needs."""

    def __init__(
        self, protocol: Protocol, courses: Courses, settings: RunSettings, progress: Progress
    ) -> None:
        self.protocol = protocol
        self.courses = courses
        self.settings = settings
        self.progress = progress
        self.stream = Stream(settings.seed)
        self.options = replace(settings.options, threads=settings.workers)

    def build(self, rivals: tuple[Rival, ...]) -> Bank:
        """Return the bank over all rivals. Raises InputError when too few people qualify anywhere."""
        worlds = draw_worlds(self.courses.table, self.stream, np.arange(self.settings.worlds))
        parts: list[_Screened] = []
        cells: list[Cell] = []
        screened = failed = start = 0
        for index, rival in enumerate(rivals):
            held = rival.sets | self._set_by_protocol()
            people = list(self._screen_rival(restricted(worlds, held), rival.name))
            screened += sum(len(part.patients) for part in people)
            failed += sum(int((~part.history.lived).sum()) for part in people)
            for world in range(self.settings.worlds):
                kept = self._keep_world(people, world)
                size = sum(len(part.patients) for part in kept)
                if size >= self.settings.fewest_eligible:
                    parts.extend(kept)
                    cells.append(Cell(index, world, start, start + size))
                    start += size
        if not cells:
            raise InputError.of(
                f"in none of {self.settings.worlds} worlds did {self.settings.fewest_eligible} of "
                f"{self.settings.most_candidates} people qualify",
                key="population",
                hint="widen the duration window or lower the pain threshold",
            )
        return self._follow(_joined(parts), tuple(cells), screened, failed, len(rivals))

    def _set_by_protocol(self) -> dict[str, float]:
        """Return the measurement parameters that the protocol fixes."""
        conduct = self.protocol.conduct
        chosen = {
            "dropout_per_month": conduct.dropout_per_month,
            "diary_missing_share": conduct.missing_diary_share,
        }
        return {name: value for name, value in chosen.items() if value is not None}

    def _screen_rival(self, worlds: dict[str, Numbers], name: str) -> Iterator[_Screened]:
        """Yield screened people, more of them in worlds where few qualify."""
        settings = self.settings
        self.progress.start(f"screening, {name}", settings.worlds)
        short = np.arange(settings.worlds)
        eligible = np.zeros(settings.worlds, dtype=np.int64)
        first, last = 0, settings.candidates
        while len(short) and first < settings.most_candidates:
            stop_if_requested(self.progress)
            part = self._screen(worlds, short, np.arange(first, last))
            eligible += np.bincount(part.patients.draws[part.eligible], minlength=settings.worlds)
            yield part
            still = np.flatnonzero(eligible < settings.enough_eligible)
            self.progress.advance(len(short) - len(still))
            short, first, last = still, last, min(2 * last, settings.most_candidates)

    def _screen(
        self, worlds: dict[str, Numbers], chosen: NDArray[np.int64], numbers: NDArray[np.int64]
    ) -> _Screened:
        """Return people with some numbers in some worlds, lived to screening and measured."""
        draws = np.repeat(chosen, len(numbers))
        identifiers = draws * PATIENTS_PER_WORLD + np.tile(numbers, len(chosen))
        people = draw_patients(self.courses.table, worlds, self.stream, identifiers, draws)
        window = self.protocol.population.duration_months
        share = self.stream.child("patient", "duration").uniforms(identifiers, 1)[:, 0]
        months = window.at_least + share * (window.at_most - window.at_least)
        criterion = self.protocol.population.pain_nrs
        history = live_to_screening(
            self.courses.untreated,
            people,
            months * DAYS_PER_MONTH,
            criterion.run_in_days,
            self.options,
            StopOnly(self.progress),
        )
        habits = DiaryHabits.of(people.values)
        diary = self.stream.child("run-in")
        slow = slow_fluctuation(habits, diary.child("slow").normals(identifiers, criterion.run_in_days))
        written = ratings(habits, history.run_in_pain + slow, diary, identifiers)
        baseline = mean_of_filled(np.where(np.isfinite(history.run_in_pain), written, np.nan))
        eligible = history.lived & (baseline >= criterion.at_least)
        return _Screened(people, habits, history, slow[:, -1], baseline, eligible)

    def _keep_world(self, people: list[_Screened], world: int) -> list[_Screened]:
        """Return the eligible people of one world, the first ones where there are more than needed."""
        kept: list[_Screened] = []
        room = 2 * self.settings.enough_eligible
        for part in people:
            rows = np.flatnonzero(part.eligible & (part.patients.draws == world))[:room]
            room -= len(rows)
            kept.append(_take(part, rows))
        return kept

    def _follow(
        self, people: _Screened, cells: tuple[Cell, ...], screened: int, failed: int, n_rivals: int
    ) -> Bank:
        """Return the bank: every eligible patient followed under every sequence."""
        self.progress.start("following patients", len(self.courses.sequences))
        pain, status = [], []
        for sequence in range(len(self.courses.sequences)):
            stop_if_requested(self.progress)
            course = self.courses.follow(
                sequence, people.patients, people.history, self.options, StopOnly(self.progress)
            )
            pain.append(course.outputs[:, :, 0])
            status.append(course.status)
            self.progress.advance()
        whole = np.all(np.array(status) == Status.FINISHED, axis=0)
        n_cells = n_rivals * self.settings.worlds
        counts = Counts(
            screened=screened,
            eligible=int(whole.sum()),
            failed_simulations=failed + int((~whole).sum()),
            worlds=self.settings.worlds,
            cells=len(cells),
            cells_without_enough_patients=n_cells - len(cells),
        )
        kept = np.concatenate([[0], np.cumsum(whole)])
        return Bank(
            patients=people.patients.take(whole),
            baseline=people.baseline[whole],
            slow_before=people.slow_before[whole],
            habits=people.habits.take(np.flatnonzero(whole)),
            pain=np.array(pain)[:, whole],
            loss_per_day=-np.log1p(-people.patients.values["dropout_per_month"][whole]) / DAYS_PER_MONTH,
            cells=tuple(
                replace(cell, start=int(kept[cell.start]), stop=int(kept[cell.stop])) for cell in cells
            ),
            counts=counts,
        )


def _take(part: _Screened, rows: NDArray[np.int64]) -> _Screened:
    """Return some of the people, by position."""
    history = part.history
    return _Screened(
        part.patients.take(rows),
        part.habits.take(rows),
        History(history.run_in_pain[rows], history.states[rows], history.state_names, history.status[rows]),
        part.slow_before[rows],
        part.baseline[rows],
        part.eligible[rows],
    )


def _joined(parts: list[_Screened]) -> _Screened:
    """Return the people of several parts in one."""
    first = parts[0]

    def join(columns: list[Numbers]) -> Numbers:
        return np.concatenate(columns)

    names = first.patients.values
    patients = Patients(
        np.concatenate([part.patients.identifiers for part in parts]),
        np.concatenate([part.patients.draws for part in parts]),
        {name: join([part.patients.values[name] for part in parts]) for name in names},
    )
    history = History(
        join([part.history.run_in_pain for part in parts]),
        join([part.history.states for part in parts]),
        first.history.state_names,
        np.concatenate([part.history.status for part in parts]),
    )
    return _Screened(
        patients,
        DiaryHabits.of(patients.values),
        history,
        join([part.slow_before for part in parts]),
        join([part.baseline for part in parts]),
        np.concatenate([part.eligible for part in parts]),
    )
