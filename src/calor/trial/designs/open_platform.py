"""A platform's enrolment: which arms are open in each round, who is randomised, and when."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.study import Accrual, Platform, Stay
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Flags
from calor.trial.protocols.plan import Plan


@dataclass(frozen=True)
class PlatformRules:
    """How a platform enrols: every number but the last two counts patients of the whole platform.

    Arguments: after how many each active arm enters, and by how many it leaves at the latest (n_active,); how
    many are enrolled at most, and how many come while the data of a look mature; how many an arm gets; the
    places of a round, at whose end arms come and go; and the rounds that the list of places has.
    """

    enters: Numbers
    leaves: Numbers
    patients: int
    overrun: int
    of_arm: int
    round_size: int
    rounds: int

    @property
    def places(self) -> int:
        """The places of the list: those of arms that are not open stay empty."""
        return self.rounds * self.round_size


def rules_of(plan: Plan, design: Platform, accrual: Accrual) -> PlatformRules:
    """Return how a platform enrols; months are turned into the patients who are expected by then."""
    layout, enrolment = plan.layout, plan.enrolment
    stays = [design.stays.get(layout.arms[place], Stay()) for place in layout.actives]
    enters = np.array([_patients(stay.enters_after, stay.enters_month, accrual, 0.0) for stay in stays])
    leaves = np.array([_patients(None, stay.leaves_month, accrual, np.inf) for stay in stays])
    shares = enrolment.shares
    of_round = np.array(shares.ratio) * (shares.block_size // sum(shares.ratio))
    of_actives = of_round[list(layout.actives)]
    fewest = int(of_round[layout.control] + of_actives.min())
    until = np.ceil(np.minimum(enters, enrolment.patients) / fewest) + np.ceil(
        design.arm_patients / of_actives
    )
    rounds = min(math.ceil(enrolment.patients / fewest), int(until.max()))
    n_strata = math.prod(len(factor.cuts) + 1 for factor in enrolment.strata)
    if n_strata > 1:  # each stratum has blocks of its own, and one of them unfinished at either end of a stay
        rounds += 2 * n_strata
    if (design.arm_patients % of_actives).any():  # an arm's last round is then smaller than the others
        rounds += len(of_actives)
    return PlatformRules(
        enters=enters,
        leaves=leaves,
        patients=enrolment.patients,
        overrun=enrolment.overrun,
        of_arm=design.arm_patients,
        round_size=shares.block_size,
        rounds=rounds,
    )


def _patients(count: int | None, month: float | None, accrual: Accrual, otherwise: float) -> float:
    if count is not None:
        return float(count)
    return otherwise if month is None else accrual.patients_by(month)


class PlatformEnrolment:
    """The enrolment of some replicates of a platform, a round at a time.

    The list of places has every arm in its blocks; a place of an arm that is not open stays empty and takes
    no time, so who is randomised to the open arms is as in a trial of those alone. Arrays, a row a
    replicate: `enrolled`, `order` (how many came before) and `period` of each place; and of each active arm
    `entry`, the place at which it entered, `of_arm`, how many it has, `ends_at`, after how many of the
    platform a decision ends it, `open` and `entered`.
    """

    def __init__(self, rules: PlatformRules, arms: Positions) -> None:
        replicates, active = len(arms), len(rules.enters)
        self.rules = rules
        self.arms = arms
        self.enrolled = np.zeros(arms.shape, dtype=bool)
        self.order = np.zeros(arms.shape, dtype=np.int64)
        self.period = np.zeros(arms.shape, dtype=np.int64)
        self.filled = np.zeros(replicates, dtype=np.int64)
        self.entry = np.full((replicates, active), arms.shape[1])
        self.of_arm = np.zeros((replicates, active), dtype=np.int64)
        self.ends_at = np.full((replicates, active), np.inf)
        self.entered = np.zeros((replicates, active), dtype=bool)
        self.open = np.zeros((replicates, active), dtype=bool)
        self._now = np.zeros(replicates, dtype=np.int64)

    @property
    def goes_on(self) -> bool:
        """Whether some replicate still enrols or waits for an arm."""
        waits = self.open.any(axis=1) | ~self.entered.all(axis=1)
        return bool((waits & (self.filled < self.rules.patients)).any())

    @property
    def cut_short(self) -> Flags:
        """Which arms have too few patients because the platform is full, (r, n_active)."""
        full = (self.filled >= self.rules.patients)[:, None] & (self.rules.leaves >= self.rules.patients)
        return np.asarray(full & (self.of_arm < self.rules.of_arm))

    def enrol(self, number: int) -> None:
        """Fill the places of a round, by the arms that are open when it begins."""
        first = number * self.rules.round_size
        self._let_enter(first)
        places = slice(first, first + self.rules.round_size)
        arms, filled = self.arms[:, places], np.zeros((len(self.arms), self.rules.round_size), dtype=bool)
        filled |= (arms == 0) & self.open.any(axis=1, keepdims=True)
        for arm in range(self.open.shape[1]):
            own = (arms == arm + 1) & self.open[:, arm, None]
            filled |= own & (self.of_arm[:, arm, None] + np.cumsum(own, axis=1) <= self.rules.of_arm)
        came = self.filled[:, None] + np.cumsum(filled, axis=1)
        filled &= came <= self.rules.patients
        self.enrolled[:, places] = filled
        self.order[:, places] = np.clip(came - 1, 0, self.rules.patients - 1)
        self.period[:, places] = self._now[:, None]
        self.filled += filled.sum(axis=1)
        for arm in range(self.open.shape[1]):
            self.of_arm[:, arm] += (filled & (arms == arm + 1)).sum(axis=1)

    def _let_enter(self, place: int) -> None:
        """Open the arms that are due at a place, or next where nobody is open; a change begins a period.

        An arm whose time is up before it could enter never opens.
        """
        rules, filled = self.rules, self.filled[:, None]
        self.entered |= filled >= rules.leaves
        waits = ~self.entered
        soonest = np.where(waits, rules.enters, np.inf).min(axis=1, keepdims=True)
        due = waits & (filled >= rules.enters)
        idle = ~self.open.any(axis=1, keepdims=True) & ~due.any(axis=1, keepdims=True)
        due = np.asarray((due | (idle & waits & (rules.enters == soonest))) & (filled < rules.patients))
        self.entry = np.where(due, place, self.entry)
        self.entered |= due
        self.open |= due
        self._now += due.any(axis=1) & (place > 0)

    def leaving(self, last: bool) -> Flags:
        """Return which open arms are due to leave at the end of a round, the last one or not, (r, n_active).

        Those that have their patients, whose time is up, or whose end was decided; all where the platform is
        full.
        """
        full = (self.filled >= self.rules.patients)[:, None] | last
        due = (self.of_arm >= self.rules.of_arm) | (self.filled[:, None] >= self.rules.leaves) | full
        return np.asarray(self.open & (due | (self.filled[:, None] >= self.ends_at)))

    def close(self, leaving: Flags) -> None:
        """Close arms (r, n_active); where others stay open, a new period begins."""
        self.open &= ~leaving
        self._now += leaving.any(axis=1)
