"""The size of a trial that reaches a power, by simulation with common random numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import Progress, stop_if_requested
from calor.study import Protocol
from calor.trial.bank.preparation import Prepared, prepare_trial
from calor.trial.bank.scenario import ResultStatus, Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.results.characteristics import power_by_rival, power_of
from calor.trial.results.monte_carlo import MonteCarlo, WithError
from calor.trial.runs.stages import replicate_until_known

LARGEST_SIZE = 5000
"""Patients beyond which a search gives up: no trial in CRPS was a tenth as large."""

FEWEST_PATIENTS = 8
FEWEST_AT_INTERIM = 10
"""What a protocol may ask for at an interim."""


@dataclass(frozen=True)
class TriedSize:
    """One size that was tried: its power, that under each rival, and the patients enrolled on average."""

    patients: int
    power: WithError
    by_rival: dict[int, float]
    enrolled: WithError

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "patients": self.patients,
            "power": self.power.to_document(),
            "power_range_over_rivals": [min(self.by_rival.values()), max(self.by_rival.values())],
            "expected_patients": self.enrolled.to_document(),
        }


@dataclass(frozen=True)
class Search:
    """The smallest size that reaches a power, and every size that was tried, in the order of size."""

    target: float
    found: TriedSize
    tried: tuple[TriedSize, ...]


def search_size(
    protocol: Protocol, scenario: Scenario, settings: RunSettings, target: float, progress: Progress
) -> tuple[Prepared, Search]:
    """Return the protocol with its bank, and the search of the size that reaches a target power.

    Raises UnsupportedError under priors that were set by hand, and otherwise as `prepare_trial` and
    `find_size` do.
    """
    if scenario.status is ResultStatus.PRIOR:
        raise UnsupportedError.of(
            "no power is quoted from priors that were set by hand, so no size can be found from it",
            key="--find",
            hint="assume an effect (--assume-effect -1) or name a posterior (--posterior)",
        )
    ready = prepare_trial(protocol, settings, progress, scenario)
    return ready, find_size(ready, target, progress)


def find_size(ready: Prepared, target: float, progress: Progress) -> Search:
    """Return the smallest size, in whole blocks, whose simulated power reaches a target.

    Sizes are doubled until the target is reached and then halved between; the first patients of a larger
    trial are those of the smaller one, so power hardly jumps. A design that looks at some of its patients
    keeps their share. Raises InputError where the power stays below the target at 5,000 patients.
    """
    protocol, bank = ready.protocol, ready.bank
    block = 1 if protocol.design.any_size else ready.plan.enrolment.shares.block_size
    tried: dict[int, TriedSize] = {}

    def power_at(blocks: int) -> float:
        stop_if_requested(progress)
        replicates = replicate_until_known(ready.conducted_as(sized(protocol, blocks * block)), progress)
        power, enrolled = power_of(bank, replicates), MonteCarlo(bank, replicates).mean(replicates.enrolled)
        tried[blocks] = TriedSize(blocks * block, power, power_by_rival(bank, replicates), enrolled)
        return power.value

    high = -(-smallest_size(protocol) // block)
    low = high - 1
    while power_at(high) < target:
        low, high = high, 2 * high
        if high * block > LARGEST_SIZE:
            raise InputError.of(
                f"the power is {tried[low].power.value:.2f} at {low * block} patients "
                f"and stays below {target:g}",
                key="--power",
                hint="assume a larger effect, or change population, endpoint or analysis",
            )
    while high - low > 1:
        middle = (low + high) // 2
        if power_at(middle) < target:
            low = middle
        else:
            high = middle
    return Search(target, tried[high], tuple(tried[blocks] for blocks in sorted(tried)))


def sized(protocol: Protocol, patients: int) -> Protocol:
    """Return a protocol of another size; the sizes that its design names keep their share of it."""
    design = protocol.design.sized(patients, protocol.patients)
    return protocol.model_copy(update={"patients": patients, "design": design})


def smallest_size(protocol: Protocol) -> int:
    """Return the size at which a search begins: 8 patients, and 10 at an interim that a design looks at."""
    interim = protocol.design.interim
    return FEWEST_PATIENTS if interim is None else math.ceil(FEWEST_AT_INTERIM * protocol.patients / interim)
