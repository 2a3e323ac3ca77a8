"""What an arm gives to each patient, who is enrolled, and which days are needed."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.arms import prepare_arms
from calor.calibration.enrolment import enrol
from calor.calibration.studies import NO_STUDIES, load_studies
from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.engine.batch import Options
from calor.model.disease import load_disease
from calor.study import DurationWindow, PainCriterion, PopulationPart


def test_those_who_are_enrolled_have_pain_between_the_limits() -> None:
    disease = load_disease()
    arms = prepare_arms(NO_STUDIES, disease)
    worlds = {row.identifier: np.array([row.value, row.value]) for row in arms.table}
    options = Options(1e-4, 1e-6, threads=1)

    def baseline(lowest: float, highest: float) -> np.ndarray:
        cohort = PopulationPart(
            duration_months=DurationWindow(at_least=2, at_most=12),
            pain_nrs=PainCriterion(at_least=lowest, at_most=highest),
        )
        return enrol(cohort, arms.kernels[()], arms.table, worlds, 100, Stream(3), options, Silent()).pain

    everybody, middle = baseline(0, 10), baseline(2, 5)
    assert len(everybody) == 200
    assert len(middle) > 10
    assert np.sort(middle) == pytest.approx(np.sort(everybody[(everybody >= 2) & (everybody <= 5)]))


def test_the_days_of_a_study_are_those_its_targets_need() -> None:
    study = next(each for each in load_studies().studies if each.id == "sigtermans-2009-ketamine")
    assert study.days.tolist() == [7, 8, *range(81, 88)]
