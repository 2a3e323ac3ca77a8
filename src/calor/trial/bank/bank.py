"""The bank: eligible virtual patients and their true course under everything that can be allocated.

Patients live from injury to screening, are screened on measured values, and those who qualify are simulated
once for each course: each sequence of arms, stopped on each possible day or never, with rescue or without.
Replicates of the trial are drawn from the bank. A cell is one world under one rival explanation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.executors import ALONE
from calor.core.progress import Progress
from calor.core.streams import Stream
from calor.engine.batch import Status
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival
from calor.population.diary import DiaryHabits
from calor.population.history import PAIN, History
from calor.population.measurement import loss_per_day
from calor.population.patients import Patients
from calor.population.readings import READINGS, baseline_of
from calor.population.screening import Screened
from calor.population.uncertainty import draw_worlds, restricted
from calor.store.packing import unpacked
from calor.store.pieces import NOT_KEPT
from calor.study import Conduct, Covariate
from calor.trial.bank.cells import Block, CellMaker, Cells, CourseMaker, Followed, with_drugs
from calor.trial.bank.courses import Courses
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.plan import Plan

FEWEST_WORLDS = 10
"""With fewer worlds the spread between them says little about the error of a mean over them."""

WORLDS_TOGETHER = 20
"""Worlds of a rival that are made together, and kept as one piece."""

WorldsOf = Callable[[ParameterTable, Rival, Stream, int], dict[str, Numbers]]
"""What gives population values (n_worlds,) by parameter under a rival."""


@dataclass(frozen=True)
class Cell:
    """One world under one rival: its patients stand at [start, stop) of the bank."""

    rival: int
    world: int
    start: int
    stop: int


@dataclass(frozen=True)
class Counts:
    """How many people were screened, qualified and could not be simulated, and how many worlds were used.

    `entered`: how many of those who qualified began a run-in, None without one; `eligible` then responded.
    """

    screened: int
    eligible: int
    failed_simulations: int
    worlds: int
    cells: int
    cells_without_enough_patients: int
    entered: int | None = None

    @property
    def share_randomised(self) -> float:
        """The share of those who qualify who are randomised: of people in a run-in those who respond."""
        return 1.0 if self.entered is None else self.eligible / max(self.entered, 1)

    def to_document(self) -> dict[str, Any]:
        """Return them as JSON-like data."""
        return {
            "screened": self.screened,
            "enrolled": self.eligible,
            "failed_simulations": self.failed_simulations,
            "worlds": self.worlds,
            "cells": self.cells,
            "cells_without_enough_patients": self.cells_without_enough_patients,
        }


@dataclass(frozen=True)
class Bank:
    """Eligible patients (n) and what happens to each under every course.

    Arguments: the patients; their life until screening; the measured baseline of the endpoint (n,); every
    covariate as measured at screening (n,); the slow fluctuation on the last run-in day (n,); diary habits
    (n,); true pain, and the true outputs behind the endpoint, on study days 1, 2, ... under each course, by
    name (n_courses, n, n_days); the course of each sequence when never stopped or stopped on each stop day,
    without or with a rescue drug from each rescue day on (n_sequences, 1 + n_stops, 1 + n_rescues); the
    days of both; the loss to follow-up per day (n,); cells; counts; the stream of the study, which keys the
    people's habits.
    """

    patients: Patients
    history: History
    baseline: Numbers
    covariates: Mapping[Covariate, Numbers]
    slow_before: Numbers
    habits: DiaryHabits
    outputs: Mapping[str, Numbers]
    course_of: NDArray[np.int64]
    stop_days: tuple[int, ...]
    rescue_days: tuple[int, ...]
    loss_per_day: Numbers
    cells: tuple[Cell, ...]
    counts: Counts
    stream: Stream

    @property
    def pain(self) -> Numbers:
        """True pain on each study day under each course, (n_courses, n, n_days)."""
        return self.outputs[PAIN]

    @property
    def n_worlds(self) -> int:
        """The number of worlds that can run the trial under some rival."""
        return len({cell.world for cell in self.cells})

    @property
    def rival_of_cell(self) -> NDArray[np.int64]:
        """The index of each cell's rival, (n_cells,)."""
        return np.array([cell.rival for cell in self.cells])

    @property
    def world_of_cell(self) -> NDArray[np.int64]:
        """The number of each cell's world, (n_cells,)."""
        return np.array([cell.world for cell in self.cells])

    def with_courses(self, outputs: Mapping[str, Numbers], course_of: NDArray[np.int64]) -> Bank:
        """Return the bank with other courses: true outputs (n_courses, n, n_days), and whose each is."""
        return replace(self, outputs=outputs, course_of=course_of)

    def mechanism_off(self, sequence: int) -> Bank:
        """Return the bank in which every sequence does to the patients what one of them does.

        Every arm is then the same treatment under other names: what a test finds is chance.
        """
        return replace(self, course_of=np.broadcast_to(self.course_of[sequence], self.course_of.shape))


