"""The arms over time: who can be allocated to what, what is simulated, and when each period begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.study import Protocol
from calor.study.comparisons import Comparison
from calor.study.sequences import Sequences


@dataclass(frozen=True)
class Layout:
    """The arms of a trial over time.

    A course of several periods holds what earlier ones leave behind (carry-over). What an arm does by itself
    is therefore read in a sequence that gives the control alone before it; after a run-in, the arm of the
    run-in, which all patients have had.

    Arguments: the arms by name; the position of the control among them; the study time (days from study day
    1) at which each period begins; the days of a period that are under its arm (None: to its end); the last
    study day of the endpoint; and what can be allocated: for each sequence the arm of each period, by
    position; the periods in which the endpoint is asked for, and the arm that is given before an arm by
    itself; what is compared; and how often each arm has an assumed effect.
    """

    arms: tuple[str, ...]
    control: int
    starts: tuple[float, ...]
    treated_days: int | None
    last_day: int
    sequences: Sequences
    asked: tuple[int, ...]
    before: int
    comparisons: tuple[Comparison, ...]
    treatments_in: tuple[int, ...]

    @cached_property
    def actives(self) -> tuple[int, ...]:
        """The positions of all arms but the control."""
        return tuple(place for place in range(len(self.arms)) if place != self.control)

    @cached_property
    def contrasts(self) -> tuple[str, ...]:
        """A name for each contrast, the primary one first."""
        return tuple(comparison.label for comparison in self.comparisons)

    @cached_property
    def tested(self) -> tuple[bool, ...]:
        """Whether each contrast is tested, or only estimated."""
        return tuple(comparison.tested for comparison in self.comparisons)

    @cached_property
    def weights(self) -> Numbers:
        """The weight of each arm in each contrast, (n_contrasts, n_arms)."""
        return np.array([comparison.weights for comparison in self.comparisons])

    @cached_property
    def followed(self) -> Sequences:
        """What is simulated: the sequences, and after those what else it takes to know each arm by itself.

        These are the control throughout, and each arm in each period that is asked for, after no other arm
        than belongs before it, as far as no sequence before it begins so.
        """
        throughout = (self.control,) * len(self.starts)
        found = self.sequences if throughout in self.sequences else (*self.sequences, throughout)
        for period in self.asked:
            for arm in range(len(self.arms)):
                begins = (*(self.before,) * period, arm)
                if not any(sequence[: period + 1] == begins for sequence in found):
                    found = (*found, (*begins, *throughout[period + 1 :]))
        return found

    @cached_property
    def by_itself(self) -> NDArray[np.int64]:
        """The place, among what is simulated, of each arm in each period that is asked for, by itself.

        (n_arms, n_asked): a sequence in which no other arm than belongs there is given before that period; of
        the control after itself, the control throughout.
        """
        found = np.empty((len(self.arms), len(self.asked)), dtype=np.int64)
        for place, period in enumerate(self.asked):
            heads = [sequence[: period + 1] for sequence in self.followed]
            for arm in range(len(self.arms)):
                found[arm, place] = heads.index((*(self.before,) * period, arm))
        if self.before == self.control:
            found[self.control] = self.control_throughout
        return found

    @cached_property
    def asked_starts(self) -> tuple[float, ...]:
        """The study time at which each period begins in which the endpoint is asked for."""
        return tuple(self.starts[period] for period in self.asked)

    @cached_property
    def arm_asked(self) -> NDArray[np.int64]:
        """The arm of all that is simulated in the periods that are asked for, (n_followed, n_asked)."""
        return self.arm_in_period[:, list(self.asked)]

    @cached_property
    def control_throughout(self) -> int:
        """The place, among what is simulated, of the control arm in every period."""
        return self.followed.index((self.control,) * len(self.starts))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A name for each sequence: its arms' names in order."""
        return tuple(" > ".join(self.arms[arm] for arm in sequence) for sequence in self.sequences)

    @cached_property
    def arm_in_period(self) -> NDArray[np.int64]:
        """The arm in each period of all that is simulated, the sequences first, (n_followed, n_periods)."""
        return np.array(self.followed)


def layout_of(protocol: Protocol) -> Layout:
    """Return the arms of a protocol over time."""
    names, design = [arm.name for arm in protocol.arms], protocol.design
    sequences = protocol.sequences
    starts = tuple(float(period * design.days_from_period_to_period) for period in range(len(sequences[0])))
    control = names.index(protocol.control_name)
    run_in = design.run_in
    return Layout(
        arms=tuple(names),
        control=control,
        starts=starts,
        treated_days=design.treated_days,
        last_day=int(starts[-1]) + protocol.endpoint.to_day,
        sequences=sequences,
        asked=tuple(range(len(starts))) if run_in is None else (len(starts) - 1,),
        before=control if run_in is None else sequences[0][0],
        comparisons=design.comparisons_of(protocol),
        treatments_in=design.treatments_in(protocol),
    )
