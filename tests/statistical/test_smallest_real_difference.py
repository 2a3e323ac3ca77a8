"""The severity score of unchanged patients scatters between visits as published (F03: 4.9 points)."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.streams import Stream
from calor.engine import compile_kernel
from calor.engine.batch import Options
from calor.engine.importers.sbml import system_of
from calor.evidence.findings import finding
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import load_rivals
from calor.model.sbml import sbml_of
from calor.population.items import examine
from calor.population.measurement import load_measurement
from calor.population.natural_history import NaturalHistory, live_untreated
from calor.population.patients import draw_patients
from calor.population.severity import meets_budapest_clinical, severity_score, smallest_real_difference
from calor.population.uncertainty import restricted

PUBLISHED = 4.9
N = 9000


@pytest.fixture(scope="module")
def history() -> NaturalHistory:
    disease = load_disease()
    table = ParameterTable((*disease.parameters.rows, *load_measurement().rows))
    middle = {row.identifier: np.array([row.value]) for row in table}
    by_rival = [restricted(middle, rival.sets) for rival in load_rivals()]
    worlds = {name: np.concatenate([world[name] for world in by_rival]) for name in middle}
    people = draw_patients(table, worlds, Stream(21), np.arange(N), np.arange(N) % len(by_rival))
    kernel = compile_kernel(system_of(sbml_of(disease.antimony())))
    return live_untreated(kernel, people, Stream(21), Options(rtol=1e-5, atol=1e-7))


def test_the_smallest_real_difference_is_the_published_one(history: NaturalHistory) -> None:
    visit = history.visits["persistent"]
    cases = meets_budapest_clinical(visit.items)
    people = history.patients
    scores = [
        severity_score(
            examine(
                visit.outputs, people.values, people.identifiers, Stream(21), Stream(21).child("again", k)
            )
        )[cases].astype(float)
        for k in (1, 2)
    ]
    found = smallest_real_difference(*scores)
    assert finding("F03").numbers["smallest_real_difference"].value == PUBLISHED
    # Monte Carlo error of an SD is SD / sqrt(2n); the published number has one decimal.
    assert found == pytest.approx(PUBLISHED, abs=3 * PUBLISHED / np.sqrt(2 * cases.sum()) + 0.05)
