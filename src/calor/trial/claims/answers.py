"""The model's answer to a claim: estimate, interval, range over rivals, the prior's share, verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calor.core.progress import Progress
from calor.trial.characteristics import WithError, power_of
from calor.trial.claims.quantities import (
    CellValues,
    Known,
    cell_values,
    less_is_better,
    unit_of_quantity,
)
from calor.trial.claims.questions import Quantity, Question, protocol_of, with_endpoint
from calor.trial.intervals import Interval, error_of_mean, weighted_interval
from calor.trial.pipeline import Prepared, enough_replicates, prepare_trial
from calor.trial.protocol import Endpoint, Protocol
from calor.trial.replicates import ReplicateSimulator
from calor.trial.scenario import Scenario, Status
from calor.trial.settings import RunSettings
from calor.trial.truth import truth_of

SURE = 0.9
"""A part is supported at this probability of a benefit that counts, contradicted at one less this."""

MOSTLY_PRIOR = 0.5
"""Where more than this share of an answer rests on the prior, the answer is undetermined."""

RULE = (
    f"a part is supported when the probability of a benefit of at least its margin is {SURE:g} or more, and "
    f"contradicted when it is {1 - SURE:.1g} or less; it is undetermined between, where more than "
    f"{MOSTLY_PRIOR:.0%} of it rests on the prior, and without a posterior. A claim that more must be learnt "
    "is supported where its part is undetermined. A claim stands as all its parts do; it is mixed when some "
    "are supported and others contradicted, else undetermined"
)


@dataclass(frozen=True)
class PartAnswer:
    """The answer to one part of a claim.

    Arguments: the quantity and its unit; whether less is better; the mean over rivals and worlds with its
    Monte Carlo error; the 95 % interval over both; the rivals' means by name; the probability of a benefit of
    at least the margin; the share that rests on the prior; and the verdict.
    """

    quantity: Quantity
    unit: str
    less_is_better: bool
    estimate: WithError
    interval: Interval
    by_rival: dict[str, float]
    probability: float
    prior_share: float
    verdict: str

    @property
    def rival_range(self) -> Interval:
        """The lowest and the highest of the rivals' means."""
        return Interval(min(self.by_rival.values()), max(self.by_rival.values()))


@dataclass(frozen=True)
class ClaimAnswer:
    """The answer to a claim: its question, what it rests on, its parts, the verdict, its trial and that
    trial's power (None without a posterior)."""

    question: Question
    status: Status
    parts: tuple[PartAnswer, ...]
    verdict: str
    protocol: Protocol
    power: WithError | None


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
        _part(quantity, now.trials[quantity.endpoint], value, value_before, scenario.status)
        for quantity, value, value_before in zip(question.parts, now.values, before.values, strict=True)
    )
    verdict = overall([part.verdict for part in parts])
    return ClaimAnswer(question, scenario.status, parts, verdict, protocol, now.power)


@dataclass(frozen=True)
class _Run:
    """A claim's trial under one scenario: each part's values, what the trial knows by endpoint, its power."""

    values: list[CellValues]
    trials: dict[Endpoint | None, Known]
    power: WithError | None


def _values(
    question: Question, protocol: Protocol, settings: RunSettings, progress: Progress, scenario: Scenario
) -> _Run:
    trials: dict[Endpoint | None, Known] = {}
    power = None
    for endpoint in dict.fromkeys((None, *(part.endpoint for part in question.parts))):
        ready = prepare_trial(with_endpoint(protocol, endpoint), settings, progress, scenario)
        truth = truth_of(ready.protocol, ready.bank, settings.seed)
        trials[endpoint] = Known(ready.bank, truth, ready.rivals, ready.weights)
        if endpoint is None and scenario.posterior is not None:
            power = _power(ready, settings, progress)
    values = [cell_values(part, trials[part.endpoint]) for part in question.parts]
    return _Run(values, trials, power)


def _power(ready: Prepared, settings: RunSettings, progress: Progress) -> WithError:
    simulator = ReplicateSimulator(ready.protocol, ready.bank, settings.seed, ready.weights)
    return power_of(enough_replicates(simulator, settings, progress))


def _part(
    quantity: Quantity, known: Known, now: CellValues, before: CellValues, status: Status
) -> PartAnswer:
    less = less_is_better(quantity, known.protocol)
    benefit = -now.values if less else now.values
    probability = float(now.shares @ (benefit >= quantity.at_least))
    share = prior_share(now, before, status)
    rivals = np.unique(now.rivals)
    return PartAnswer(
        quantity=quantity,
        unit=unit_of_quantity(quantity, known.protocol),
        less_is_better=less,
        estimate=WithError(now.mean, error_of_mean(now.rivals, now.values, known.weights)),
        interval=weighted_interval(now.values, now.shares),
        by_rival={
            known.rivals[rival].name: float(now.values[now.rivals == rival].mean()) for rival in rivals
        },
        probability=probability,
        prior_share=share,
        verdict=verdict_of(quantity, probability, share, status),
    )


def prior_share(now: CellValues, before: CellValues, status: Status) -> float:
    """Return the share of an answer that rests on the prior: its variance now over that under the priors.

    V / V0, at most 1; 1 without a posterior, or where the priors leave nothing open. For a normal prior and
    normal data it is the weight that the prior has in the posterior mean. Both variances are free of the
    noise of finite patients.
    """
    if status is Status.PRIOR or before.variance == 0:
        return 1.0
    return min(now.variance / before.variance, 1.0)


def verdict_of(quantity: Quantity, probability: float, share: float, status: Status) -> str:
    """Return the verdict on one part by RULE."""
    known = status is Status.POSTERIOR and share <= MOSTLY_PRIOR
    decided = known and not 1 - SURE < probability < SURE
    if quantity.supported_when == "undetermined":
        return "contradicted" if decided else "supported"
    if not decided:
        return "undetermined"
    return "supported" if probability >= SURE else "contradicted"


def overall(verdicts: Sequence[str]) -> str:
    """Return the verdict on a claim from those on its parts by RULE."""
    found = set(verdicts)
    if len(found) == 1:
        return verdicts[0]
    return "mixed" if {"supported", "contradicted"} <= found else "undetermined"
