"""Answers to questions about kinds of patients: people are kept by kind, never by what they are given."""

from __future__ import annotations

import threading
from typing import Any

from calor.app.kept import Kept
from calor.core.plain_data import plain
from calor.population.cohort import Cohort
from calor.population.course import CohortCourse
from calor.population.traits import Traits
from calor.report.explore.document import Followed, explore_document
from calor.report.explore.people import (
    Ground,
    TreatedModel,
    ground_of,
    model_with,
    people_of,
    treated_course,
    untreated_course,
)
from calor.report.explore.question import Question, treatments_of
from calor.study.treatments import ArmTreatment

FIRST = Question(Traits(3.0), treatments_of(["prednisolone"], ["40 mg oral daily for 14 days"]), 12)
"""What is shown to who asks nothing yet."""

KINDS, MODELS, COURSES, ANSWERS = 40, 30, 120, 200
"""How many kinds of people, models, courses and answers are kept: about 200 MB when all are full."""

AT_ONCE = 2
"""How many questions are worked on at once; each uses every core."""


class Explorer:
    """Answers questions, and keeps what the next one may need."""

    def __init__(self) -> None:
        self._ground: Kept[None, Ground] = Kept(1)
        self._people: Kept[Traits, Cohort] = Kept(KINDS)
        self._models: Kept[str, TreatedModel] = Kept(MODELS)
        self._courses: Kept[tuple[Traits, int, tuple[str, str] | None], CohortCourse] = Kept(COURSES)
        self._answers: Kept[tuple[Traits, int, tuple[tuple[str, str], ...]], dict[str, Any]] = Kept(ANSWERS)
        self._turn = threading.Semaphore(AT_ONCE)

    def warm(self) -> None:
        """Answer the first question before anybody asks it."""
        self.answer(FIRST)

    def answer(self, question: Question) -> dict[str, Any]:
        """Return the document of a question. Raises InputError where the kind of patient is too rare."""
        given = tuple((each.drug.id, each.regimen.text) for each in question.treatments)
        return self._answers.get((question.traits, question.weeks, given), lambda: self._made(question))

    def _made(self, question: Question) -> dict[str, Any]:
        with self._turn:
            ground = self._ground.get(None, ground_of)
            people = self._people.get(question.traits, lambda: people_of(ground, question.traits))
            untreated = self._courses.get(
                (question.traits, question.weeks, None),
                lambda: untreated_course(ground, people, question.weeks),
            )
            followed = [self._followed(ground, question, people, given) for given in question.treatments]
            document: dict[str, Any] = plain(explore_document(ground, question, people, untreated, followed))
        return document

    def _followed(self, ground: Ground, question: Question, people: Cohort, given: ArmTreatment) -> Followed:
        model = self._models.get(given.drug.id, lambda: model_with(ground, given.drug))
        course = self._courses.get(
            (question.traits, question.weeks, (given.drug.id, given.regimen.text)),
            lambda: treated_course(ground, people, model, given, question.weeks),
        )
        return Followed(given, model, course)
