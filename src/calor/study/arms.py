"""Treatment arms and how patients are allocated to them."""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field, model_validator

from calor.core.documents import MisfitError
from calor.core.part import Part
from calor.study.population import Covariate

MOST_STRATA = 32
"""More strata than this leave most blocks of a trial unfinished."""


class Treatment(Part):
    """A drug of the library and its regimen."""

    drug: str = Field(min_length=1)
    regimen: str = Field(min_length=1)


class Arm(Part):
    """A treatment arm; one without treatments is the placebo arm."""

    name: str = Field(min_length=1, max_length=40, pattern=r"\S")
    treatments: tuple[Treatment, ...] = ()


class StratumFactor(Part):
    """A factor of stratified randomisation: a covariate measured at screening, cut at rising values."""

    by: Covariate
    cuts: tuple[float, ...] = Field(min_length=1, max_length=4)

    @model_validator(mode="after")
    def _rising(self) -> StratumFactor:
        if any(second <= first for first, second in pairwise(self.cuts)):
            raise ValueError("cuts must rise")
        return self


class Allocation(Part):
    """Randomisation in blocks, in the given ratio (one number per arm or sequence; without: equal)."""

    ratio: tuple[int, ...] | None = None
    block_size: int | None = Field(default=None, ge=2, le=64)
    strata: tuple[StratumFactor, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Allocation:
        if self.ratio is not None and min(self.ratio, default=0) < 1:
            given = ", ".join(map(str, self.ratio)) or "empty"
            raise MisfitError(f"is {given}", "ratio", allowed="shares of at least 1")
        if len({factor.by for factor in self.strata}) < len(self.strata):
            raise ValueError("two strata cut the same covariate; give both cuts to one")
        count = 1
        for factor in self.strata:
            count *= len(factor.cuts) + 1
        if count > MOST_STRATA:
            raise ValueError(f"the strata make {count} cells; at most {MOST_STRATA} are allowed")
        return self


class Shares(Part):
    """An allocation with nothing left open: shares of a block by sequence, and the block's size."""

    ratio: tuple[int, ...]
    block_size: int


def shares_of(allocation: Allocation, n_sequences: int) -> Shares:
    """Return the ratio and block size for a number of sequences. Raises MisfitError where they do not fit."""
    ratio = allocation.ratio or (1,) * n_sequences
    if len(ratio) != n_sequences:
        allowed = f"{n_sequences} numbers, one per arm or sequence"
        raise MisfitError(f"has {len(ratio)}", "ratio", allowed=allowed)
    total = sum(ratio)
    block = allocation.block_size or (2 * total if total < 4 else total)
    if block % total:
        allowed = f"a multiple of {total}, the sum of the ratio"
        raise MisfitError(f"is {block}", "block_size", allowed=allowed)
    return Shares(ratio=ratio, block_size=block)
