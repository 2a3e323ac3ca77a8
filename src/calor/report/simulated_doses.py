"""The doses that people of one simulated trial take: until they stop, are lost, or forget one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.streams import Stream
from calor.population.giving import adherence_stream, doses_taken
from calor.study.treatments import ArmTreatment
from calor.trial.bank.bank import Bank
from calor.trial.conduct.observation import Observed
from calor.trial.protocols.plan import Plan


@dataclass(frozen=True)
class GivenDoses:
    """A treatment's doses as one person takes them.

    Arguments: the period (from 0; rescue counts as the one after the last); the study time from which the
    regimen counts; the treatment up to stopping; and whether each of its doses is taken, loss aside.
    """

    period: int
    start: float
    treatment: ArmTreatment
    taken: tuple[bool, ...]

    @property
    def times(self) -> tuple[float, ...]:
        """The study times of the doses that are taken."""
        pairs = zip(self.treatment.dose_days, self.taken, strict=True)
        return tuple(self.start + time for time, taken in pairs if taken)


def given_doses(
    plan: Plan, bank: Bank, observed: Observed, place: int, stream: Stream
) -> Iterator[GivenDoses]:
    """Yield what the person in a place of the first replicate takes until stopping, rescue last.

    Arguments: the plan, its bank, what was observed, the place, and the stream of the study.
    """
    layout, rescue = plan.layout, plan.given.rescue
    person, rescued = observed.people[0, place], observed.rescued[0, place]
    given: list[tuple[int, float, ArmTreatment | None]] = [
        (period, start, treatment.until(observed.stopped[0, place] - start))
        for period, (start, arm) in enumerate(
            zip(layout.starts, layout.sequences[observed.sequences[0, place]], strict=True)
        )
        for treatment in plan.given.by_arm[arm]
    ]
    if rescue is not None and np.isfinite(rescued):
        given.append((len(layout.starts), rescued, rescue))
    for period, start, treatment in given:
        if treatment is not None:
            one = bank.patients.identifiers[[person]]
            branch = adherence_stream(stream, treatment, period)
            taken = doses_taken(treatment, one, plan.given.adherence, branch)[0]
            yield GivenDoses(period, start, treatment, tuple(taken.tolist()))


def treated_in_periods(plan: Plan, bank: Bank, observed: Observed) -> NDArray[np.bool_]:
    """Return who was treated as allocated in each period of the first replicate, (n, n_periods).

    In an arm with drugs: at least one dose was taken before loss. In an arm in which calor gives nothing
    (placebo, usual care): the period began before the person stopped or was lost.
    """
    starts = np.array(plan.layout.starts)
    ended = np.minimum(observed.stopped[0], observed.lost[0])
    treated = ended[:, None] > starts
    arms = plan.layout.arm_in_period[observed.sequences[0]]
    has_drugs = np.array([bool(treatments) for treatments in plan.given.by_arm])[arms]
    treated &= ~has_drugs
    for place in np.flatnonzero(has_drugs.any(axis=1)):
        for each in given_doses(plan, bank, observed, int(place), bank.stream):
            if each.period < len(starts) and any(time < observed.lost[0, place] for time in each.times):
                treated[place, each.period] = True
    return np.asarray(treated)
