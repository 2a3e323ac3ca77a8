"""The exported model is clean SBML, comes back unchanged, and gives libRoadRunner the same trajectories."""

from __future__ import annotations

import libsbml
import numpy as np
import pytest
import roadrunner

from calor.engine import compile_kernel, load_sbml
from calor.engine.batch import Batch, Options
from calor.model.disease import load_disease
from calor.model.outputs import OUTPUTS
from calor.model.sbml import inconsistencies
from calor.model.units import SIGNS
from calor.population.measurement import load_measurement
from calor.therapy.compose import compose
from calor.therapy.library import load_drug

DRUGS = [(), ("infliximab", "prednisolone"), ("ivig",)]
TIMES = np.array([0.0, 10.0, 60.0, 200.0, 500.0])


@pytest.fixture(scope="module", params=DRUGS, ids=lambda drugs: "+".join(drugs) or "untreated")
def sbml(request: pytest.FixtureRequest) -> str:
    return compose(load_disease(), [load_drug(drug) for drug in request.param]).sbml


def test_the_export_passes_the_consistency_check(sbml: str) -> None:
    assert inconsistencies(sbml) == ()


def test_the_export_survives_reading_and_writing(sbml: str) -> None:
    document = libsbml.readSBMLFromString(sbml)
    again = libsbml.writeSBMLToString(document)
    assert again == sbml
    assert load_sbml(again) == load_sbml(sbml)


def test_libroadrunner_finds_the_same_trajectories(sbml: str) -> None:
    runner = roadrunner.RoadRunner(sbml)
    runner.integrator.relative_tolerance = 1e-10
    runner.integrator.absolute_tolerance = 1e-12
    runner.timeCourseSelections = list(OUTPUTS)
    expected = np.array(runner.simulate(times=TIMES.tolist()))
    kernel = compile_kernel(load_sbml(sbml))
    found = kernel.simulate(Batch(TIMES, OUTPUTS), Options(rtol=1e-9, atol=1e-12)).outputs[0]
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-8)


def test_every_output_is_a_variable_of_the_model() -> None:
    assert set(OUTPUTS) <= {variable.identifier for variable in load_disease().variables}


def test_every_unit_has_a_sign() -> None:
    disease = load_disease()
    units = {row.unit for row in (*disease.parameters, *load_measurement())}
    units |= {variable.unit for variable in disease.variables}
    assert units <= set(SIGNS)
