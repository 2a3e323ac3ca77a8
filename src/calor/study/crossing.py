"""Crossovers: every patient gets several arms in turn, in a sequence that is allocated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from calor.study.design_part import DesignPart
from calor.study.misfit import Misfit
from calor.study.sequences import Sequences, balaam, in_cycles, told_apart, williams

if TYPE_CHECKING:
    from calor.study.protocol import Protocol

MOST_SEQUENCES = 64
MOST_PERIODS = 12
FROM_THE_DESIGN = "sequences: williams makes them, as AB and BA for two arms; balaam, each pair of arms"


class InPeriods(DesignPart):
    """What every design says of itself whose patients are treated in several periods, one after another."""

    crossed: ClassVar[bool] = True
    against_margin: ClassVar[bool] = True
    period_days: int = Field(ge=1, le=730)
    washout_days: int = Field(ge=0, le=730)

    @property
    def days_from_period_to_period(self) -> int:
        """The days of a period with its wash-out."""
        return self.period_days + self.washout_days

    @property
    def treated_days(self) -> int:
        """The days of a period without its wash-out."""
        return self.period_days

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit into a period."""
        yield from super().misfits(trial)
        if trial.endpoint.to_day > self.period_days:
            what = f"the endpoint runs to day {trial.endpoint.to_day}, a period to {self.period_days}"
            yield Misfit(what, ("endpoint", "to_day"))
        if trial.visits:
            what = f"visits are for parallel arms; a {self.type} design has one endpoint a period"
            yield Misfit(what, ("visits",), unsupported=True)


class Crossover(InPeriods):
    """Every patient gets several arms, in a sequence that is allocated.

    `sequences`: `williams` (two arms: AB and BA; more: every arm follows every other equally often), `balaam`
    (two periods, every ordered pair of arms, each with itself too) or one's own, each a list of arms by name
    with as many periods as the others.
    """

    type: Literal["crossover"]
    sequences: Literal["williams", "balaam"] | tuple[tuple[str, ...], ...] = "williams"

    def sequences_of(self, arms: Sequence[str], control: str) -> Sequences:
        """Return the arm of each period, by position, for every sequence that can be allocated."""
        del control
        if isinstance(self.sequences, str):
            return {"williams": williams, "balaam": balaam}[self.sequences](len(arms))
        return tuple(tuple(arms.index(name) for name in sequence) for sequence in self.sequences)

    def misfits_of_arms(self, arms: Sequence[str]) -> Iterator[Misfit]:
        """Yield what is wrong with sequences of one's own."""
        if isinstance(self.sequences, str):
            return
        key = ("design", "sequences")
        for place, sequence in enumerate(self.sequences):
            unknown = [name for name in sequence if name not in arms]
            if unknown:
                what = f"names {unknown[0]!r}, which is not an arm"
                yield Misfit(what, (*key, place), allowed=", ".join(arms))
                return
        lengths = {len(sequence) for sequence in self.sequences}
        if len(lengths) != 1 or not 2 <= max(lengths) <= MOST_PERIODS:
            found = " and ".join(map(str, sorted(lengths))) or "no"
            what = f"has sequences of length {found}"
            allowed = f"the same number of periods in all, 2 to {MOST_PERIODS}"
            yield Misfit(what, key, allowed=allowed, hint=FROM_THE_DESIGN)
            return
        twice = [sequence for sequence, count in Counter(self.sequences).items() if count > 1]
        if twice:
            hint = "give it a larger share of allocation.ratio"
            yield Misfit(f"has {' > '.join(twice[0])} twice", key, allowed="each sequence once", hint=hint)
        elif len(self.sequences) > MOST_SEQUENCES:
            what = f"has {len(self.sequences)} sequences"
            yield Misfit(what, key, allowed=f"at most {MOST_SEQUENCES}")
        elif not told_apart(self.sequences_of(arms, arms[0]), len(arms)):
            what = "does not tell every arm from the control and from the periods within patients"
            allowed = "sequences in which patients differ in the period in which they get an arm"
            yield Misfit(what, key, allowed=allowed, hint=FROM_THE_DESIGN)


class NOf1(InPeriods):
    """Aggregated N-of-1 trials: every patient goes through several cycles of both arms, in random order.

    A cycle is a period of each arm; which comes first is drawn for every patient and cycle, balanced over
    the patients in blocks.
    """

    any_size: ClassVar[bool] = True
    type: Literal["n-of-1"]
    cycles: int = Field(ge=2, le=5)

    def sequences_of(self, arms: Sequence[str], control: str) -> Sequences:
        """Return the arm of each period, by position, for every order of the cycles."""
        del arms, control
        return in_cycles(self.cycles)

    def misfits_of_arms(self, arms: Sequence[str]) -> Iterator[Misfit]:
        """Yield that a cycle compares two arms."""
        if len(arms) != 2:
            yield Misfit(f"an n-of-1 design has two arms, not {len(arms)}", ("arms",))
