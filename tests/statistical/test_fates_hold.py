"""The watershed between resolving and persisting: the tolerance must not decide on which side one ends."""

import numpy as np

from calor.core.streams import Stream
from calor.engine import compile_kernel
from calor.engine.batch import Batch, Options, Status
from calor.engine.calendar import Action, Calendar
from calor.engine.importers.sbml import system_of
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.model.sbml import sbml_of
from calor.population.patients import draw_patients
from calor.population.simulation import ACCURACY
from calor.therapy.compose import compose
from calor.therapy.library import load_drug

DAYS_PER_YEAR = 365.25
MOST_CHANGED = 0.001
"""The share of patients whose pain may differ by more than one point of the numeric rating scale."""


def compare(antimony: str, table: ParameterTable, n: int, days: list[float], calendar: Calendar) -> None:
    """Simulate patients as accurately as trials do and at a tight one; hold that few change their fate."""
    kernel = compile_kernel(system_of(sbml_of(antimony)))
    worlds = {parameter.identifier: np.array([parameter.value]) for parameter in table}
    numbers = np.arange(n)
    patients = draw_patients(table, worlds, Stream(20261122), numbers, np.zeros(n, dtype=np.int64))
    names = tuple(name for name in kernel.parameter_names if name in patients.values)
    values = patients.matrix(names)
    batch = Batch(np.array(days), ("pain_nrs",), names, values, calendars=(calendar,))
    usual = kernel.simulate(batch, ACCURACY)
    tight = kernel.simulate(batch, Options(rtol=1e-8, atol=1e-11))
    assert np.all(usual.status == Status.FINISHED)
    assert np.all(tight.status == Status.FINISHED)
    pain = tight.outputs[:, -1, 0]
    assert pain.min() < 2.0 < 5.0 < pain.max()  # both fates are there
    changed = np.abs(usual.outputs - tight.outputs).max(axis=(1, 2)) > 1.0
    assert changed.mean() <= MOST_CHANGED


def test_fates_do_not_depend_on_the_tolerance() -> None:
    disease = load_disease()
    days = [0.5 * DAYS_PER_YEAR, DAYS_PER_YEAR, 2 * DAYS_PER_YEAR]
    compare(disease.antimony(), disease.parameters, 8000, days, Calendar.empty())


def test_fates_do_not_depend_on_the_tolerance_under_daily_doses() -> None:
    disease = load_disease()
    treated = compose(disease, [load_drug("prednisolone")])
    doses = ((150.0 + day, Action.ADD, "prednisolone_oral_depot", 20.0 * (1 - day / 42)) for day in range(42))
    days = [192.0, DAYS_PER_YEAR, 2 * DAYS_PER_YEAR]
    compare(treated.antimony, disease.parameters, 1000, days, Calendar.of(*doses))
