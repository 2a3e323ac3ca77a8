"""Weights, checkpoints and posterior files say what they hold, and come back as they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calor.calibration.fit import RivalFit
from calor.calibration.gaussian import Gaussian
from calor.calibration.report import calibration_document, rival_weights
from calor.calibration.targets import load_targets, observations_of
from calor.calibration.weights import Weights
from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.population.posterior import Posterior, read_posterior, write_posterior
from calor.store.pieces import Pieces

TARGETS = load_targets()[:3]
NAMES = ("glial_gain", "tnf_weight")


def fit(rival: str, evidence: float, apart: float = 0.2) -> RivalFit:
    observed = np.array([target.observed for target in TARGETS])
    summaries = np.stack([observed, observed + 0.2])
    return RivalFit(
        rival=rival,
        draws=np.array([[0.5, -1.0], [1.0, 1.0]]),
        summaries=summaries,
        weights=Weights(np.array([0.25, 0.75])),
        left_out=1,
        linearised=Gaussian(np.array([0.9, -0.1]), np.diag([0.25, 1.0])),
        log_evidence=evidence,
        evidence_of_starts=np.array([evidence - apart / 2, evidence + apart / 2]),
        means_of_starts=np.stack([observed, observed + 0.1]),
        terms=observations_of(TARGETS).log_likelihoods(summaries, np.full(3, 0.02)),
        emulator_variance=np.full(3, 0.01),
        log_likelihood_fitted=np.array([-3.0, -2.0]),
        log_likelihood_fresh=np.array([-4.0, -3.0]),
    )


def test_moments_are_those_of_the_weighted_draws() -> None:
    found = fit("a", -10.0)
    assert found.mean == pytest.approx([0.875, 0.5])
    assert found.posterior_sd == pytest.approx(np.sqrt(0.25 * 0.75) * np.array([0.5, 2.0]))


def test_rivals_weigh_the_same_whatever_a_single_fit_says_of_them() -> None:
    assert rival_weights([fit("a", -10.0), fit("b", -10.0 - np.log(3))]) == {"a": 0.5, "b": 0.5}
    document = calibration_document([fit("a", -10.0), fit("b", -12.0)], TARGETS, NAMES)
    assert document["weights_rule"].startswith("equal")


def test_the_report_checks_every_target_and_says_what_was_learnt() -> None:
    document = calibration_document([fit("a", -1.0), fit("b", -1.0)], TARGETS, NAMES)
    first = document["targets"][0]
    assert first["predicted_mean"] == pytest.approx(TARGETS[0].observed + 0.15)
    spread2 = 0.25 * 0.75 * 0.2**2
    assert first["z"] == pytest.approx(-0.15 / np.sqrt(TARGETS[0].variance + spread2))
    assert first["between_starts"] == pytest.approx(0.1)
    assert first["log_likelihood_by_rival"]["b"] == pytest.approx([0.25, 0.75] @ fit("b", -1.0).terms[:, 0])
    assert document["mean_squared_z"] == pytest.approx(
        np.mean([target["z"] ** 2 for target in document["targets"]])
    )
    learnt = {row["name"]: row["learnt"] for row in document["parameters"]}
    assert learnt == {"glial_gain": True, "tnf_weight": True}


def test_the_report_says_what_every_effect_rests_on() -> None:
    effect = replace(TARGETS[0], kind="contrast_mean", study_id="trial")
    document = calibration_document([fit("a", -1.0)], (effect, *TARGETS[1:]), NAMES)
    (row,) = document["sensitivity"]
    assert row["target"] == effect.id
    by_study = {each["study"]: each for each in row["without"]}
    assert set(by_study) == {"trial", *(target.study_id for target in TARGETS[1:])}
    assert by_study["trial"]["change"] is None, "two draws cannot tell"
    assert np.isfinite([row["prior_power"], row["likelihood_power"]]).all()


def test_a_target_known_only_as_not_significant_has_no_z() -> None:
    targets = (replace(TARGETS[0], likelihood="nonsignificant"), *TARGETS[1:])
    document = calibration_document([fit("a", -1.0)], targets, NAMES)
    assert document["targets"][0]["z"] is None


def test_a_checkpoint_is_made_once_and_another_fingerprint_is_not_read(tmp_path: Path) -> None:
    made = []

    def make() -> dict[str, Numbers]:
        made.append(1)
        return {"values": np.array([len(made), np.nan])}

    for _ in range(2):
        kept = Pieces.in_folder(tmp_path, "one").under("a").kept("piece", make)
        assert kept["values"][0] == 1
    assert Pieces.in_folder(tmp_path, "two").under("a").kept("piece", make)["values"][0] == 2


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
