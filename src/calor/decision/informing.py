"""How a study bears on an effect that is asked for: it measures it, or tells of it through the model."""

from __future__ import annotations

from calor.decision.candidates.candidate import Candidate
from calor.decision.questions.reading import AskedEffect
from calor.study import Protocol
from calor.study.comparisons import Comparison
from calor.trial.protocols.layout import layout_of

DIRECTLY = "directly"
RESPONDERS = "those who respond to its run-in"


def informs(candidate: Candidate, effect: AskedEffect | None) -> str | None:
    """Return how a candidate bears on the effect that is asked for, None where rivals are.

    `directly`, where one of its comparisons is the one asked for, in the same people by the same outcome;
    else `through the model`, with what is other.
    """
    if effect is None:
        return None
    trial, asked = candidate.protocol, effect.protocol
    if trial is None:
        return "through the model: it treats nobody"
    other = []
    if trial.design.run_in != asked.design.run_in:
        other.append("other people" if trial.design.run_in is None else f"other people, {RESPONDERS}")
    elif trial.population != asked.population:
        other.append("other people")
    compared = {_given(trial, each) for each in layout_of(trial).comparisons}
    if _given(asked, effect.comparison) not in compared:
        other.append("another comparison of treatments")
    if trial.endpoint != asked.endpoint:
        other.append("another outcome")
    return f"through the model: {'; '.join(other)}" if other else DIRECTLY


def _given(trial: Protocol, comparison: Comparison) -> frozenset[tuple[tuple[tuple[str, str], ...], float]]:
    """Return what a comparison weighs: the treatments of each arm that counts in it, and its weight."""
    return frozenset(
        (tuple((given.drug, given.regimen) for given in arm.treatments), weight)
        for arm, weight in zip(trial.arms, comparison.weights, strict=True)
        if weight
    )
