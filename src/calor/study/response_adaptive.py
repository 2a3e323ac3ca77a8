"""Response-adaptive randomisation: the shares of later patients follow what earlier ones have shown."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field

from calor.study.design_part import DesignPart
from calor.study.misfit import Misfit

if TYPE_CHECKING:
    from calor.study.protocol import Protocol

ANALYSIS = "ancova"

MOST_BLOCKS = 100
"""Each block takes an analysis of all patients before it; more of them than this tell nothing more."""

FEWEST_SEEN = 2
"""Outcomes an arm without which nothing can be said of the difference to another one."""


@dataclass(frozen=True)
class AdaptiveBlock:
    """A block of patients with shares of its own: places [start, stop), and how many of the first places have
    an outcome when its first patient comes."""

    start: int
    stop: int
    seen: int


class ResponseAdaptive(DesignPart):
    """Bayesian response-adaptive randomisation in blocks, of a fixed size, tested once at the end.

    The first `burn_in_patients` are allocated equally. Each later block of `block_patients` has shares that
    follow the probability of benefit of each active arm given the outcomes seen when the block's first
    patient comes (accrual and follow-up decide which), to a power that grows with the trial up to `exponent`;
    0 keeps the shares equal. No arm's share falls below `least_share`. The blocks are strata of the analysis,
    so that patients who change over time do not pass for an effect; the level of its test is calibrated.
    Two arms follow Thall and Wathen (2007), Eur J Cancer 43:859-66; several arms, whose control keeps up with
    the largest active one, Trippa et al. (2012), J Clin Oncol 30:3258-63.
    """

    estimate: ClassVar[str] = "that of the analysis with the blocks as strata; its interval is calibrated"
    alternatives: ClassVar[tuple[str, ...]] = ("without-blocks",)
    own_numbers: ClassVar[tuple[str, ...]] = ("share_on_control", "control_favoured")
    adaptive: ClassVar[bool] = True
    sizes_down: ClassVar[tuple[str, ...]] = ("burn_in_patients",)
    type: Literal["response-adaptive"]
    burn_in_patients: int = Field(ge=4, le=100_000)
    block_patients: int = Field(ge=2, le=1000)
    exponent: float = Field(default=0.5, ge=0, le=20)
    least_share: float = Field(default=0.2, gt=0, le=0.5)

    @property
    def interim(self) -> int:
        """The patients after whom the shares may move."""
        return self.burn_in_patients

    def blocks_of(self, trial: Protocol) -> tuple[AdaptiveBlock, ...]:
        """Return the blocks after the burn-in, each with what is seen when it begins.

        Patients come when they are expected to. Raises ValueError for a trial without accrual.
        """
        accrual = trial.conduct.accrual
        if accrual is None:
            raise ValueError("what is seen when a block begins needs accrual")
        come = [accrual.days_to(place + 1) for place in range(trial.patients)]
        blocks = []
        for start in range(self.burn_in_patients, trial.patients, self.block_patients):
            stop = min(start + self.block_patients, trial.patients)
            seen = bisect_right(come, come[start] - trial.endpoint.to_day)
            blocks.append(AdaptiveBlock(start, stop, seen))
        return tuple(blocks)

    def sized(self, patients: int, whole: int) -> Self:
        """Return the design of a trial of another size: as many blocks, which hold a patient of each arm."""
        block = max(ceil(self.block_patients * patients / whole), ceil(1 / self.least_share))
        return super().sized(patients, whole).model_copy(update={"block_patients": block})

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit shares that move."""
        yield from super().misfits(trial)
        named = f"a {self.type} design"
        if trial.analysis.method != ANALYSIS:
            what = f"{named} is analysed by {ANALYSIS}, not {trial.analysis.method!r}"
            yield Misfit(what, ("analysis", "method"), allowed=ANALYSIS)
        if trial.analysis.sided == 2:
            yield Misfit(f"{named} needs a one-sided test", ("analysis", "sided"), allowed="1")
        if trial.conduct.accrual is None:
            what = f"{named} moves its shares by what is seen in time: it needs conduct.accrual"
            yield Misfit(what, ("conduct", "accrual"))
        if trial.allocation.ratio is not None and len(set(trial.allocation.ratio)) > 1:
            yield Misfit(f"{named} begins with equal shares: leave out ratio", ("allocation", "ratio"))
        if trial.allocation.strata:
            yield Misfit(f"the strata of {named} are its blocks: leave out strata", ("allocation", "strata"))
        if (trial.patients - self.burn_in_patients) > MOST_BLOCKS * self.block_patients:
            what = f"the patients after the burn-in make more than {MOST_BLOCKS} blocks"
            yield Misfit(what, ("design", "block_patients"))
        yield from self._misfits_of_shares(len(trial.arms))

    def _misfits_of_shares(self, arms: int) -> Iterator[Misfit]:
        if self.least_share * arms > 1:
            what = f"{arms} arms cannot have a share of {self.least_share:g} each"
            yield Misfit(what, ("design", "least_share"), allowed=f"at most {1 / arms:.3g}")
        elif self.block_patients * self.least_share < 1:
            what = "a block has no patient for an arm with least_share"
            least = (
                f"block_patients times least_share at least 1, not {self.block_patients * self.least_share:g}"
            )
            yield Misfit(what, ("design", "block_patients"), allowed=least)

    def idle(self, trial: Protocol) -> Iterator[str]:
        """Yield why the shares never move."""
        last = self.blocks_of(trial)[-1]
        if last.seen < FEWEST_SEEN * len(trial.arms):
            yield (
                f"the shares never move: {last.seen} outcomes are seen when the last block begins "
                f"(patient {last.start + 1}), the others come too late"
            )
        if self.exponent == 0:
            yield "the shares never move: exponent is 0"
