"""Sensitivities are differences between worlds that share their people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.core.progress import Silent
from calor.core.provenance import NumberStatus
from calor.core.streams import Stream
from calor.engine.batch import Options
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable, Scale
from calor.model.rivals import load_rivals
from calor.population.course import prepare_treatment
from calor.population.measurement import load_measurement
from calor.population.patients import Patients
from calor.population.sensitivity import (
    Measured,
    SensitivitySettings,
    TrialContrast,
    sensitivity_of,
)
from calor.study import DurationWindow, PainCriterion, PopulationPart

DISEASE = load_disease()
SETTINGS = SensitivitySettings(people=60)


def linear(people: Patients, options: Options) -> Measured:
    """A prediction with a known answer: glial_gain plus each person's sensitivity."""
    values = people.values["glial_gain"] + people.values["pain_sensitivity"]
    return Measured(values, np.ones(len(people), dtype=bool))


def test_a_known_prediction_has_its_known_swings() -> None:
    found = sensitivity_of(linear, DISEASE.parameters, load_rivals(), SETTINGS, Silent())
    row = DISEASE.parameters["glial_gain"]
    first, others = found.swings[0], found.swings[1:]
    assert first.parameter == row
    assert first.change_high == pytest.approx(row.value * np.expm1(row.prior_sd))
    assert first.change_low == pytest.approx(row.value * np.expm1(-row.prior_sd))
    assert first.error == pytest.approx(
        0.0, abs=1e-12
    )  # common random numbers: the shift is the same for all
    assert all(swing.size == 0 for swing in others)


def test_every_assumed_number_with_a_prior_is_moved() -> None:
    found = sensitivity_of(linear, DISEASE.parameters, load_rivals(), SETTINGS, Silent())
    assumed = {
        row.identifier
        for row in DISEASE.parameters
        if row.status is NumberStatus.ASSUMED and row.scale is not Scale.FIXED
    }
    assert {swing.parameter.identifier for swing in found.swings} == assumed


def test_a_number_that_the_rival_holds_does_not_move() -> None:
    def refill(people: Patients, options: Options) -> Measured:
        return Measured(people.values["central_refill"], np.ones(len(people), dtype=bool))

    peripheral = [rival for rival in load_rivals() if rival.name.startswith("peripheral")]
    table = ParameterTable((DISEASE.parameters["central_refill"],))
    assert sensitivity_of(refill, table, peripheral, SETTINGS, Silent()).swings[0].size == 0


def test_the_error_of_a_change_counts_who_enters() -> None:
    first = Measured(np.array([1.0, 3.0, 9.0]), np.array([True, True, False]))
    assert first.mean == 2.0
    assert first.influence == pytest.approx(np.array([-1.5, 1.5, 0.0]))


def test_equal_arms_differ_by_nothing_whatever_is_changed() -> None:
    plain = prepare_treatment(DISEASE, ())
    population = PopulationPart(
        duration_months=DurationWindow(at_least=1, at_most=3), pain_nrs=PainCriterion(at_least=2)
    )
    contrast = TrialContrast(plain, plain, plain, population, 1, 14, Stream(1))
    moved = {"glial_gain", "innate_rate"}
    table = ParameterTable(
        tuple(
            row if row.identifier in moved else replace(row, status=NumberStatus.DERIVED)
            for row in (*DISEASE.parameters, *load_measurement())
        )
    )
    found = sensitivity_of(contrast, table, load_rivals(), SETTINGS, Silent())
    assert found.typical == 0.0
    assert 0.2 < found.share_counted < 1.0
    assert len(found.swings) == 2
    assert all(swing.size == 0.0 for swing in found.swings)


def test_a_prediction_of_too_few_people_is_refused() -> None:
    def nobody(people: Patients, options: Options) -> Measured:
        return Measured(np.zeros(len(people)), np.zeros(len(people), dtype=bool))

    with pytest.raises(InputError, match="only 0 of 60 people count with the typical numbers"):
        sensitivity_of(nobody, DISEASE.parameters, load_rivals(), SETTINGS, Silent())
