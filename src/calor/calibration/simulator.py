"""From scores to summaries: every target simulated in its own cohort, in many worlds at once.

Scores are the normal scores of the uncertain parameters, in the order of their table; a rival holds some
parameters at fixed values, and the scores of those move nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calor.calibration.arms import Arms
from calor.calibration.enrolment import enrol, first_of_each_world, people_of
from calor.calibration.examinations import facts_of
from calor.calibration.items import ArmOutputs, Diaries, item_values
from calor.calibration.studies import FittedStudies, FittedStudy
from calor.calibration.targets import UNTREATED, Target
from calor.core.arrays import Numbers
from calor.core.progress import SILENT, Progress
from calor.core.streams import Stream
from calor.engine.batch import Options
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival
from calor.population.giving import calendars_of
from calor.population.natural_history import live_untreated
from calor.population.screening import Screened, within_limits
from calor.population.simulation import simulate_people
from calor.population.uncertainty import restricted, worlds_of
from calor.study.arms import Arm
from calor.study.treatments import treatments_of

OUTPUTS = ("pain_nrs", "oedema", "guarding", "autoantibody_igg_titre", "autoantibody_igm")


@dataclass(frozen=True)
class CohortSizes:
    """How many virtual people each world has: injuries of the untreated course, candidates of each cohort."""

    injuries: int = 400
    candidates: int = 120


class SummarySimulator:
    """Simulates the targets' summaries at points of the score space.

    Arguments, besides what they say: `shared` gives all points of one call the same virtual people (of other
    parameters), else no two points share a person. Calls of other seeds never share people.
    """

    def __init__(
        self,
        targets: tuple[Target, ...],
        studies: FittedStudies,
        arms: Arms,
        rival: Rival,
        sizes: CohortSizes,
        stream: Stream,
        options: Options,
        progress: Progress,
        shared: bool = False,
    ) -> None:
        self.targets = targets
        self.studies = studies
        self.arms = arms
        self.rival = rival
        self.sizes = sizes
        self.stream = stream
        self.options = options
        self.progress = progress
        self.shared = shared
        self.names = tuple(row.identifier for row in arms.table.uncertain)

    def __getstate__(self) -> dict[str, object]:
        """Return what another process needs: whoever watches stays here."""
        return {**vars(self), "progress": SILENT}

    @property
    def table(self) -> ParameterTable:
        """The parameters of disease, measurement and drugs."""
        return self.arms.table

    @property
    def _wants_untreated(self) -> bool:
        return any(target.kind == UNTREATED for target in self.targets)

    def worlds(self, scores: Numbers) -> dict[str, Numbers]:
        """Return the population values at points (n_points, n_scores) under the rival."""
        by_name = {name: scores[:, column] for column, name in enumerate(self.names)}
        return restricted(worlds_of(self.table, by_name, len(scores)), self.rival.sets)

    def __call__(self, scores: Numbers, seed: int) -> Numbers:
        """Return every target's summary at points (n_points, n_scores), on the scale of the likelihood."""
        worlds = self.worlds(scores)
        stream = self.stream.child("people", seed)
        found = self._untreated(worlds, len(scores), stream) if self._wants_untreated else {}
        for name, cohort in self.studies.cohorts.items():
            of_cohort = stream.child("cohort", name)
            people = enrol(
                cohort,
                self.arms.kernels[()],
                self.table,
                worlds,
                self.sizes.candidates * self.studies.screened(name),
                of_cohort,
                self.options,
                self.progress,
                self.shared,
            )
            for study in self.studies.studies:
                if study.cohort == name:
                    found |= self._study(study, people, len(scores), of_cohort)
        values = np.column_stack([found[target.statistic] for target in self.targets])
        on_log = np.array([target.on_log_scale for target in self.targets])
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.where(on_log, np.log(values), values)
        return np.where(np.isfinite(values), values, np.nan)

    def _untreated(self, worlds: Mapping[str, Numbers], n_worlds: int, stream: Stream) -> dict[str, Numbers]:
        """Return the facts of the untreated course in every world."""
        people = people_of(self.table, worlds, self.sizes.injuries, stream, self.shared)
        history = live_untreated(self.arms.kernels[()], people, stream, self.options, self.progress)
        return facts_of(history, n_worlds)

    def _study(
        self, study: FittedStudy, people: Screened, n_worlds: int, stream: Stream
    ) -> dict[str, Numbers]:
        """Return the targets of one study in every world.

        Of a cohort that several studies share, those take part whom the study's own limits admit.
        """
        admitted = within_limits(study.study.population.limits, people.covariates)
        people = people.take(np.flatnonzero(admitted))
        people = first_of_each_world(people, study.people) if study.people else people
        courses = {arm.name: self._course(arm, people, study.days) for arm in study.arms}
        diaries = Diaries(people, study.study.placebo_response, stream)
        return {each.id: item_values(each, diaries, courses, n_worlds) for each in study.targets}

    def _course(self, arm: Arm, people: Screened, days: Numbers) -> ArmOutputs:
        """Return the course of everybody enrolled under one arm, on some study days (n_days,)."""
        given = treatments_of(arm)
        result = simulate_people(
            self.arms.kernel(given),
            people.patients,
            days - 0.5,
            OUTPUTS,
            self.options,
            self.progress,
            standing=people.history.standing,
            calendars=calendars_of(given, people.patients),
        )
        outputs = {name: result.outputs[:, :, column] for column, name in enumerate(OUTPUTS)}
        return ArmOutputs(days, outputs)
