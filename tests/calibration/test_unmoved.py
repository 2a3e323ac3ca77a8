"""The numbers that no target moves are known, and each serves something that a trial measures."""

from __future__ import annotations

from calor.calibration.studies import load_held_out, load_studies
from calor.calibration.unmoved import unmoved_by
from calor.model.disease import load_disease


def test_what_no_target_moves_is_an_output_that_no_fitted_study_measured_or_a_number_of_measurement() -> None:
    found = unmoved_by(load_studies("validation").joined(load_held_out()), load_disease())
    of_disease = {each.parameter.identifier: each.reaches for each in found if each.reaches}
    assert of_disease == {
        "il1b_baseline": ("il1b_tissue",),
        "il10_baseline": ("il10_tissue",),
        "il1b_rise": ("il1b_tissue",),
    }
    assert {each.parameter.module for each in found if not each.reaches} == {
        "conduct",
        "instruments",
        "assays",
    }
