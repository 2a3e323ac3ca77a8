"""The model's answer to a claim: estimate, interval, range over rivals, the prior's share, verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calor.core.progress import Progress
from calor.study import Endpoint, Protocol
from calor.trial.bank.basis import Basis
from calor.trial.bank.intervals import Interval
from calor.trial.bank.preparation import Prepared, prepare_trial
from calor.trial.bank.scenario import ResultStatus, Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.claims.quantities import (
    CellValues,
    Known,
    cell_values,
    less_is_better,
    unit_of_quantity,
)
from calor.trial.claims.questions import Quantity, Question, protocol_of, with_endpoint
from calor.trial.protocols.plan import Plan
from calor.trial.results.characteristics import power_by_rival, power_of
from calor.trial.results.monte_carlo import WithError
from calor.trial.results.over_cells import OverCells
from calor.trial.runs.stages import replicate, true_values

SURE = 0.9
"""A part is supported at this probability of a benefit that counts, contradicted at one less this."""

MOSTLY_PRIOR = 0.5
"""Where more than this share of an answer rests on the prior, the answer is undetermined."""

RULE = (
    f"a part is supported when the probability of a benefit of at least its margin is {SURE:g} or more, and "
    f"contradicted when it is {1 - SURE:.1g} or less (under every rival, unless data have weighed them); it "
    f"is undetermined between, where more than {MOSTLY_PRIOR:.0%} of it rests on the prior, and without a "
    "posterior. A claim that more must be learnt is supported where its part is undetermined. A claim stands "
    "as all its parts do; it is mixed when some are supported and others contradicted, else undetermined"
)


@dataclass(frozen=True)
class PartAnswer:
    """The answer to one part of a claim.

    Arguments: the quantity and its unit; whether less is better; the quantity over rivals and worlds; the
    rivals' means by name; the probability of a benefit of
    at least the margin, and the bounds that the verdict looks at; the share that rests on the prior; and the
    verdict.
    """

    quantity: Quantity
    unit: str
    less_is_better: bool
    effect: OverCells
    by_rival: dict[str, float]
    probability: float
    probability_bounds: Interval
    prior_share: float
    verdict: str


@dataclass(frozen=True)
class ClaimAnswer:
    """The answer to a claim.

    Arguments: its question, what it rests on, its parts, the verdict, its trial, and that trial's power over
    all and under each rival (None and empty without a posterior).
    """

    question: Question
    basis: Basis
    parts: tuple[PartAnswer, ...]
    verdict: str
    plan: Plan
    power: WithError | None
    power_by_rival: Mapping[int, float]


def answer(question: Question, settings: RunSettings, progress: Progress, scenario: Scenario) -> ClaimAnswer:
    """Return the model's answer to a claim, under the priors or a posterior.

    Under a posterior every trial is also simulated under the priors, to know the share that rests on them.
    """
    protocol = protocol_of(question.id)
    now = _values(question, protocol, settings, progress, scenario)
    before = now
    if scenario.posterior is not None:
        before = _values(question, protocol, settings, progress, Scenario())
    parts = tuple(
        _part(quantity, now.trials[quantity.endpoint], value, value_before, scenario)
        for quantity, value, value_before in zip(question.parts, now.values, before.values, strict=True)
    )
    verdict = overall([part.verdict for part in parts])
    return ClaimAnswer(
        question=question,
        basis=now.basis,
        parts=parts,
        verdict=verdict,
        plan=now.plan,
        power=now.power,
        power_by_rival=now.power_by_rival,
    )


@dataclass(frozen=True)
class _Run:
    """A claim's trial under one scenario: its plan, each part's values, what is known by endpoint, power."""

    plan: Plan
    basis: Basis
    values: list[CellValues]
    trials: dict[Endpoint | None, Known]
    power: WithError | None
    power_by_rival: Mapping[int, float]


def _values(
    question: Question, protocol: Protocol, settings: RunSettings, progress: Progress, scenario: Scenario
) -> _Run:
    own = prepare_trial(protocol, settings, progress, scenario)
    trials: dict[Endpoint | None, Known] = {None: _known(own)}
    for endpoint in {part.endpoint: None for part in question.parts if part.endpoint is not None}:
        other = prepare_trial(with_endpoint(protocol, endpoint), settings, progress, scenario)
        trials[endpoint] = _known(other)
    power: WithError | None = None
    by_rival: Mapping[int, float] = {}
    if scenario.posterior is not None:
        power, by_rival = _power(own, progress)
    values = [cell_values(part, trials[part.endpoint]) for part in question.parts]
    return _Run(own.plan, own.basis, values, trials, power, by_rival)


def _known(ready: Prepared) -> Known:
    return Known(ready.bank, true_values(ready), ready.rivals, ready.weights)


def _power(ready: Prepared, progress: Progress) -> tuple[WithError, Mapping[int, float]]:
    """Return the power of a claim's trial, over all and under each rival."""
    replicates = replicate(ready, progress)
    return power_of(ready.bank, replicates), power_by_rival(ready.bank, replicates)


def _part(
    quantity: Quantity, known: Known, now: CellValues, before: CellValues, scenario: Scenario
) -> PartAnswer:
    less = less_is_better(quantity, known.plan)
    enough = (-now.values if less else now.values) >= quantity.at_least
    benefit, effect = now.over(enough.astype(np.float64)), now.over(now.values)
    probability = benefit.mean.value
    bounds = Interval(probability, probability)
    if scenario.posterior is None or scenario.posterior.equal_weights:
        bounds = benefit.rival_range
    share = prior_share(now, before, scenario.status)
    return PartAnswer(
        quantity=quantity,
        unit=unit_of_quantity(quantity, known.plan),
        less_is_better=less,
        effect=effect,
        by_rival={known.rivals[rival].name: under.mean for rival, under in effect.by_rival.items()},
        probability=probability,
        probability_bounds=bounds,
        prior_share=share,
        verdict=verdict_of(quantity, bounds, share, scenario.status),
    )


def prior_share(now: CellValues, before: CellValues, status: ResultStatus) -> float:
    """Return the share of an answer that rests on the prior: its variance now over that under the priors.

    V / V0, at most 1; 1 without a posterior, or where the priors leave nothing open. For a normal prior and
    normal data it is the weight that the prior has in the posterior mean. Both variances are free of the
    noise of finite patients.
    """
    if status is ResultStatus.PRIOR or before.variance == 0:
        return 1.0
    return min(now.variance / before.variance, 1.0)


def verdict_of(quantity: Quantity, bounds: Interval, share: float, status: ResultStatus) -> str:
    """Return the verdict on one part by RULE.

    Arguments: the quantity, the lowest and highest probability of a benefit that counts over the rivals (both
    the same where data have weighed them), the share that rests on the prior, and what the answer rests on.
    """
    known = status is ResultStatus.POSTERIOR and share <= MOSTLY_PRIOR
    surely, surely_not = known and bounds.lower >= SURE, known and bounds.upper <= 1 - SURE
    if quantity.supported_when == "undetermined":
        return "contradicted" if surely or surely_not else "supported"
    return "supported" if surely else "contradicted" if surely_not else "undetermined"


def overall(verdicts: Sequence[str]) -> str:
    """Return the verdict on a claim from those on its parts by RULE."""
    found = set(verdicts)
    if len(found) == 1:
        return verdicts[0]
    return "mixed" if {"supported", "contradicted"} <= found else "undetermined"
