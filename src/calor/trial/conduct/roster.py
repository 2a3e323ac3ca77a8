"""Who takes part in each replicate, and what each of them is allocated.

A replicate happens in one cell of the bank (a world under a rival). Places are filled in the order of
arrival; allocation goes in permuted blocks within strata. The person in a place is keyed by the replicate,
the name of the sequence and the place's rank in it, so adding an arm puts no other person into the arms that
were there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.study import SiteSizes, StratumFactor, Subgroup
from calor.trial.bank.bank import Bank
from calor.trial.bank.intervals import cell_shares
from calor.trial.protocols.enrolment import Enrolment

Positions = NDArray[np.int64]

ROWS_PER_REPLICATE = 1 << 20
"""Keys of replicate r begin at r times this; more than any trial has places."""


@dataclass(frozen=True)
class Stage:
    """A part of a trial that is enrolled in one go: its name, its places, and who may fill them."""

    name: str
    places: int
    subgroup_only: bool = False


@dataclass(frozen=True)
class Roster:
    """The participants of some replicates.

    Arguments: the cell of each replicate (r,); and for each place (r, n) the allocated sequence, the bank
    position of the person, the number that keys what happens to them within their sequence, the stratum of
    the allocation, and the site (0 throughout where the trial has none).
    """

    cells: Positions
    sequences: Positions
    people: Positions
    keys: Positions
    strata: Positions
    sites: Positions


class RosterMaker:
    """Draws rosters of a trial from a bank."""

    def __init__(self, enrolment: Enrolment, bank: Bank, stream: Stream, rival_weights: Numbers) -> None:
        self.enrolment = enrolment
        self.stream = stream
        self.strata = strata_of(enrolment.strata, bank)
        self.in_subgroup = subgroup_of(enrolment.subgroup, bank)
        self.pools = _Pools(bank, 2 * self.strata + self.in_subgroup)
        weights = cell_shares(bank.rival_of_cell, rival_weights)
        subgroup = enrolment.subgroup
        if subgroup is not None:
            weights = weights * (self.pools.sizes[:, 1::2].sum(axis=1) > 0)
            if not weights.any():
                raise InputError.of(
                    f"nobody who qualifies is in the subgroup ({subgroup.words})",
                    key="design.subgroup",
                    hint="move the cut",
                )
        self.chances = np.cumsum(weights / weights.sum())

    def draw(self, numbers: Positions, stage: Stage) -> Roster:
        """Return the rosters of a stage of the replicates with some numbers (r,)."""
        cells = self._cells(numbers)
        stream = self.stream.child(stage.name)
        codes = self._codes(numbers, cells, stage, stream)
        sites, strata = self._sites(numbers, stage.places, stream), codes // 2
        if self.enrolment.sites is not None and self.enrolment.sites.whole:
            count = self.enrolment.sites.count
            of_sites = self._allocate(numbers, np.zeros((len(numbers), count), dtype=np.int64), count, stream)
            sequences = np.take_along_axis(of_sites, sites, axis=1)
        else:
            if self.enrolment.sites is not None and self.enrolment.sites.strata > 1:
                strata = strata * self.enrolment.sites.count + sites
            sequences = self._allocate(numbers, strata, stage.places, stream)
        people, keys = self._seated(numbers, cells, codes, sequences, stream)
        return Roster(cells, sequences, people, keys, strata, sites)

    def queues(self, numbers: Positions, stage: Stage) -> Roster:
        """Return who would be the first patients of every sequence, as many as the stage has places.

        One sequence after the other along the places, (r, n_sequences * places). Whoever allocates place by
        place takes the next one of the queue: each is the person that `draw` would seat there. For a trial
        without strata, a subgroup or sites.
        """
        cells, stream = self._cells(numbers), self.stream.child(stage.name)
        places = len(self.enrolment.names) * stage.places
        shape = (len(numbers), places)
        sequences = np.broadcast_to(np.repeat(np.arange(len(self.enrolment.names)), stage.places), shape)
        none = np.zeros(shape, dtype=np.int64)
        people, keys = self._seated(numbers, cells, none, sequences, stream)
        return Roster(cells, sequences, people, keys, strata=none, sites=none)

    def allocated(self, numbers: Positions, stage: Stage) -> Positions:
        """Return the sequence of each place of a stage by permuted blocks without strata, (r, n)."""
        nobody = np.zeros((len(numbers), stage.places), dtype=np.int64)
        return self._allocate(numbers, nobody, stage.places, self.stream.child(stage.name))

    def order_keys(self, numbers: Positions, stage: Stage) -> Numbers:
        """Return the numbers by which the places of a block are put in random order, (r, n)."""
        return self.stream.child(stage.name, "allocation", 0).uniforms(numbers, stage.places)

    def rounding_keys(self, numbers: Positions, stage: Stage, blocks: int) -> Numbers:
        """Return the numbers by which expected counts of blocks are rounded up or down, (r, n_blocks)."""
        return self.stream.child(stage.name, "allocation", "rounding").uniforms(numbers, blocks)

    def _cells(self, numbers: Positions) -> Positions:
        """Return the cell in which each replicate happens, (r,)."""
        cells = np.searchsorted(self.chances, self.stream.child("cell").uniforms(numbers, 1)[:, 0], "right")
        return np.minimum(cells, len(self.chances) - 1)

    def _seated(
        self, numbers: Positions, cells: Positions, codes: Positions, sequences: Positions, stream: Stream
    ) -> tuple[Positions, Positions]:
        """Return the person in each place, and the number that keys what happens to them, (r, n) each."""
        people, keys = np.empty_like(sequences), np.empty_like(sequences)
        for sequence, name in enumerate(self.enrolment.names):
            member = sequences == sequence
            rank = np.maximum(np.cumsum(member, axis=1) - 1, 0)
            share = stream.child("person", name).uniforms(numbers, int(rank.max(initial=0)) + 1)
            chosen = self.pools.pick(cells, codes, np.take_along_axis(share, rank, axis=1))
            people[member] = chosen[member]
            keys[member] = (numbers[:, None] * ROWS_PER_REPLICATE + rank)[member]
        return people, keys

    def _sites(self, numbers: Positions, places: int, stream: Stream) -> Positions:
        """Return the site of each place, (r, n)."""
        asked = self.enrolment.sites
        if asked is None:
            return np.zeros((len(numbers), places), dtype=np.int64)
        if asked.sizes is SiteSizes.EQUAL:
            return np.broadcast_to(np.arange(places) % asked.count, (len(numbers), places))
        share = stream.child("site").uniforms(numbers, places)
        return np.asarray(share * asked.count, dtype=np.int64)

    def _codes(self, numbers: Positions, cells: Positions, stage: Stage, stream: Stream) -> Positions:
        """Return the stratum and subgroup of each place, as frequent as they are in its cell, (r, n)."""
        sizes = self.pools.sizes[cells].astype(np.float64)
        if stage.subgroup_only:
            sizes[:, ::2] = 0
        if sizes.shape[1] == 1 or (sizes[:, 1:] == 0).all():
            return np.zeros((len(numbers), stage.places), dtype=np.int64)
        edges = np.cumsum(sizes, axis=1) / sizes.sum(axis=1, keepdims=True)
        share = stream.child("stratum").uniforms(numbers, stage.places)
        return np.asarray((share[:, :, None] >= edges[:, None, :-1]).sum(axis=2), dtype=np.int64)

    def _allocate(self, numbers: Positions, strata: Positions, places: int, stream: Stream) -> Positions:
        """Return each place's sequence by permuted blocks within its stratum, (r, n)."""
        shares = self.enrolment.shares
        size = shares.block_size
        block = np.repeat(np.arange(len(shares.ratio)), np.array(shares.ratio) * (size // sum(shares.ratio)))
        n_blocks = -(-places // size)
        sequences = np.empty_like(strata)
        for stratum in range(int(strata.max(initial=0)) + 1):
            keys = stream.child("allocation", stratum).uniforms(numbers, n_blocks * size)
            order = np.argsort(keys.reshape(len(numbers), n_blocks, size), axis=2)
            listed = block[order].reshape(len(numbers), -1)
            member = strata == stratum
            rank = np.maximum(np.cumsum(member, axis=1) - 1, 0)
            sequences[member] = np.take_along_axis(listed, rank, axis=1)[member]
        return sequences


class _Pools:
    """The bank's patients sorted by cell and code, to pick from one code of one cell."""

    def __init__(self, bank: Bank, codes: Positions) -> None:
        n_codes = int(codes.max(initial=0)) + 1
        n_codes += n_codes % 2
        cell_of = np.repeat(np.arange(len(bank.cells)), [cell.stop - cell.start for cell in bank.cells])
        group = cell_of * n_codes + codes
        self.order = np.argsort(group, kind="stable")
        self.sizes = np.bincount(group, minlength=len(bank.cells) * n_codes).reshape(-1, n_codes)
        self.starts = (np.cumsum(self.sizes.ravel()) - self.sizes.ravel()).reshape(self.sizes.shape)

    def pick(self, cells: Positions, codes: Positions, share: Numbers) -> Positions:
        """Return the bank positions at shares in [0, 1) of each place's pool, (r, n)."""
        at = (cells[:, None], codes)
        place = self.starts[at] + np.floor(share * self.sizes[at]).astype(np.int64)
        return np.asarray(self.order[place])


def strata_of(factors: Sequence[StratumFactor], bank: Bank) -> Positions:
    """Return the stratum of each patient of the bank, (n,), numbered from 0."""
    codes = np.zeros(len(bank.baseline), dtype=np.int64)
    for factor in factors:
        level = np.searchsorted(np.array(factor.cuts), bank.covariates[factor.by], side="right")
        codes = codes * (len(factor.cuts) + 1) + level
    return codes


def subgroup_of(subgroup: Subgroup | None, bank: Bank) -> NDArray[np.bool_]:
    """Return who of the bank is in the subgroup that a design names, (n,); nobody without one."""
    return np.zeros(len(bank.baseline), dtype=bool) if subgroup is None else members_of(subgroup, bank)


def members_of(subgroup: Subgroup, bank: Bank) -> NDArray[np.bool_]:
    """Return who of the bank is in a subgroup by measured values, (n,)."""
    return subgroup.holds(bank.covariates[subgroup.by])
