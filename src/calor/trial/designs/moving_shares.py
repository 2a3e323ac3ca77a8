"""Allocation to arms whose shares follow what has been seen: the rule, and who gets what by it.

Nothing here knows where outcomes come from: a trial's are simulated, a calibration's are normal numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.study.response_adaptive import AdaptiveBlock
from calor.trial.analysis import Contrast, ParallelData
from calor.trial.analysis.estimate import Estimate
from calor.trial.analysis.within_blocks import estimates_within_blocks
from calor.trial.conduct.roster import Positions

CONTROL_FOLLOWS = 0.25
"""Trippa's power of the distance of the control from the largest active arm, at the end of a trial."""

LEAST_CHANCE = 1e-12
"""A probability of benefit below this counts as this, so that arms of which none helps still share."""

ROUNDED_AT = 12
"""Digits to which expected counts are taken, so that a third of twelve is four."""


@dataclass(frozen=True)
class ShareRule:
    """The shares of a block, by the probabilities of benefit.

    With π_k the posterior probability that active arm k is better than the control, n of N patients
    allocated and c = exponent n / N. Two arms (Thall and Wathen 2007):

        share of the active arm = π^c / (π^c + (1 - π)^c).

    Several arms, the control 0 and K active ones (Trippa et al. 2012), each over the sum of all:

        active arm k: π_k^c / Σ_j π_j^c,    control: exp(0.25 n/N (max_k n_k - n_0)) / K.

    A share below the least one is put there, and the others shrink in proportion. Thall and Wathen take the
    exponent 1/2. Sources: Thall and Wathen (2007), Eur J Cancer 43:859-66; Trippa et al. (2012), J Clin Oncol
    30:3258-63.
    """

    exponent: float
    least_share: float

    def shares(self, benefit: Numbers, counts: Positions, progress: float) -> Numbers:
        """Return the share of each arm, the control first, (r, 1 + K).

        Arguments: π (r, K); the patients of each arm so far (r, 1 + K); and n / N.
        """
        power = self.exponent * progress
        weighed = np.maximum(benefit, LEAST_CHANCE) ** power
        if benefit.shape[1] == 1:
            raw = np.column_stack([(1 - benefit[:, 0]) ** power, weighed[:, 0]])
        else:
            behind = np.minimum(counts[:, 1:].max(axis=1) - counts[:, 0], 500)
            control = np.exp(CONTROL_FOLLOWS * progress * behind) / benefit.shape[1]
            raw = np.column_stack([control, weighed / weighed.sum(axis=1, keepdims=True)])
        return at_least(raw / raw.sum(axis=1, keepdims=True), self.least_share)


def at_least(shares: Numbers, least: float) -> Numbers:
    """Return shares (r, k) of which none is below the least; the others keep their proportions."""
    low = np.zeros(shares.shape, dtype=bool)
    found = shares
    for _ in range(shares.shape[1]):
        low |= found < least
        rest = np.where(low, 0.0, shares)
        left = 1 - least * low.sum(axis=1, keepdims=True)
        total = rest.sum(axis=1, keepdims=True)
        found = np.where(low, least, np.divide(rest * left, total, out=np.zeros_like(rest), where=total > 0))
    return found


def counts_of(shares: Numbers, size: int, uniforms: Numbers) -> Positions:
    """Return how many places of a block each arm gets, (r, k): expected shares, rounded at random.

    Systematic sampling: arm k gets floor(s Σ_{j<=k} p_j + u) less the arms before it, so each count is its
    expectation rounded up or down, and exactly that where it is whole. Arguments: the shares (r, k), the
    places s, and one uniform number u for each replicate (r,).
    """
    expected = np.round(size * np.cumsum(shares, axis=1), ROUNDED_AT)
    expected[:, -1] = size
    edges = np.floor(expected + uniforms[:, None]).astype(np.int64)
    return np.diff(edges, axis=1, prepend=0)


def rising(by: float, places: int) -> Numbers:
    """Return by how much each outcome lies above the first where they rise evenly to the last, (places,)."""
    return by * np.arange(places) / max(places - 1, 1)


@dataclass(frozen=True)
class Queues:
    """The next patients of every arm: outcome, and baseline if the analysis adjusts for one; NaN: missing.

    Each (r, n_arms, length).
    """

    outcome: Numbers
    baseline: Numbers | None = None


@dataclass(frozen=True)
class Draws:
    """The random numbers of some allocations.

    Arguments: the arm of each place of the burn-in (r, n_burn_in); what puts the places of a block in order
    (r, n); and what rounds the counts of each block (r, n_blocks).
    """

    burn_in: Positions
    order: Numbers
    rounding: Numbers


