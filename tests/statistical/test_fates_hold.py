"""The watershed between resolving and persisting: the tolerance must not decide on which side one ends."""

import numpy as np

from calor.core.streams import Stream
from calor.engine import compile_kernel
from calor.engine.batch import DEFAULT_OPTIONS, Batch, Options, Status
from calor.engine.importers.sbml import system_of
from calor.model.disease import load_disease
from calor.model.sbml import sbml_of
from calor.population.patients import draw_patients

PATIENTS = 8000
YEARS = 2.0
MOST_CHANGED = 0.001
"""The share of patients whose pain may differ by more than one point of the numeric rating scale."""


def test_fates_do_not_depend_on_the_tolerance() -> None:
    disease = load_disease()
    kernel = compile_kernel(system_of(sbml_of(disease.antimony())))
    table = disease.parameters
    worlds = {parameter.identifier: np.array([parameter.value]) for parameter in table}
    numbers = np.arange(PATIENTS)
    patients = draw_patients(table, worlds, Stream(20261122), numbers, np.zeros(PATIENTS, dtype=np.int64))
    names = tuple(name for name in kernel.parameter_names if name in patients.values)
    batch = Batch(np.array([0.5, 1.0, YEARS]) * 365.25, ("pain_nrs",), names, patients.matrix(names))
    usual = kernel.simulate(batch, DEFAULT_OPTIONS)
    tight = kernel.simulate(batch, Options(rtol=1e-8, atol=1e-11))
    assert np.all(usual.status == Status.FINISHED)
    assert np.all(tight.status == Status.FINISHED)
    pain = tight.outputs[:, -1, 0]
    assert pain.min() < 2.0 < 5.0 < pain.max()  # both fates are there
    changed = np.abs(usual.outputs - tight.outputs).max(axis=(1, 2)) > 1.0
    assert changed.mean() <= MOST_CHANGED
