"""Where the effect of a simulated trial comes from: the priors, a posterior, or an assumption.

No power is quoted from priors that were set by hand. It is quoted from a posterior, averaged over it
(assurance), or given an effect that somebody assumes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError, UnsupportedError
from calor.core.streams import Stream
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival
from calor.population.posterior import Posterior
from calor.population.readings import READINGS
from calor.population.uncertainty import draw_worlds, restricted
from calor.study import Variable
from calor.trial.bank.bank import Bank
from calor.trial.protocols.layout import Layout
from calor.trial.protocols.plan import Plan


class ResultStatus(StrEnum):
    """What a result rests on; every result carries it."""

    PRIOR = "prior-predictive"
    POSTERIOR = "posterior-predictive"
    ASSUMED = "assumed-effect"


@dataclass(frozen=True)
class Scenario:
    """Where the effect comes from.

    Arguments: a posterior, or None for the priors; and an assumed effect in the endpoint's unit, by which the
    true level of its variable is moved under every active arm from the first day on, or None for the drugs'
    own; and numbers of the model that are held at another value in every world, people varying around it as
    before.
    """

    posterior: Posterior | None = None
    assumed_effect: float | None = None
    changes: Mapping[str, float] = field(default_factory=dict)

    @property
    def status(self) -> ResultStatus:
        """What a result under this scenario rests on."""
        if self.assumed_effect is not None:
            return ResultStatus.ASSUMED
        return ResultStatus.PRIOR if self.posterior is None else ResultStatus.POSTERIOR

    def origin(self) -> dict[str, Any]:
        """Return what worlds are drawn from, with the hash of its file, as a run's request keeps it."""
        posterior = self.posterior
        return {
            "name": posterior.name if posterior else None,
            "file_sha256": posterior.file_sha256 if posterior else None,
            "assumed_effect": self.assumed_effect,
            "changes": dict(self.changes),
        }

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
        return self.worlds_at(table, rival, stream, np.arange(count))

    def worlds_at(
        self, table: ParameterTable, rival: Rival, stream: Stream, numbers: NDArray[np.int64]
    ) -> dict[str, Numbers]:
        """Return population values (n,) by parameter in numbered worlds (n,) under a rival."""
        if self.posterior is None:
            drawn = draw_worlds(table, stream, numbers)
        else:
            drawn = self.posterior.worlds_at(table, rival.name, stream, numbers)
        return restricted(drawn, self.changes)

    def check(self, plan: Plan) -> None:
        """Raise UnsupportedError where the assumed effect is on a variable that nothing can move."""
        if self.assumed_effect is not None:
            _moved(plan.assessments.endpoint.variable)

    def apply(self, plan: Plan, bank: Bank) -> Bank:
        """Return the bank under this scenario: as it is, or with the assumed effect instead of the drugs'.

        The effect is there on every day of an active arm's treatment period, and gone in the wash-out; an arm
        with both treatments of a factorial has it twice. Raises
        UnsupportedError for a variable whose level no single output of the model holds.
        """
        if self.assumed_effect is None:
            return bank
        moved, name = _moved(plan.assessments.endpoint.variable)
        layout = plan.layout
        of_control = bank.course_of[layout.control_throughout, 0]
        found: dict[str, list[Numbers]] = {each: [] for each in bank.outputs}
        course_of = np.empty_like(bank.course_of)
        for row, sequence in enumerate(layout.followed):
            change = self.assumed_effect * _active_days(layout, sequence, bank.pain.shape[2])
            for rescue, course in enumerate(of_control):
                course_of[row, :, rescue] = len(found[name])
                for each, values in bank.outputs.items():
                    found[each].append(moved(values[course], change) if each == name else values[course])
        return bank.with_courses({each: np.array(values) for each, values in found.items()}, course_of)


def _moved(variable: Variable) -> tuple[Callable[[Numbers, Numbers], Numbers], str]:
    """Return how a variable's true level is moved, and the output that holds it."""
    reading = READINGS[variable]
    if reading.moved is None:
        raise UnsupportedError.of(
            f"an effect on {variable} cannot be assumed: no single output of the model is behind it",
            key="--assume-effect",
            allowed=", ".join(each for each, known in READINGS.items() if known.moved),
            hint="simulate the drugs' own effect, or hold a number of the model at another value (--set)",
        )
    (output,) = reading.outputs
    return reading.moved, output


def _active_days(layout: Layout, sequence: tuple[int, ...], n_days: int) -> Numbers:
    """Return how often a sequence has the effect on each study day, 0 under the control, (n_days,)."""
    active = np.zeros(n_days)
    length = layout.treated_days or n_days
    for start, arm in zip(layout.starts, sequence, strict=True):
        active[int(start) : int(start) + length] = layout.treatments_in[arm]
    return active
