"""An emulator that erred in its posterior's favour puts the evidence too high; fresh people correct it."""

from __future__ import annotations

import numpy as np
import pytest

from calor.calibration.evidence import evidence_of
from calor.calibration.problem import Numbers
from calor.calibration.sampling import sample
from calor.calibration.surrogate import Drawn, Surrogate, Trained, Training, when_needed
from calor.core.progress import SILENT
from calor.core.streams import Stream
from tests.calibration.linear_problem import EVIDENCE, EXACT, NOISE, PROBLEM, SCORES, TARGETS, simulate

EQUAL = PROBLEM.inputs.astype(np.float64)
NOISES = (np.full(TARGETS, NOISE**2), np.full(TARGETS, NOISE**2 / 2))
SHIFT = 1.5


def points(name: str, count: int, near: bool) -> Numbers:
    normals = Stream(6).child(name).normals(count, SCORES)
    return EXACT.points(normals) if near else normals


def sampled(name: str, trained: Trained) -> Drawn:
    surrogate = trained()
    found = sample(
        surrogate.log_likelihood, surrogate.reference, SCORES, 600, 3, Stream(6).child("sample", name), SILENT
    )
    return Drawn.of(surrogate, found)


def test_the_evidence_is_the_exact_one_and_starts_have_no_point_in_common() -> None:
    surrogates: dict[str, Surrogate] = {}

    def watched(name: str, trained: Trained) -> Drawn:
        surrogates[name] = trained()
        return sampled(name, trained)

    parts = []
    for start in range(2):
        prior = points(f"start-{start}", 60, near=False)
        parts.append(Training(prior, simulate(prior, start), np.zeros(60, dtype=bool)))
    last, fresh = (
        Training.drawn(at := points(each, 40, near=True), simulate(at, 9)) for each in ("last", "fresh")
    )
    found = evidence_of(PROBLEM, parts, last, fresh, EQUAL, NOISES, watched)
    assert found.whole == pytest.approx(EVIDENCE, abs=0.3)
    assert found.of_starts == pytest.approx(EVIDENCE, abs=0.5)
    assert found.means_of_starts.shape == (2, TARGETS)
    sizes = {name: len(each.emulator.targets[0].centres) for name, each in surrogates.items()}
    assert sizes == {"evidence-0": 100, "evidence-1": 100, "evidence": 200}
    # Half of the points near the posterior are of fresh people.
    assert surrogates["evidence"].noise == pytest.approx(0.75 * NOISE**2)


def test_fresh_people_correct_what_the_emulator_had_wrong_where_the_posterior_is() -> None:
    """A summary that bends away near the posterior: points of the prior hardly show it, fresh people do."""

    def bent(scores: Numbers, seed: int) -> Numbers:
        values = simulate(scores, seed)
        distance = ((scores - EXACT.mean) ** 2).sum(axis=1)
        values[:, 3] += SHIFT * np.exp(-distance / SCORES)
        return values

    prior, near = points("prior", 120, near=False), points("near", 80, near=True)
    part = Training(prior, bent(prior, 1), np.zeros(120, dtype=bool))
    fresh = Training.drawn(near, bent(near, 2))
    before = sampled("before", when_needed(PROBLEM, part, NOISES[0], EQUAL)).sample.log_evidence
    nothing = Training.drawn(near[:0], bent(near[:0], 3))
    after = evidence_of(PROBLEM, [part], nothing, fresh, EQUAL, NOISES, sampled).whole
    # The truth: an integral over the prior by brute force, without noise.
    many = points("many", 400_000, near=False)
    exact = PROBLEM.observations.log_likelihood(bent(many, 4), np.zeros(TARGETS))
    truth = float(np.log(np.exp(exact).mean()))
    assert abs(after - truth) < abs(before - truth)
    assert after == pytest.approx(truth, abs=0.5)
