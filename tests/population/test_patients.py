"""Worlds and patients vary as their tables say, and depend on nothing but their own names and numbers."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable, Scale, Variation
from calor.population.measurement import load_measurement
from calor.population.patients import draw_patients
from calor.population.uncertainty import draw_worlds, restricted

TABLE = load_disease().parameters
STREAM = Stream(11)
N = 4000


@pytest.mark.parametrize("name", ["glial_gain", "tnf_weight", "temperature_offset"])
def test_a_prior_is_normal_on_its_own_scale(name: str) -> None:
    row = TABLE[name]
    drawn = draw_worlds(ParameterTable((row,)), STREAM, np.arange(N))[name]
    transform = {Scale.LOG: np.log, Scale.LOGIT: lambda p: np.log(p / (1 - p)), Scale.LINEAR: lambda v: v}
    values = transform[row.scale](drawn)
    centre = transform[row.scale](np.array(row.value))
    assert abs(values.mean() - centre) < 4 * row.prior_sd / np.sqrt(N)
    assert values.std() == pytest.approx(row.prior_sd, rel=4 / np.sqrt(2 * N))


def test_a_fixed_parameter_is_the_same_in_every_world() -> None:
    row = TABLE["pain_nrs_range"]
    assert set(draw_worlds(ParameterTable((row,)), STREAM, np.arange(9))[row.identifier]) == {10.0}


def test_patients_vary_around_their_world() -> None:
    worlds = {row.identifier: np.array([row.value]) for row in TABLE}
    patients = draw_patients(TABLE, worlds, STREAM, np.arange(N), np.zeros(N, dtype=np.int64))
    for row in TABLE:
        values = patients.values[row.identifier]
        if row.variation is Variation.NONE:
            assert set(values) == {row.value}
        elif row.variation is Variation.LOGNORMAL:
            logs = np.log(values / row.value)
            assert abs(logs.mean()) < 4 * row.patient_sd / np.sqrt(N)
            assert logs.std() == pytest.approx(row.patient_sd, rel=0.05)
        elif row.variation is Variation.NORMAL:
            assert abs(values.mean() - row.value) < 4 * row.patient_sd / np.sqrt(N)
        else:
            assert set(values) == {0.0, 1.0}
            assert values.mean() == pytest.approx(row.value, abs=4 * 0.5 / np.sqrt(N))


def test_a_patient_is_the_same_person_in_any_company() -> None:
    worlds = draw_worlds(TABLE, STREAM, np.arange(3))
    few = draw_patients(TABLE, worlds, STREAM, np.array([7]), np.array([2]))
    many = draw_patients(TABLE, worlds, STREAM, np.array([1, 7, 9]), np.array([0, 2, 1]))
    assert all(few.values[name][0] == many.values[name][1] for name in few.values)


def test_adding_a_parameter_changes_no_other_number() -> None:
    alone = draw_worlds(ParameterTable((TABLE["glial_gain"],)), STREAM, np.arange(5))
    together = draw_worlds(TABLE, STREAM, np.arange(5))
    assert np.array_equal(alone["glial_gain"], together["glial_gain"])


def test_a_rival_holds_its_parameters_and_no_others() -> None:
    worlds = draw_worlds(TABLE, STREAM, np.arange(4))
    held = restricted(worlds, {"central_refill": 0.0})
    assert set(held["central_refill"]) == {0.0}
    assert np.array_equal(held["glial_gain"], worlds["glial_gain"])


def test_measurement_has_units_and_no_recalled_number() -> None:
    table = load_measurement()
    assert all(row.unit and row.source for row in table)
    assert all(str(row.grade) != "recalled" for row in table)


def test_taking_some_patients_keeps_their_values() -> None:
    worlds = draw_worlds(TABLE, STREAM, np.arange(1))
    patients = draw_patients(TABLE, worlds, STREAM, np.arange(6), np.zeros(6, dtype=np.int64))
    some = patients.take(np.array([4, 1]))
    assert len(some) == 2
    assert list(some.identifiers) == [4, 1]
    assert np.array_equal(some.matrix(("injury_size",))[:, 0], patients.values["injury_size"][[4, 1]])
