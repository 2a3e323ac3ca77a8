"""Which people are simulated for what in a fit, and what its parts say of a linear problem."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from importlib.resources import files

import numpy as np
import pytest

from calor.calibration.fit import FitSettings, RivalFit, RivalFitter
from calor.calibration.gaussian import Gaussian
from calor.calibration.simulator import CohortSizes
from calor.calibration.weights import Weights
from calor.core.arrays import Numbers
from calor.core.progress import SILENT
from calor.store.pieces import Pieces
from tests.calibration.linear_problem import EXACT, JACOBIAN, OBSERVATIONS, OFFSET, PROBLEM, TARGETS, simulate

SETTINGS = FitSettings(
    starts=2, prior_points=50, round_points=30, rounds=2, joint_points=25, batch=20, repeats=15,
    particles=300, moves=3, draws=45, sizes=CohortSizes(100, 10), fresh_sizes=CohortSizes(100, 10),
)  # fmt: skip
Calls = list[tuple[int, int]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[RivalFit, Calls, Calls, Calls]:
    training: Calls = []
    same_people: Calls = []
    fresh: Calls = []

    def watched(calls: Calls) -> object:
        def simulator(scores: Numbers, seed: int) -> Numbers:
            calls.append((seed, len(scores)))
            return simulate(scores, seed)

        return simulator

    problem = replace(PROBLEM, simulate=watched(training))  # type: ignore[arg-type]
    pieces = Pieces.in_folder(tmp_path_factory.mktemp("fit"), "f")
    others = [watched(same_people), watched(fresh)]
    fitter = RivalFitter("linear", problem, *others, SETTINGS, pieces, SILENT)  # type: ignore[arg-type]
    return fitter.fit(), training, same_people, fresh


def test_virtual_people_are_numbered_by_start_round_and_batch(
    found: tuple[RivalFit, Calls, Calls, Calls],
) -> None:
    """Start x 10,000, plus round x 100, plus the batch; repeats from 9,000, the joint round from 7,000, a
    place and its neighbours in each of 12 scores at 8,000 (the prior's mean) and 8,001 (the posterior's).
    """
    _, training, same_people, fresh = found
    starts = [
        (first + seed, size)
        for first in (0, 10_000)
        for seed, size in ((0, 20), (1, 20), (2, 10), (100, 20), (101, 10), (200, 20), (201, 10))
    ]
    assert training == [*starts, (9_000, 15), (7_000, 20), (7_001, 5)]
    assert same_people == [(8_000, 13), (8_001, 13)]
    assert fresh == [(5_000, 20), (5_001, 20), (5_002, 5)]


def test_the_starts_say_what_the_whole_says(found: tuple[RivalFit, Calls, Calls, Calls]) -> None:
    fit, *_ = found
    expected = OFFSET + JACOBIAN @ EXACT.mean
    spread = np.sqrt(np.diag(JACOBIAN @ EXACT.covariance @ JACOBIAN.T))
    assert fit.means_of_starts.shape == (2, TARGETS)
    assert np.abs((fit.means_of_starts - expected) / spread).max() < 0.5
    assert fit.evidence_of_starts == pytest.approx(fit.log_evidence, abs=1.0)


def test_a_draw_is_judged_by_what_fresh_people_show_at_it(
    found: tuple[RivalFit, Calls, Calls, Calls],
) -> None:
    fit, *_ = found
    assert fit.draws.shape[0] == 45
    assert np.abs(fit.summaries - (OFFSET + fit.draws @ JACOBIAN.T)).max() < 0.6  # six SDs of the noise
    least = OBSERVATIONS.log_likelihood(fit.summaries, fit.emulator_variance + 0.01)
    assert np.corrcoef(least, fit.log_likelihood_fresh)[0, 1] > 0.99
    assert fit.terms.sum(axis=1) == pytest.approx(fit.log_likelihood_fitted, abs=1.0)


def fit_of(evidences: list[float]) -> RivalFit:
    none = np.zeros((2, 2))
    return RivalFit(
        "some", np.array([[1.0, 5.0], [3.0, -1.0]]), none, Weights(np.array([0.25, 0.75])), 0,
        Gaussian(np.zeros(2), np.eye(2)), 0.0, np.array(evidences), none, none,
        np.zeros(2), np.zeros(2), np.zeros(2),
    )  # fmt: skip


def test_moments_are_weighted() -> None:
    fit = fit_of([-7.0, -7.5, -6.8])
    assert fit.mean == pytest.approx([2.5, 0.5])
    assert fit.posterior_sd == pytest.approx([np.sqrt(0.75), np.sqrt(0.1875) * 6])


def test_steps_that_progress_counts() -> None:
    """Two places with 30 neighbours each: 2 batches of 20. Each start: 3 batches and, in 2 rounds, 2 batches
    and a sample. What they share: a sample and 2 batches; a sample, 1 batch and 3; three samples for
    evidence.
    """
    assert SETTINGS.steps(30) == 2 * 2 + 2 * (3 + 2 * (2 + 1)) + (1 + 2) + (1 + 1 + 3) + 3
    assert SETTINGS.further_steps == 1 + 3
    assert FitSettings.quick(7).seed == 7
    assert FitSettings.quick(1).steps(100) < FitSettings().steps(100) / 2


@pytest.mark.parametrize("name", ["validation", "product"])
def test_the_standard_settings_are_those_of_the_posteriors_that_ship(name: str) -> None:
    """Whoever fits again without options gets the fit that ships."""
    report = json.loads((files("calor.population.posteriors") / f"{name}.json").read_text())
    assert asdict(FitSettings()) == report["made_of"]["settings"]


def test_a_quick_fit_takes_one_batch_for_each_thing_that_a_fit_does() -> None:
    quick = FitSettings.quick(1)
    for points in (quick.prior_points, quick.round_points, quick.joint_points, quick.repeats, quick.draws):
        assert 0 < points <= quick.batch
    assert quick.prior_points == quick.joint_points == quick.draws == quick.batch
    assert (quick.starts, quick.rounds, quick.repeats) == (2, 1, 2)  # two each: enough to differ
    assert quick.sizes == quick.fresh_sizes
    assert quick.sizes.injuries < FitSettings().sizes.injuries
    assert quick.sizes.candidates < FitSettings().sizes.candidates
