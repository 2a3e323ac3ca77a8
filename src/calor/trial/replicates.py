"""Replicates of the trial: patients drawn from the bank, allocated, observed through their diary, analysed.

Each number is keyed by the replicate and by the patient's rank in their sequence, so replicates can be
computed in any order, in any chunks and on any number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.progress import Progress, stop_if_requested
from calor.core.streams import Stream
from calor.population.diary import blinded_change, mean_of_filled, ratings_in_trial
from calor.population.patients import Numbers
from calor.trial.analysis import (
    Ancova,
    Contrast,
    CrossoverData,
    CrossoverT,
    Estimate,
    ParallelData,
    TwoSampleT,
)
from calor.trial.bank import Bank
from calor.trial.conduct.roster import Positions, Roster, RosterMaker
from calor.trial.courses import diary_times
from calor.trial.protocol import Crossover, Protocol

CHUNK_VALUES = 200_000
"""Diary days simulated at once: what the processor's cache holds; changes no number."""

ACTIVE, CONTROL = 1, 0
"""Codes of the arms in the analysis data."""


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
        self.rosters = RosterMaker(protocol, bank, self.stream, rival_weights)
        windows = endpoint_windows(protocol)
        self.days = np.concatenate([np.arange(window.start, window.stop) for window in windows])
        self.study_days = diary_times(bank.pain.shape[2])[self.days]
        self.reported = bank.pain[:, :, self.days] + blinded_change(bank.habits, self.study_days)

    def run(self, replicates: int, progress: Progress, workers: int = 1) -> Replicates:
        """Return the results of replicates 0, 1, ..., in order, computed on some threads."""
        progress.start("replicates", replicates)
        size = max(1, CHUNK_VALUES // (self.protocol.patients * len(self.days)))
        chunks = [np.arange(first, min(first + size, replicates)) for first in range(0, replicates, size)]
        parts = list(self._in_order(chunks, progress, workers))
        columns = zip(*(vars(part).values() for part in parts), strict=True)
        return Replicates(*(np.concatenate(column) for column in columns))

    def _in_order(self, chunks: list[Positions], progress: Progress, workers: int) -> Iterator[Replicates]:
        """Yield the results of chunks in their order, in groups, so that a stop is prompt."""
        group = 4 * workers
        with ThreadPoolExecutor(workers) as pool:
            for first in range(0, len(chunks), group):
                stop_if_requested(progress)
                wanted = chunks[first : first + group]
                yield from pool.map(lambda numbers: self._summarise(self.observe(numbers)), wanted)
                progress.advance(sum(len(numbers) for numbers in wanted))

    def observe(self, numbers: Positions) -> Observed:
        """Return what the replicates with some numbers (r,) observe."""
        roster = self.rosters.draw(numbers)
        endpoint = np.empty((*roster.sequences.shape, len(self.protocol.period_starts)))
        for sequence, name in enumerate(self.protocol.sequence_names):
            member = roster.sequences == sequence
            endpoint[member] = self._follow(sequence, self.stream.child(name), roster, member)
        return Observed(roster.cells, roster.sequences, self.bank.baseline[roster.people], endpoint)

    def _follow(self, sequence: int, stream: Stream, roster: Roster, member: NDArray[np.bool_]) -> Numbers:
        """Return the endpoint in every period of those on a sequence, as diaries give it, (m, n_periods)."""
        bank, people, keys = self.bank, roster.people[member], roster.keys[member]
        habits = bank.habits.take(people)
        words = stream.child("diary").words(keys, self.days)
        diary = ratings_in_trial(
            habits, self.reported[sequence, people], self.days + 1, bank.slow_before[people], words
        )
        lost_after = -np.log(stream.child("loss").uniforms(keys, 1)[:, 0])
        with np.errstate(divide="ignore"):
            lost_after = lost_after / bank.loss_per_day[people]
        diary[self.study_days[None, :] > lost_after[:, None]] = np.nan
        return np.column_stack(
            [mean_of_filled(part) for part in np.split(diary, len(self.protocol.period_starts), axis=1)]
        )

    def _summarise(self, observed: Observed) -> Replicates:
        active, _ = arm_roles(self.protocol)
        estimate = self._estimate(observed, active)
        analysis = self.protocol.analysis
        tail = estimate.p_value_two_sided if analysis.sided == 2 else estimate.p_value_one_sided
        arms = np.array(self.protocol.sequences)[observed.sequences]
        by_arm = [arms == arm for arm in range(len(self.protocol.arms))]
        baseline = np.broadcast_to(observed.baseline[:, :, None], observed.endpoint.shape)
        moments = [_moments(observed.endpoint, of_arm) for of_arm in by_arm]
        return Replicates(
            cells=observed.cells,
            effect=estimate.effect,
            significant=tail < analysis.alpha,
            randomised=np.column_stack([of_arm.any(axis=2).sum(axis=1) for of_arm in by_arm]).astype(float),
            baseline_mean=np.column_stack([_moments(baseline, of_arm)[0] for of_arm in by_arm]),
            endpoint_mean=np.column_stack([mean for mean, _ in moments]),
            endpoint_sd=np.column_stack([sd for _, sd in moments]),
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


def _moments(values: Numbers, chosen: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return mean and SD of the chosen values that are not missing, per replicate."""
    used = chosen & np.isfinite(values)
    count = np.maximum(used.sum(axis=(1, 2)), 1)
    mean = np.where(used, values, 0.0).sum(axis=(1, 2)) / count
    square = np.where(used, (values - mean[:, None, None]) ** 2, 0.0).sum(axis=(1, 2))
    return mean, np.sqrt(square / np.maximum(count - 1, 1))