class BankBuilder:
    """Builds the bank of a plan: one object that holds what every stage needs."""

    def __init__(
        self,
        plan: Plan,
        courses: Courses,
        settings: RunSettings,
        progress: Progress,
        worlds_of: WorldsOf | None = None,
    ) -> None:
        self.people = plan.protocol.population
        self.variable = plan.assessments.endpoint.variable
        self.held = held_by(plan.protocol.conduct)
        self.courses = courses
        self.settings = settings
        self.progress = progress
        self.worlds_of = worlds_of or prior_worlds
        self.stream = Stream(settings.seed)

    def build(self, rivals: tuple[Rival, ...]) -> Bank:
        """Return the bank over all rivals. Raises InputError when too few people qualify anywhere."""
        blocks = self._blocks(rivals)
        parts = self._screened(blocks)
        cells: list[Cell] = []
        start = 0
        for block, part in zip(blocks, parts, strict=True):
            for world, size in zip(part.worlds.tolist(), part.sizes.tolist(), strict=True):
                if size:
                    cells.append(Cell(block.rival, world, start, start + size))
                    start += size
        if not cells:
            raise InputError.of(
                f"in none of {self.settings.worlds} worlds did {self.settings.fewest_eligible} of "
                f"{self.settings.most_candidates} people qualify",
                key="population",
                hint="widen the duration window or lower the pain threshold",
            )
        return self._bank(parts, self._followed(blocks, parts), tuple(cells), len(rivals))

    @property
    def _maker(self) -> CellMaker:
        courses = self.courses
        return CellMaker(
            people=self.people,
            outputs=READINGS[self.variable].outputs,
            table=courses.without_drugs,
            untreated=courses.untreated,
            text_sha256=courses.untreated_sha256,
            settings=self._alone,
        )

    @property
    def _alone(self) -> RunSettings:
        """The size of the run, for a task: it works alone, and what it makes is kept by who gave it."""
        return replace(self.settings, executor=ALONE, pieces=NOT_KEPT)

    def _blocks(self, rivals: tuple[Rival, ...]) -> list[Block]:
        """Return the worlds that are made together, rival by rival."""
        count, found = self.settings.worlds, list[Block]()
        for index, rival in enumerate(rivals):
            worlds = self.worlds_of(self.courses.table, rival, self.stream, count)
            worlds = restricted(worlds, rival.sets | self.held)
            for first in range(0, count, WORLDS_TOGETHER):
                found.append(Block.of(index, worlds, first, min(first + WORLDS_TOGETHER, count)))
        return found

    def _screened(self, blocks: list[Block]) -> list[Cells]:
        """Return the cells of every block, its people with all parameters."""
        settings, maker, progress = self.settings, self._maker, self.progress
        untreated = [row.identifier for row in self.courses.without_drugs]
        names = [f"people of {block.fingerprint(untreated)}" for block in blocks]
        named = dict(zip(names, blocks, strict=True))
        progress.start("patients", sum(map(len, named.values())))
        pieces = settings.pieces.for_every_run(maker.fingerprint)
        made = pieces.kept_each(named, maker, settings.executor, progress, len)
        found = dict(zip(named, made, strict=True))
        cells = [unpacked(Cells, found[name]) for name in names]
        return [
            replace(each, people=with_drugs(each.people, block, self.courses, self.stream))
            for each, block in zip(cells, blocks, strict=True)
        ]

    def _followed(self, blocks: list[Block], parts: list[Cells]) -> list[list[Followed]]:
        """Return the people of every block that has some under every course, course by course."""
        settings, maker, progress = self.settings, CourseMaker(self.courses, self._alone), self.progress
        people = [(block, part.people) for block, part in zip(blocks, parts, strict=True) if part.sizes.any()]
        names = [
            [maker.name_of(course, block) for block, _ in people]
            for course in range(len(self.courses.courses))
        ]
        items = {
            name: (course, each)
            for course, of_course in enumerate(names)
            for name, (_, each) in zip(of_course, people, strict=True)
        }
        progress.start("courses", len(items))
        pieces = settings.pieces.for_every_run(maker.fingerprint(self._maker))
        made = pieces.kept_each(items, maker, settings.executor, progress)
        found = dict(zip(items, made, strict=True))
        return [[unpacked(Followed, found[name]) for name in of_course] for of_course in names]

    def _bank(
        self, every: list[Cells], followed: list[list[Followed]], cells: tuple[Cell, ...], n_rivals: int
    ) -> Bank:
        """Return the bank: everybody who could be followed under every course."""
        courses = self.courses
        people = Screened.joined([part.people for part in every if part.sizes.any()])
        statuses = np.array([np.concatenate([each.statuses for each in one]) for one in followed])
        outputs = np.array([np.concatenate([each.outputs for each in one]) for one in followed])
        whole = np.flatnonzero((statuses == Status.FINISHED).all(axis=0))
        n_people, n_cells = len(people.patients), n_rivals * self.settings.worlds
        counts = Counts(
            screened=sum(part.screened for part in every),
            eligible=len(whole),
            failed_simulations=sum(part.failed for part in every) + n_people - len(whole),
            worlds=self.settings.worlds,
            cells=len(cells),
            cells_without_enough_patients=n_cells - len(cells),
        )
        before = np.searchsorted(whole, np.arange(n_people + 1))
        kept = people.take(whole)
        return Bank(
            patients=kept.patients,
            history=kept.history,
            baseline=baseline_of(
                self.variable,
                kept.patients,
                kept.history,
                kept.covariates,
                self.stream,
            ),
            covariates=kept.covariates,
            slow_before=kept.slow_before,
            habits=DiaryHabits.of(kept.patients.values),
            outputs={
                name: np.ascontiguousarray(outputs[..., place])[:, whole]
                for place, name in enumerate(courses.outputs)
            },
            course_of=courses.course_of,
            stop_days=courses.stop_days,
            rescue_days=courses.rescue_days,
            loss_per_day=loss_per_day(kept.patients.values["dropout_per_month"]),
            cells=tuple(
                replace(cell, start=int(before[cell.start]), stop=int(before[cell.stop])) for cell in cells
            ),
            counts=counts,
            stream=self.stream,
        )


def held_by(conduct: Conduct) -> dict[str, float]:
    """Return the measurement parameters that a protocol fixes."""
    chosen = {
        "dropout_per_month": conduct.dropout_per_month,
        "diary_missing_share": conduct.missing_diary_share,
    }
    return {name: value for name, value in chosen.items() if value is not None}


def prior_worlds(table: ParameterTable, _rival: Rival, stream: Stream, count: int) -> dict[str, Numbers]:
    """Return worlds drawn from the prior, which is the same under every rival before it is restricted."""
    return draw_worlds(table, stream, np.arange(count))
