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
SHIFT, REPEATS = 3.0, 8


def points(name: str, count: int, near: bool, seed: int = 6) -> Numbers:
    normals = Stream(seed).child(name).normals(count, SCORES)
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


def bent(scores: Numbers, seed: int) -> Numbers:
    """A summary that bends away near the posterior: points of the prior hardly show it, fresh people do."""
    values = simulate(scores, seed)
    distance = ((scores - EXACT.mean) ** 2).sum(axis=1)
    values[:, 3] += SHIFT * np.exp(-distance / SCORES)
    return values


def without_and_with_fresh_people(seed: int) -> tuple[float, float]:
    """The log evidence by an emulator of the prior's points, and by one that fresh people corrected."""
    prior, near = points("prior", 120, near=False, seed=seed), points("near", 80, near=True, seed=seed)
    part = Training(prior, bent(prior, 10 * seed), np.zeros(120, dtype=bool))
    fresh = Training.drawn(near, bent(near, 10 * seed + 1))
    nothing = Training.drawn(near[:0], bent(near[:0], 0))
    before = sampled("before", when_needed(PROBLEM, part, NOISES[0], EQUAL)).sample.log_evidence
    return before, evidence_of(PROBLEM, [part], nothing, fresh, EQUAL, NOISES, sampled).whole


def test_fresh_people_correct_what_the_emulator_had_wrong_where_the_posterior_is() -> None:
    # The truth: an integral over the prior by brute force, without noise.
    many = points("many", 400_000, near=False)
    exact = PROBLEM.observations.log_likelihood(bent(many, 4), np.zeros(TARGETS))
    truth = float(np.log(np.exp(exact).mean()))
    errors = np.array([without_and_with_fresh_people(seed) for seed in range(REPEATS)]) - truth
    before, after = errors.mean(axis=0)
    noise = errors.std(axis=0, ddof=1) / np.sqrt(REPEATS)
    assert before > 3 * noise[0]
    assert abs(after) < 3 * noise[1]
    assert abs(after) < before
    assert errors[:, 1] == pytest.approx(0, abs=0.5)
