"""What a further study adds to every part of a fit, with a summary that is a function of the draw alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calor.calibration.batches import Batches
from calor.calibration.fit import FitSettings, RivalFit
from calor.calibration.gaussian import Gaussian
from calor.calibration.problem import Observations
from calor.calibration.update import Further, updated
from calor.calibration.weights import Weights
from calor.core.arrays import Numbers
from calor.core.progress import SILENT
from calor.core.streams import Stream
from calor.store.pieces import Pieces

DRAWS = 40
STREAM = Stream(4)
OBSERVED = Observations(np.array([0.5, -0.2]), np.array([0.3, 0.4]), np.zeros(2), np.zeros(2, dtype=bool))


def a_fit() -> RivalFit:
    def numbers(name: str, *shape: int) -> Numbers:
        return STREAM.child(name).normals(*shape)

    shares = np.arange(1.0, DRAWS + 1)
    return RivalFit(
        rival="some",
        draws=numbers("draws", DRAWS, 2),
        summaries=numbers("summaries", DRAWS, 3),
        weights=Weights(shares / shares.sum()),
        left_out=2,
        linearised=Gaussian(np.array([0.1, 0.2]), np.diag([0.5, 0.25])),
        log_evidence=-7.0,
        evidence_of_starts=np.array([-7.2, -6.9]),
        means_of_starts=numbers("means", 2, 3),
        terms=numbers("terms", DRAWS, 3),
        emulator_variance=np.array([0.1, 0.2, 0.3]),
        log_likelihood_fitted=numbers("fitted", DRAWS, 1)[:, 0],
        log_likelihood_fresh=numbers("fresh", DRAWS, 1)[:, 0],
    )


def simulated(scores: Numbers, seed: int) -> Numbers:
    """The second score of the fit doubled, and the new score; nothing where the former is above 1."""
    values = np.column_stack([2 * scores[:, 0], scores[:, 1]])
    values[scores[:, 0] > 1.0] = np.nan
    return values


def test_every_part_knows_the_further_study(tmp_path: Path) -> None:
    fit = a_fit()
    further = Further(OBSERVED, simulated, ("b", "new"))
    batches = Batches(16, Pieces.in_folder(tmp_path, "f"), SILENT)
    found = updated(fit, ("a", "b"), further, FitSettings(repeats=5), batches)

    kept = fit.draws[:, 1] <= 1.0
    assert 0 < kept.sum() < DRAWS
    assert found.left_out == 2 + (~kept).sum()
    assert np.array_equal(found.draws[:, :2], fit.draws[kept])
    new = found.draws[:, 2]
    assert found.draws.shape == (kept.sum(), 3)
    assert abs(new.mean()) < 4 / np.sqrt(len(new))
    assert new.std() == pytest.approx(1.0, abs=0.5)
    assert np.array_equal(found.summaries[:, :3], fit.summaries[kept])
    summaries = np.column_stack([2 * fit.draws[kept, 1], new])
    assert np.array_equal(found.summaries[:, 3:], summaries)

    terms = OBSERVED.log_likelihoods(summaries, np.zeros(2))  # the same draw shows the same twice: no noise
    assert np.array_equal(found.terms[:, :3], fit.terms[kept])
    assert found.terms[:, 3:] == pytest.approx(terms)
    both = terms.sum(axis=1)
    raw = fit.weights.shares[kept] * np.exp(both)
    assert found.weights.shares == pytest.approx(raw / raw.sum())
    gained = np.log(raw.sum())
    assert found.log_evidence == pytest.approx(-7.0 + gained)
    assert found.evidence_of_starts == pytest.approx(fit.evidence_of_starts + gained)
    assert found.log_likelihood_fitted == pytest.approx(fit.log_likelihood_fitted[kept] + both)
    assert found.log_likelihood_fresh == pytest.approx(fit.log_likelihood_fresh[kept] + both)

    assert found.means_of_starts.shape == (2, 5)
    assert np.array_equal(found.means_of_starts[:, :3], fit.means_of_starts)
    assert np.isnan(found.means_of_starts[:, 3:]).all()
    assert found.emulator_variance.tolist() == [0.1, 0.2, 0.3, 0.0, 0.0]
    assert found.linearised.mean.tolist() == [0.1, 0.2, 0.0]
    assert np.array_equal(found.linearised.covariance, np.diag([0.5, 0.25, 1.0]))
    assert found.rival == "some"


def test_new_scores_are_the_prior_s_and_differ_by_name_and_rival(tmp_path: Path) -> None:
    def new(names: tuple[str, ...], folder: str) -> Numbers:
        further = Further(OBSERVED, lambda scores, seed: np.zeros((len(scores), 2)), ("b", *names))
        batches = Batches(16, Pieces.in_folder(tmp_path / folder, "f"), SILENT)
        return updated(a_fit(), ("a", "b"), further, FitSettings(repeats=5), batches).draws[:, 2:]

    both, one = new(("x", "y"), "both"), new(("y",), "one")
    assert np.array_equal(both[:, 1], one[:, 0])
    assert not np.array_equal(both[:, 0], both[:, 1])
