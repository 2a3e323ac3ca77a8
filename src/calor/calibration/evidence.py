"""The evidence of one rival, by emulators that have also learnt from what fresh people showed.

The evidence is an integral over the posterior, so an error of the emulator's level there goes straight into
it; and a posterior goes where its emulator errs in its favour, so the emulator that led the draws puts it too
high. The fresh people lie just there and owe nothing to that emulator: one that learns from them too has
little of either error left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from calor.calibration.problem import Problem
from calor.calibration.sampling import Sample
from calor.calibration.surrogate import Surrogate, Training
from calor.core.arrays import Numbers

Sampler = Callable[[str, Surrogate], Sample]
"""What samples a surrogate's posterior, under the name by which the sample is kept."""


@dataclass(frozen=True)
class Evidence:
    """A log evidence, that by each start (n_starts,), and each start's mean of the summaries."""

    whole: float
    of_starts: Numbers
    means_of_starts: Numbers


def evidence_of(
    problem: Problem,
    parts: Sequence[Training],
    last: Training,
    fresh: Training,
    relevant: Numbers,
    noises: tuple[Numbers, Numbers],
    sampled: Sampler,
) -> Evidence:
    """Return the evidence by all points, and by each start.

    Each start takes its own points and its share of those in common: no virtual person speaks for two
    starts, so what they disagree in is real.

    Arguments: the problem; each start's points; those of the last round, and the draws with what fresh people
    showed, which starts have in common; the relevance of the scores; the Monte Carlo variance of a summary in
    training and on fresh people (n_targets,) each; and the sampler.
    """
    count = len(parts)
    shares = [
        Training.joined([part, last.share(start, count), fresh.share(start, count)])
        for start, part in enumerate(parts)
    ]
    everything = Training.joined(shares)
    fresh_share = len(fresh.points) / everything.near.sum()
    noise = (1 - fresh_share) * noises[0] + fresh_share * noises[1]
    evidences, means = [], []
    for start, share in enumerate(shares):
        surrogate = Surrogate.of(problem, share, noise, relevant)
        found = sampled(f"evidence-{start}", surrogate)
        evidences.append(found.log_evidence)
        means.append(surrogate.predict(found.points)[0].mean(axis=0))
    whole = sampled("evidence", Surrogate.of(problem, everything, noise, relevant))
    return Evidence(whole.log_evidence, np.array(evidences), np.array(means))
