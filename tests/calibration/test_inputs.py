"""What can move a target is read off the equations; moving everything else moves no target."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.arms import Arms, prepare_arms
from calor.calibration.inputs import inputs_of
from calor.calibration.simulator import CohortSizes, SummarySimulator
from calor.calibration.studies import FittedStudies, load_studies
from calor.calibration.targets import Target, load_targets
from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.engine.batch import Options
from calor.model.disease import load_disease
from calor.model.rivals import Rival, load_rivals

KEPT = (
    "goebel-2010",
    "kalita-2006",
    "manning-2014",
    "munts-2010",
    "dirckx-2013",
    "b08-igm-early",
    "b08-igm-late",
    "b08-igm-recovered",
)


def simulator_of(rival: Rival) -> SummarySimulator:
    everything = load_studies("product")
    kept = tuple(study for study in everything.studies if study.id in KEPT)
    cohorts = {study.cohort: everything.cohorts[study.cohort] for study in kept}
    studies = FittedStudies(cohorts, kept)
    ids = {each.id for study in kept for each in study.targets}
    targets = tuple(
        target for target in load_targets("product") if target.kind == "untreated" or target.id in ids
    )
    return SummarySimulator(
        targets, studies, prepare_arms(studies, load_disease()), rival, CohortSizes(150, 60),
        Stream(1), Options(1e-6, 1e-8, threads=1), Silent(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def simulator() -> SummarySimulator:
    return simulator_of(load_rivals()[0])


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
    assert "oedema_from_disuse" in inputs_of(target(simulator, "kalita-2006-contrast"), arms)
    assert "tnf_quantification_limit" in inputs_of(target(simulator, "tnf-median"), arms)
    assert "il6_rise" not in inputs_of(target(simulator, "tnf-median"), arms)


def test_a_rival_cuts_what_it_leaves_without_effect(simulator: SummarySimulator) -> None:
    arms, fact = simulator.arms, target(simulator, "iasp-12-months")
    rivals = {rival.name: set(inputs_of(fact, arms, rival.sets)) for rival in load_rivals()}
    free = set(inputs_of(fact, arms))
    assert all(found < free for found in rivals.values())
    assert "pain_from_antibody" in rivals["central-igg"] - rivals["central-none"]
    assert {"plasma_cell_rate", "consolidation_rate"} <= rivals["central-igg"]
    assert "plasma_cell_rate" not in rivals["central-igm"]
    assert not {"consolidation_loss_rate", "central_refill"} & rivals["peripheral-igg"]
    ivig = target(simulator, "goebel-2010-contrast")
    assert "ivig_fc_gamma_blockade_potency" in inputs_of(ivig, arms, load_rivals()[0].sets)


@pytest.mark.parametrize("place", [0, 5])
def test_what_is_not_an_input_moves_no_target(place: int) -> None:
    rival = load_rivals()[place]
    simulator = simulator_of(rival)
    names = simulator.names
    groups: dict[frozenset[str], list[int]] = {}
    for index, each in enumerate(simulator.targets):
        groups.setdefault(frozenset(inputs_of(each, simulator.arms, rival.sets)), []).append(index)
    base = simulator(np.zeros((1, len(names))), seed=0)[0]
    assert np.isfinite(base).mean() > 0.9  # a small cohort may hold too few people under a rival
    moved = np.zeros(len(base), dtype=bool)
    for found, places in groups.items():
        point = np.array([[0.0 if name in found else 1.5 for name in names]])
        values = simulator(point, seed=0)[0]
        # the solver takes other steps; a share changes when one person crosses a threshold by that
        assert values[places] == pytest.approx(base[places], abs=0.02, nan_ok=True)
        moved |= np.abs(values - base) > 0.02
    assert moved.mean() > 0.75
