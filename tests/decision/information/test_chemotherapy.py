"""The chemotherapy decision of R's voi: EVPI to the last digit, EVPPI within 0.5 % of its GAM."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from calor.decision.information.decision import Decision
from calor.decision.information.draws import Draws
from calor.decision.information.order import check_order
from calor.decision.information.partial import evppi
from calor.decision.information.perfect import evpi
from calor.decision.information.regression import predicted_by_forest, predicted_from
from calor.decision.information.resampling import Resamples, resample
from tests.decision.information.chemotherapy import sample

ORACLE = json.loads((Path(__file__).parents[2] / "oracles" / "voi.json").read_text())


@pytest.fixture(scope="module")
def chemotherapy() -> tuple[Draws, Decision, Resamples]:
    drawn = sample()
    gain = drawn.net_benefit[:, 1] - drawn.net_benefit[:, 0]
    scores = (drawn.side_effects - drawn.side_effects.mean(axis=0)) / drawn.side_effects.std(axis=0)
    draws = Draws(
        quantity=np.repeat(gain[:, None], 2, axis=1),
        rival=np.zeros(len(gain), dtype=np.int64),
        rivals=("the model",),
        weights=np.full(len(gain), 1 / len(gain)),
        scores=scores,
        parameters=("p_side_effects_t1", "p_side_effects_t2"),
    )
    decision = Decision(("standard", "novel"), np.repeat(drawn.net_benefit[:, None, :], 2, axis=1))
    return draws, decision, resample(draws, seed=1, count=50)


def test_the_value_of_perfect_information_is_that_of_the_package(chemotherapy) -> None:
    assert evpi(*chemotherapy).value == pytest.approx(ORACLE["evpi"], abs=5e-5)


@pytest.mark.parametrize("names", ORACLE["evppi"])
def test_the_value_of_knowing_parameters_is_within_half_a_per_cent(chemotherapy, names) -> None:
    draws, decision, resamples = chemotherapy
    known = evppi(draws, decision, names.split(", "), resamples, seed=1)
    assert known.value == pytest.approx(ORACLE["evppi"][names], rel=0.005)
    check_order(known, evpi(draws, decision, resamples))


def test_a_forest_in_sample_invents_information_and_one_out_of_bag_does_not(chemotherapy) -> None:
    """Trap 4, on the first 3,000 draws: what splines and R's GAM agree on is what both are held against."""
    draws, decision, _ = chemotherapy
    few = 3_000
    fewer = replace(
        draws,
        quantity=draws.quantity[:few],
        rival=draws.rival[:few],
        weights=np.full(few, 1 / few),
        scores=draws.scores[:few, 1:],
        parameters=draws.parameters[1:],
    )
    gain = decision.gains.mean(axis=1)[:few]

    def worth(predicted: np.ndarray) -> float:
        return float(np.maximum(predicted, 0.0).mean() - max(0.0, predicted.mean()))

    in_sample = RandomForestRegressor(50, min_samples_leaf=5, random_state=1).fit(fewer.scores, gain[:, 0])
    splines = worth(predicted_from(fewer, fewer.scores, gain, seed=1))
    assert worth(in_sample.predict(fewer.scores)) > 1.05 * splines
    assert 0.85 * splines < worth(predicted_by_forest(fewer.scores, gain, fewer, seed=1)) < 1.01 * splines
