"""Assays and instruments scatter, scale and censor as their table says."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.population.assays import Assay, Laboratory, Limb
from calor.population.instruments import measured_grip, measured_temperature, measured_volume
from calor.population.measurement import load_measurement
from calor.population.patients import Patients, draw_patients

N = 40_000
STREAM = Stream(12)
VISIT = STREAM.child("visit", "laboratory")
TABLE = ParameterTable((*load_disease().parameters.rows, *load_measurement().rows))


@pytest.fixture(scope="module")
def people() -> Patients:
    worlds = {row.identifier: np.array([row.value]) for row in TABLE}
    return draw_patients(TABLE, worlds, STREAM, np.arange(N), np.zeros(N, dtype=np.int64))


def laboratory(people: Patients, **outputs: float | np.ndarray) -> Laboratory:
    trait = people.values["cytokine_trait"]
    levels = {"tnf_tissue": 31 * trait, "il6_tissue": 53.5 * trait, "il1b_tissue": 0.54 * trait}
    levels |= {name: np.broadcast_to(level, (N,)) for name, level in outputs.items()}
    return Laboratory(levels, people.values, people.identifiers, VISIT)


def test_two_limbs_agree_as_far_as_sampling_and_assay_let_them(people: Patients) -> None:
    measured = laboratory(people)
    affected, sound = (np.log(measured.blister("tnf", limb).value) for limb in Limb)
    person, rest = 1.6**2, 0.5**2 + 0.37**2
    # Censoring at 1 pg/mL pulls the correlation down a little in the sound limb.
    assert np.corrcoef(affected, sound)[0, 1] == pytest.approx(person / (person + rest), abs=0.03)
    assert affected.std() == pytest.approx(np.sqrt(person + rest), rel=0.03)


def test_the_sound_limb_has_the_published_median(people: Patients) -> None:
    # A04: 8 pg/mL.
    measured = np.median(laboratory(people).blister("tnf", Limb.SOUND).value)
    assert measured == pytest.approx(8, rel=4 * 1.25 * 1.75 / np.sqrt(N))


def test_elisa_and_multiplex_agree_as_published(people: Patients) -> None:
    # A11: r 0.85 for IL-6, 0.88 for TNF; multiplex at least 3-fold.
    measured = laboratory(people)
    elisa, multiplex = (measured.blister("tnf", assay=assay).value for assay in Assay)
    assert np.median(multiplex / elisa) == pytest.approx(3.0, rel=0.03)
    variance = 1.6**2 + 0.5**2
    expected = np.expm1(variance) / np.expm1(variance + 0.37**2)
    assert expected == pytest.approx((0.85 + 0.88) / 2, abs=0.01)


def test_what_lies_below_the_limit_is_flagged_and_reported_as_the_limit(people: Patients) -> None:
    reading = laboratory(people).blister("il1b")
    assert reading.unit == "pg/mL"
    assert reading.below_limit.mean() > 0.9  # A10: IL-1 beta was not detectable
    assert np.all(reading.value[reading.below_limit] == TABLE["il1b_quantification_limit"].value)
    assert np.all(reading.value[~reading.below_limit] >= TABLE["il1b_quantification_limit"].value)


def test_plasma_hardly_shows_the_limb(people: Patients) -> None:
    # A07, A21: plasma is unchanged while the limb is raised.
    raised = laboratory(people, tnf_tissue=31 * people.values["cytokine_trait"]).plasma("tnf").value
    healthy = laboratory(people, tnf_tissue=8 * people.values["cytokine_trait"]).plasma("tnf").value
    assert np.median(raised) / np.median(healthy) < 1.15


def test_titres_and_igg_carry_their_relative_error(people: Patients) -> None:
    measured = laboratory(people, igg_concentration=12.0, autoantibody_igg_titre=0.5, autoantibody_igm=0.0)
    assert np.log(measured.igg().value).std() == pytest.approx(0.04, rel=0.03)
    assert np.median(measured.autoantibody("igg").value) == pytest.approx(0.5, rel=0.02)
    assert measured.autoantibody("igm").below_limit.all()


def test_instruments_are_unbiased_with_their_scatter(people: Patients) -> None:
    limb = {
        "temperature_difference": np.full(N, -1.0),
        "oedema": np.full(N, 0.5),
        "grip_share": np.full(N, 0.6),
    }
    arguments = (limb, people.values, people.identifiers, VISIT)
    temperature, volume, grip = (
        measure(*arguments) for measure in (measured_temperature, measured_volume, measured_grip)
    )
    assert temperature.mean() == pytest.approx(-1.0, abs=4 * 0.6 / np.sqrt(N))
    assert temperature.std() == pytest.approx(0.6, rel=0.03)
    assert volume.mean() == pytest.approx(10.0, abs=4 * 1.5 / np.sqrt(N))
    assert np.log(grip / 0.6).std() == pytest.approx(0.1, rel=0.03)
