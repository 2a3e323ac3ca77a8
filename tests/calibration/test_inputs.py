"""What can move a target is read off the equations; moving everything else moves no target."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.arms import Arms, prepare_arms
from calor.calibration.inputs import inputs_of
from calor.calibration.simulator import CohortSizes, SummarySimulator
from calor.calibration.studies import load_studies
from calor.calibration.targets import Target, load_targets
from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.engine.batch import Options
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals

KEPT = ("goebel-2010", "kalita-2006", "manning-2014", "munts-2010", "dirckx-2013", "B08")


@pytest.fixture(scope="module")
def simulator() -> SummarySimulator:
    everything = load_studies("product")
    kept = tuple(study for study in everything.studies if study.study in KEPT)
    cohorts = {study.cohort: everything.cohorts[study.cohort] for study in kept}
    studies = everything.model_copy(update={"cohorts": cohorts, "studies": kept})
    ids = {item.id for study in kept for item in study.items}
    targets = tuple(
        target for target in load_targets("product") if target.kind == "untreated" or target.id in ids
    )
    return SummarySimulator(
        targets, studies, prepare_arms(studies, load_disease()), load_rivals()[0], CohortSizes(150, 60),
        Stream(1), Options(1e-6, 1e-8, threads=1), Silent(),
    )  # fmt: skip


def target(simulator: SummarySimulator, name: str) -> Target:
    return next(each for each in simulator.targets if each.id == name)


def test_an_untreated_fact_depends_on_disease_and_measurement_alone(simulator: SummarySimulator) -> None:
    arms: Arms = simulator.arms
    drugs = {drug for each in simulator.targets for drug in each.drugs}
    assert len(drugs) == 6
    for each in simulator.targets:
        found = inputs_of(each, arms)
        of_drugs = {drug for drug in drugs if any(name.startswith(drug.replace("-", "_")) for name in found)}
        assert of_drugs == set(each.drugs)
        assert set(found) <= {row.identifier for row in arms.table.uncertain}


def test_blinded_treatment_moves_what_is_measured_and_not_what_is_true(simulator: SummarySimulator) -> None:
    arms = simulator.arms
    assert "placebo_shift" in inputs_of(target(simulator, "manning-placebo-responders"), arms)
    assert "placebo_shift" not in inputs_of(target(simulator, "goebel-2010-contrast"), arms)
    assert "cooling_gain" not in inputs_of(target(simulator, "goebel-2010-contrast"), arms)
    assert "cooling_gain" in inputs_of(target(simulator, "temperature-mean"), arms)
    assert "oedema_rate" in inputs_of(target(simulator, "kalita-2006-contrast"), arms)
    assert "tnf_quantification_limit" in inputs_of(target(simulator, "tnf-median"), arms)
    assert "il6_rise" not in inputs_of(target(simulator, "tnf-median"), arms)


def test_what_is_not_an_input_moves_no_target(simulator: SummarySimulator) -> None:
    names = simulator.names
    groups: dict[frozenset[str], list[int]] = {}
    for place, each in enumerate(simulator.targets):
        groups.setdefault(frozenset(inputs_of(each, simulator.arms)), []).append(place)
    points = np.zeros((1 + len(groups), len(names)))
    for row, found in enumerate(groups, start=1):
        points[row] = [0.0 if name in found else 1.5 for name in names]
    values = simulator(points, seed=0).values
    assert np.all(np.isfinite(values[0]))
    for row, places in enumerate(groups.values(), start=1):
        # the solver takes other steps; a share changes when one person crosses a threshold by that
        assert values[row, places] == pytest.approx(values[0, places], abs=0.02)
    moved = np.abs(values[1:] - values[0]) > 0.02
    assert moved.any(axis=0).mean() > 0.85
