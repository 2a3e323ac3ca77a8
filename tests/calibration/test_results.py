"""Weights, checkpoints and posterior files say what they hold, and come back as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calor.calibration.checkpoints import Checkpoints
from calor.calibration.fit import RivalFit
from calor.calibration.gaussian import Gaussian
from calor.calibration.importance import WeightedDraws
from calor.calibration.report import calibration_document, rival_weights
from calor.calibration.targets import load_targets
from calor.core.errors import InputError
from calor.population.posterior import Posterior, read_posterior, write_posterior

TARGETS = load_targets()[:3]
NAMES = ("glial_gain", "tnf_weight")


def fit(rival: str, evidence: float, error: float = 0.1, tail: float = 0.3) -> RivalFit:
    observed = np.array([target.observed for target in TARGETS])
    draws = WeightedDraws(
        points=np.array([[0.5, -0.5], [1.0, 0.0]]),
        weights=np.array([0.25, 0.75]),
        log_likelihood=np.array([-3.0, -2.0]),
        log_evidence=evidence,
        log_evidence_error=error,
        effective_size=1.6,
        tail_shape=tail,
    )
    summaries = np.stack([observed, observed + 0.2])
    approximation = Gaussian(np.array([0.9, -0.1]), np.diag([0.25, 1.0]))
    return RivalFit(rival, NAMES, approximation, draws, summaries, np.full(3, 0.01), -2.0, -4.0)


def test_weights_follow_a_repeatable_evidence() -> None:
    weights, rule = rival_weights([fit("a", -10.0), fit("b", -10.0 - np.log(3))])
    assert weights == pytest.approx({"a": 0.75, "b": 0.25})
    assert rule == "by evidence"


@pytest.mark.parametrize(
    "doubtful", [fit("b", 0.0, error=0.6), fit("b", 0.0, tail=0.9), fit("b", 0.0, tail=np.inf)]
)
def test_weights_are_equal_where_the_evidence_is_not_repeatable(doubtful: RivalFit) -> None:
    weights, rule = rival_weights([fit("a", -10.0), doubtful])
    assert weights == {"a": 0.5, "b": 0.5}
    assert rule.startswith("equal")


def test_the_report_checks_every_target_and_says_what_was_learnt() -> None:
    document = calibration_document([fit("a", -1.0), fit("b", -1.0)], TARGETS)
    first = document["targets"][0]
    assert first["predicted_mean"] == pytest.approx(TARGETS[0].observed + 0.15)
    spread2 = 0.25 * 0.75 * 0.2**2
    assert first["z"] == pytest.approx(-0.15 / np.sqrt(TARGETS[0].variance + spread2))
    learnt = {row["name"]: row["learnt"] for row in document["parameters"]}
    assert learnt == {"glial_gain": True, "tnf_weight": False}


def test_a_checkpoint_comes_back_and_another_fingerprint_is_not_read(tmp_path: Path) -> None:
    kept = fit("a", -7.5)
    Checkpoints(tmp_path, "one").save(kept)
    back = Checkpoints(tmp_path, "one").load("a")
    assert back is not None
    assert back.draws.log_evidence == -7.5
    assert np.array_equal(back.summaries, kept.summaries)
    assert back.names == NAMES
    assert Checkpoints(tmp_path, "two").load("a") is None
    assert Checkpoints(tmp_path, "one").load("b") is None


def test_a_posterior_comes_back_from_its_file(tmp_path: Path) -> None:
    draws = np.array([[0.5, -1.0], [1.5, 0.0], [-0.5, 1.0]])
    written = Posterior(NAMES, {"a": draws, "b": draws + 1}, {"a": 0.4, "b": 0.6}, {"seed": 3})
    write_posterior(tmp_path / "posterior.parquet", written)
    back = read_posterior(tmp_path / "posterior.parquet")
    assert back.names == NAMES
    assert back.weights == written.weights
    assert back.made_of == {"seed": 3}
    assert np.allclose(back.draws["b"], draws + 1)


@pytest.mark.parametrize("content", [b"", b"not parquet"])
def test_a_file_that_is_no_posterior_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "posterior.parquet"
    with pytest.raises(InputError, match="no such file"):
        read_posterior(path)
    path.write_bytes(content)
    with pytest.raises(InputError, match="is not a Parquet file"):
        read_posterior(path)
