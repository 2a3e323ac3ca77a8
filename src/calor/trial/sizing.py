"""The size of a trial that reaches a power, by simulation with common random numbers."""

from __future__ import annotations

from dataclasses import dataclass

from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import Progress, stop_if_requested
from calor.population.patients import Numbers
from calor.trial.bank import Bank
from calor.trial.characteristics import power_of
from calor.trial.enough import enough_replicates
from calor.trial.monte_carlo import WithError
from calor.trial.protocol import Enrichment, Protocol, SampleSizeReestimation
from calor.trial.settings import RunSettings

LARGEST_SIZE = 5000
"""Patients beyond which a search gives up: no trial in CRPS was a tenth as large."""


@dataclass(frozen=True)
class Step:
    """One size that was tried, and its power."""

    patients: int
    power: WithError


@dataclass(frozen=True)
class Search:
    """The smallest size that reaches a power, and every size that was tried, in the order of size."""

    target: float
    patients: int
    power: WithError
    steps: tuple[Step, ...]


def find_size(
    protocol: Protocol,
    bank: Bank,
    weights: Numbers,
    target: float,
    settings: RunSettings,
    progress: Progress,
) -> Search:
    """Return the smallest size, in whole blocks, whose simulated power reaches a target.

    Sizes are doubled until the target is reached and then halved between; the first patients of a larger
    trial are those of the smaller one, so power hardly jumps. Raises InputError where the power stays below
    the target at 5,000 patients, and UnsupportedError for a design that sets its own size.
    """
    if isinstance(protocol.design, SampleSizeReestimation | Enrichment):
        raise UnsupportedError.of(
            f"the size of a {protocol.design.type} design cannot be searched",
            key="--find",
            hint="search the size of the parallel design that it starts from",
        )
    block = protocol.shares.block_size
    tried: dict[int, WithError] = {}

    def power_at(blocks: int) -> float:
        stop_if_requested(progress)
        sized = protocol.model_copy(update={"patients": blocks * block})
        replicates = enough_replicates(sized, bank, weights, settings, progress)
        tried[blocks] = power_of(bank, replicates)
        return tried[blocks].value

    low, high = 0, max(1, -(-8 // block))
    while power_at(high) < target:
        low, high = high, 2 * high
        if high * block > LARGEST_SIZE:
            raise InputError.of(
                f"the power is {tried[low].value:.2f} at {low * block} patients and stays below {target:g}",
                key="--power",
                hint="assume a larger effect, or change population, endpoint or analysis",
            )
    while high - low > 1:
        middle = (low + high) // 2
        if power_at(middle) < target:
            low = middle
        else:
            high = middle
    steps = tuple(Step(blocks * block, tried[blocks]) for blocks in sorted(tried))
    return Search(target, high * block, tried[high], steps)