@dataclass(frozen=True)
class Allocated:
    """Who is in each place: the arm, the rank in its queue, the outcome, and the baseline if there is one.

    Each (r, n).
    """

    arms: Positions
    ranks: Positions
    outcome: Numbers
    baseline: Numbers | None

    def first(self, count: int) -> ParallelData:
        """Return what the first places show."""
        baseline = None if self.baseline is None else self.baseline[:, :count]
        return ParallelData(self.outcome[:, :count], self.arms[:, :count], baseline)


@dataclass(frozen=True)
class Allocator:
    """Allocates patients block by block.

    Arguments: the rule; the blocks after the burn-in; the contrasts, every active arm against the control 0;
    and the arms in the order in which the places of a block are filled before they are shuffled.
    """

    rule: ShareRule
    blocks: tuple[AdaptiveBlock, ...]
    contrasts: tuple[Contrast, ...]
    filled_in_order: tuple[int, ...]

    @property
    def n_arms(self) -> int:
        """The number of arms, with the control."""
        return len(self.contrasts) + 1

    @property
    def patients(self) -> int:
        """The number of places."""
        return self.blocks[-1].stop

    @property
    def starts(self) -> tuple[int, ...]:
        """The first place of the burn-in and of each block."""
        return (0, *(block.start for block in self.blocks))

    def longest_queue(self, burn_in: Positions) -> int:
        """Return how many patients an arm may need after a burn-in (r, n_burn_in)."""
        most = 1 - (self.n_arms - 1) * self.rule.least_share
        in_burn_in = max(int((burn_in == arm).sum(axis=1).max()) for arm in range(self.n_arms))
        later = sum(int(np.ceil(most * (block.stop - block.start) - 1e-9)) for block in self.blocks)
        return in_burn_in + later

    def allocate(self, queues: Queues, draws: Draws, added: Numbers | None = None) -> Allocated:
        """Return who is in each place; `added` (n,) comes on top of the outcome in each place."""
        replicates, places = len(draws.order), self.patients
        found = Allocated(
            arms=np.zeros((replicates, places), dtype=np.int64),
            ranks=np.zeros((replicates, places), dtype=np.int64),
            outcome=np.empty((replicates, places)),
            baseline=None if queues.baseline is None else np.empty((replicates, places)),
        )
        taken = np.zeros((replicates, self.n_arms), dtype=np.int64)
        added = np.zeros(places) if added is None else added
        _seat(found, slice(0, self.blocks[0].start), draws.burn_in, taken, queues, added)
        for number, block in enumerate(self.blocks):
            here = slice(block.start, block.stop)
            benefit = self._benefit(found.first(block.seen))
            shares = self.rule.shares(benefit, taken, block.start / places)
            arms = self._shuffled(shares, draws.order[:, here], draws.rounding[:, number])
            _seat(found, here, arms, taken, queues, added)
        return found

    def estimates(self, data: ParallelData, contrasts: tuple[Contrast, ...]) -> list[Estimate]:
        """Return the estimates of some contrasts with the blocks as strata."""
        until = data.arm.shape[1]
        return estimates_within_blocks(data, [start for start in self.starts if start < until], contrasts)

    def _benefit(self, seen: ParallelData) -> Numbers:
        """Return the posterior probability that each active arm is better than the control, (r, K).

        Under a flat prior of the means and of the log of the residual SD it is 1 less the one-sided p value;
        one half while nothing can be estimated.
        """
        if not seen.arm.size:
            return np.full((len(seen.arm), len(self.contrasts)), 0.5)
        estimates = self.estimates(seen, self.contrasts)
        return np.column_stack(
            [np.where(each.estimated, 1 - each.p_value_one_sided, 0.5) for each in estimates]
        )

    def _shuffled(self, shares: Numbers, order: Numbers, rounding: Numbers) -> Positions:
        """Return the arm of each place of a block, (r, size)."""
        arms = np.array(self.filled_in_order)
        edges = np.cumsum(counts_of(shares[:, arms], order.shape[1], rounding), axis=1)
        listed = (np.arange(order.shape[1])[None, :, None] >= edges[:, None, :-1]).sum(axis=2)
        return np.take_along_axis(arms[listed], np.argsort(order, axis=1), axis=1)


def _seat(
    found: Allocated, here: slice, arms: Positions, taken: Positions, queues: Queues, added: Numbers
) -> None:
    """Put the next patients of some arms (r, size) into the places of a block, and count them as taken."""
    rows = np.arange(len(arms))[:, None]
    ranks = np.empty_like(arms)
    for arm in range(taken.shape[1]):
        member = arms == arm
        upto = taken[:, arm][:, None] + np.cumsum(member, axis=1)
        ranks[member] = upto[member] - 1
        taken[:, arm] = upto[:, -1]
    found.arms[:, here], found.ranks[:, here] = arms, ranks
    found.outcome[:, here] = queues.outcome[rows, arms, ranks] + added[here]
    if found.baseline is not None and queues.baseline is not None:
        found.baseline[:, here] = queues.baseline[rows, arms, ranks]
