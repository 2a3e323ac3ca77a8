"""Who takes part in each replicate, and what each of them is allocated.

A replicate happens in one cell of the bank (a world under a rival). Places are filled in the order of
arrival; allocation goes in permuted blocks. The person in a place is keyed by the replicate, the name of the
sequence and the place's rank in it, so adding an arm puts no other person into the arms that were there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.streams import Stream
from calor.trial.bank import Bank
from calor.trial.protocol import Protocol

Positions = NDArray[np.int64]

ROWS_PER_REPLICATE = 1 << 20
"""Keys of replicate r begin at r times this; more than any trial has places."""


@dataclass(frozen=True)
class Roster:
    """The participants of some replicates.

    Arguments: the cell of each replicate (r,); and for each place (r, n) the allocated sequence, the bank
    position of the person, and the number that keys what happens to them within their sequence.
    """

    cells: Positions
    sequences: Positions
    people: Positions
    keys: Positions


class RosterMaker:
    """Draws rosters of a protocol from a bank."""

    def __init__(
        self, protocol: Protocol, bank: Bank, stream: Stream, rival_weights: NDArray[np.float64]
    ) -> None:
        self.protocol = protocol
        self.stream = stream
        self.chances = np.cumsum(cell_weights(bank, rival_weights))
        self.starts = np.array([cell.start for cell in bank.cells])
        self.sizes = np.array([cell.stop - cell.start for cell in bank.cells])

    def draw(self, numbers: Positions) -> Roster:
        """Return the rosters of the replicates with some numbers (r,)."""
        cells = np.searchsorted(self.chances, self.stream.child("cell").uniforms(numbers, 1)[:, 0], "right")
        cells = np.minimum(cells, len(self.starts) - 1)
        sequences = self._allocate(numbers)
        people = np.empty_like(sequences)
        keys = np.empty_like(sequences)
        for sequence, name in enumerate(self.protocol.sequence_names):
            member = sequences == sequence
            rank = np.cumsum(member, axis=1) - 1
            share = self.stream.child("person", name).uniforms(numbers, int(rank.max(initial=0)) + 1)
            chosen = np.floor(
                np.take_along_axis(share, np.maximum(rank, 0), axis=1) * self.sizes[cells][:, None]
            )
            people[member] = (self.starts[cells][:, None] + chosen.astype(np.int64))[member]
            keys[member] = (numbers[:, None] * ROWS_PER_REPLICATE + rank)[member]
        return Roster(cells, sequences, people, keys)

    def _allocate(self, numbers: Positions) -> Positions:
        """Return each place's sequence by permuted blocks in the protocol's ratio, (r, n)."""
        allocation = self.protocol.allocation
        copies = allocation.block_size // sum(allocation.ratio)
        block = np.repeat(np.arange(len(allocation.ratio)), np.array(allocation.ratio) * copies)
        n_blocks = -(-self.protocol.patients // allocation.block_size)
        keys = self.stream.child("allocation").uniforms(numbers, n_blocks * allocation.block_size)
        order = np.argsort(keys.reshape(len(numbers), n_blocks, allocation.block_size), axis=2)
        return block[order].reshape(len(numbers), -1)[:, : self.protocol.patients]


def cell_weights(bank: Bank, rival_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each cell: its rival's weight, shared equally by the rival's worlds."""
    rivals = np.array([cell.rival for cell in bank.cells])
    worlds = np.bincount(rivals, minlength=len(rival_weights))
    weights = rival_weights[rivals] / worlds[rivals]
    return np.asarray(weights / weights.sum())
