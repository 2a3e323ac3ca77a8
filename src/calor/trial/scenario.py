"""Where the effect of a simulated trial comes from: the priors, a posterior, or an assumption.

No power is quoted from priors that were set by hand. It is quoted from a posterior, averaged over it
(assurance), or given an effect that somebody assumes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from calor.core.errors import InputError, UnsupportedError
from calor.core.streams import Stream
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival
from calor.population.patients import Numbers
from calor.population.posterior import Posterior
from calor.population.uncertainty import draw_worlds
from calor.trial.bank import Bank
from calor.trial.protocol import Crossover, Protocol, Variable

LOWEST_PAIN, HIGHEST_PAIN = 0.0, 10.0


class Status(StrEnum):
    """What a result rests on; every result carries it."""

    PRIOR = "prior-predictive"
    POSTERIOR = "posterior-predictive"
    ASSUMED = "assumed-effect"


@dataclass(frozen=True)
class Scenario:
    """Where the effect comes from.

    Arguments: a posterior, or None for the priors; and an assumed effect, added to the true level of the
    endpoint's variable under every active arm from the first day on, or None for the drugs' own.
    """

    posterior: Posterior | None = None
    assumed_effect: float | None = None

    @property
    def status(self) -> Status:
        """What a result under this scenario rests on."""
        if self.assumed_effect is not None:
            return Status.ASSUMED
        return Status.PRIOR if self.posterior is None else Status.POSTERIOR

    @property
    def most_worlds(self) -> int | None:
        """How many worlds there are to draw under each rival: the posterior's draws; None: no end of them."""
        if self.posterior is None:
            return None
        return min(len(draws) for draws in self.posterior.draws.values())

    def weights(self, rivals: tuple[Rival, ...]) -> Numbers:
        """Return the weight of each rival, (n_rivals,): equal under the priors."""
        if self.posterior is None:
            return np.full(len(rivals), 1 / len(rivals))
        known = self.posterior.weights
        missing = [rival.name for rival in rivals if rival.name not in known]
        if missing:
            raise InputError.of(f"the posterior has no weight for {missing[0]}", key="--posterior")
        weights = np.array([known[rival.name] for rival in rivals])
        return np.asarray(weights / weights.sum())

    def worlds(self, table: ParameterTable, rival: Rival, stream: Stream, count: int) -> dict[str, Numbers]:
        """Return population values (count,) by parameter in worlds under a rival.

        What took no part in the fit (drugs that no target gives) keeps its prior.
        """
        if self.posterior is None:
            return draw_worlds(table, stream, np.arange(count))
        return self.posterior.worlds(table, rival.name, stream, count)

    def apply(self, protocol: Protocol, bank: Bank) -> Bank:
        """Return the bank under this scenario: as it is, or with the assumed effect instead of the drugs'.

        Raises UnsupportedError for an assumed effect in a crossover.
        """
        if self.assumed_effect is None:
            return bank
        if isinstance(protocol.design, Crossover):
            raise UnsupportedError.of(
                "an assumed effect is for parallel arms",
                key="--assume-effect",
                hint="calor design power --endpoint crossover gives the power of a crossover in closed form",
            )
        control = bank.course_of[protocol.control_position, 0, 0]
        pain = Variable(protocol.endpoint.variable) is Variable.PAIN_DIARY
        shifted = bank.outcome[control] + self.assumed_effect
        if pain:
            shifted = np.clip(shifted, LOWEST_PAIN, HIGHEST_PAIN)
        course_of = np.ones_like(bank.course_of)
        course_of[protocol.control_position] = 0
        outcome = np.stack([bank.outcome[control], shifted])
        other = np.stack([bank.pain[control], bank.pain[control]])
        return bank.with_courses(outcome if pain else other, outcome, course_of)
