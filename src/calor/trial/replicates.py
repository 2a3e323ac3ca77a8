"""Replicates of the trial: patients drawn from the bank, allocated, observed through their diary, analysed.

Every replicate happens in one cell (a world under a rival). Each number is keyed by the replicate and the
patient's place in it, so replicates can be computed in any order and in any chunks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.progress import Progress, stop_if_requested
from calor.core.streams import Stream
from calor.population.diary import blinded_change, mean_of_filled, ratings, slow_fluctuation
from calor.population.patients import Numbers
from calor.trial.analysis.ancova import Ancova
from calor.trial.analysis.crossover import CrossoverT
from calor.trial.analysis.data import CrossoverData, ParallelData
from calor.trial.analysis.estimate import Contrast, Estimate
from calor.trial.analysis.two_sample import TwoSampleT
from calor.trial.bank import Bank
from calor.trial.courses import diary_times
from calor.trial.protocol import Crossover, Protocol

CHUNK = 250
"""Replicates simulated at once: bounds memory, changes no number."""

ACTIVE, CONTROL = 1, 0
"""Codes of the arms in the analysis data."""

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Observed:
    """What some replicates observed.

    Arguments: the cell of each replicate (r,); each patient's sequence (r, n); measured baseline (r, n); and
    the endpoint of each period (r, n, n_periods), NaN where no diary day was filled in.
    """

    cells: Positions
    sequences: Positions
    baseline: Numbers
    endpoint: Numbers


@dataclass(frozen=True)
class Replicates:
    """The results of all replicates (r,).

    Arguments: the cell; the estimated contrast and whether it is significant at the protocol's level; and
    by arm (r, n_arms) the number randomised, the mean baseline, and the endpoint's mean and SD.
    """

    cells: Positions
    effect: Numbers
    significant: NDArray[np.bool_]
    randomised: Numbers
    baseline_mean: Numbers
    endpoint_mean: Numbers
    endpoint_sd: Numbers


class ReplicateSimulator:
    """Draws replicates of a protocol from a bank."""

    def __init__(self, protocol: Protocol, bank: Bank, seed: int, rival_weights: Numbers) -> None:
        self.protocol = protocol
        self.bank = bank
        self.stream = Stream(seed).child("replicate")
        self.chances = np.cumsum(_cell_weights(bank, rival_weights))

    def run(self, replicates: int, progress: Progress) -> Replicates:
        """Return the results of replicates 0, 1, ..., in order."""
        progress.start("replicates", replicates)
        parts = []
        for first in range(0, replicates, CHUNK):
            stop_if_requested(progress)
            numbers = np.arange(first, min(first + CHUNK, replicates))
            observed = self.observe(numbers)
            parts.append(self._summarise(observed))
            progress.advance(len(numbers))
        columns = zip(*(vars(part).values() for part in parts), strict=True)
        return Replicates(*(np.concatenate(column) for column in columns))

    def observe(self, numbers: Positions) -> Observed:
        """Return what the replicates with some numbers (r,) observe."""
        n_patients = self.protocol.patients
        places = (numbers[:, None] * n_patients + np.arange(n_patients)[None, :]).ravel()
        cells = np.searchsorted(self.chances, self.stream.child("cell").uniforms(numbers, 1)[:, 0], "right")
        cells = np.minimum(cells, len(self.bank.cells) - 1)
        people = self._sample(cells, numbers)
        sequences = self._allocate(numbers)
        endpoint = self._follow(people.ravel(), sequences.ravel(), places)
        shape = (len(numbers), n_patients)
        return Observed(
            cells, sequences, self.bank.baseline[people], endpoint.reshape(*shape, endpoint.shape[1])
        )

    def _sample(self, cells: Positions, numbers: Positions) -> Positions:
        """Return the bank positions of each replicate's patients, drawn with replacement from its cell."""
        start = np.array([cell.start for cell in self.bank.cells])[cells]
        size = np.array([cell.stop - cell.start for cell in self.bank.cells])[cells]
        share = self.stream.child("patient").uniforms(numbers, self.protocol.patients)
        return np.asarray(start[:, None] + np.floor(share * size[:, None]), dtype=np.int64)

    def _allocate(self, numbers: Positions) -> Positions:
        """Return each patient's sequence by permuted blocks in the protocol's ratio."""
        allocation = self.protocol.allocation
        copies = allocation.block_size // sum(allocation.ratio)
        block = np.repeat(np.arange(len(allocation.ratio)), np.array(allocation.ratio) * copies)
        n_blocks = -(-self.protocol.patients // allocation.block_size)
        keys = self.stream.child("allocation").uniforms(numbers, n_blocks * allocation.block_size)
        order = np.argsort(keys.reshape(len(numbers), n_blocks, allocation.block_size), axis=2)
        return block[order].reshape(len(numbers), -1)[:, : self.protocol.patients]

    def _follow(self, people: Positions, sequences: Positions, places: Positions) -> Numbers:
        """Return each place's endpoint in every period, as its diary gives it, (n, n_periods)."""
        bank, days = self.bank, self.bank.pain.shape[2]
        habits = bank.habits.take(people)
        study_days = diary_times(days)
        level = bank.pain[sequences, people]
        level = level + slow_fluctuation(
            habits, self.stream.child("slow").normals(places, days), bank.slow_before[people]
        )
        level += blinded_change(habits, study_days)
        diary = ratings(habits, level, self.stream.child("diary"), places)
        lost_after = -np.log(self.stream.child("loss").uniforms(places, 1)[:, 0])
        with np.errstate(divide="ignore"):
            lost_after = lost_after / bank.loss_per_day[people]
        diary[study_days[None, :] > lost_after[:, None]] = np.nan
        return np.column_stack(
            [mean_of_filled(diary[:, window]) for window in endpoint_windows(self.protocol)]
        )

    def _summarise(self, observed: Observed) -> Replicates:
        active, _ = arm_roles(self.protocol)
        estimate = self._estimate(observed, active)
        analysis = self.protocol.analysis
        tail = estimate.p_value_two_sided if analysis.sided == 2 else estimate.p_value_one_sided
        arms = np.array(self.protocol.sequences)[observed.sequences]
        by_arm = [arms == arm for arm in range(len(self.protocol.arms))]
        baseline = np.broadcast_to(observed.baseline[:, :, None], observed.endpoint.shape)
        return Replicates(
            cells=observed.cells,
            effect=estimate.effect,
            significant=tail < analysis.alpha,
            randomised=np.column_stack([of_arm.any(axis=2).sum(axis=1) for of_arm in by_arm]).astype(float),
            baseline_mean=np.column_stack([_moments(baseline, of_arm)[0] for of_arm in by_arm]),
            endpoint_mean=np.column_stack([_moments(observed.endpoint, of_arm)[0] for of_arm in by_arm]),
            endpoint_sd=np.column_stack([_moments(observed.endpoint, of_arm)[1] for of_arm in by_arm]),
        )

    def _estimate(self, observed: Observed, active: int) -> Estimate:
        """Return the protocol's analysis of every replicate, active minus control."""
        arms = np.array(self.protocol.sequences)[observed.sequences]
        codes = np.where(arms == active, ACTIVE, CONTROL)
        contrast = Contrast(ACTIVE, CONTROL)
        if isinstance(self.protocol.design, Crossover):
            return CrossoverT().estimate(CrossoverData(observed.endpoint, codes), contrast)
        data = ParallelData(observed.endpoint[:, :, 0], codes[:, :, 0], observed.baseline)
        if self.protocol.analysis.method == "ancova":
            return Ancova().estimate(data, contrast)
        return TwoSampleT().estimate(data, contrast)


def arm_roles(protocol: Protocol) -> tuple[int, int]:
    """Return the positions of the active and the control arm."""
    names = [arm.name for arm in protocol.arms]
    control = names.index(protocol.control_name)
    return 1 - control, control


def endpoint_windows(protocol: Protocol) -> list[slice]:
    """Return the days of the endpoint in each period, as positions from study day 1."""
    endpoint = protocol.endpoint
    starts = [round(start) for start in protocol.period_starts]
    return [slice(start + endpoint.from_day - 1, start + endpoint.to_day) for start in starts]


def _cell_weights(bank: Bank, rival_weights: Numbers) -> Numbers:
    """Return the probability of each cell: its rival's weight, shared equally by the rival's worlds."""
    rivals = np.array([cell.rival for cell in bank.cells])
    worlds = np.bincount(rivals, minlength=len(rival_weights))
    weights = rival_weights[rivals] / worlds[rivals]
    return np.asarray(weights / weights.sum())


def _moments(values: Numbers, chosen: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return mean and SD of the chosen values that are not missing, per replicate."""
    used = chosen & np.isfinite(values)
    count = np.maximum(used.sum(axis=(1, 2)), 1)
    mean = np.where(used, values, 0.0).sum(axis=(1, 2)) / count
    square = np.where(used, (values - mean[:, None, None]) ** 2, 0.0).sum(axis=(1, 2))
    return mean, np.sqrt(square / np.maximum(count - 1, 1))
