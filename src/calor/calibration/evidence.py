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
from calor.calibration.surrogate import Drawn, Trained, Training, when_needed
from calor.core.arrays import Numbers

Sampler = Callable[[str, Trained], Drawn]
"""What draws of a surrogate's posterior, under the name by which the draws are kept."""


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
    of_starts = [
        sampled(f"evidence-{start}", when_needed(problem, share, noise, relevant))
        for start, share in enumerate(shares)
    ]
    whole = sampled("evidence", when_needed(problem, everything, noise, relevant))
    return Evidence(
        whole.sample.log_evidence,
        np.array([each.sample.log_evidence for each in of_starts]),
        np.array([each.mean for each in of_starts]),
    )
