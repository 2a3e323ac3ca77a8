"""The events of one patient: which triggers hold, which executions wait, and what happens at an instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.engine.ir.interpreter import Evaluation, Replaced
from calor.engine.ir.program import LOT_FACTOR, LOT_INCREMENT, MOST_AT_ONCE, ONCE, ROUNDING, TOUCHING, Program
from calor.engine.symbolic.operators import Operator

Bind = Callable[..., Evaluation]
"""From names of a program's groups to what computes them."""


@dataclass(frozen=True)
class Waiting:
    """An execution to come: which event, when, and its values if they were taken when it fired."""

    event: int
    time: float
    values: Numbers | None


class EventQueue:
    """Fires and executes events by the rules of SBML Level 3.

    Arguments: the program; what binds its groups to this patient; and what follows at once, in place, where
    an execution changes states.
    """

    def __init__(self, program: Program, bind: Bind, follow: Callable[[float, Numbers], None]) -> None:
        self._follow = follow
        self._plans = program.events
        self._equalities, self._orders = program.groups["equalities"], program.groups["orders"]
        self._turns, self._followed = program.groups["turns"], np.array(program.followed, dtype=np.bool_)
        asks = [program.operations[position].operator is Operator.EQUAL for position in self._equalities]
        self._asks = np.array(asks, dtype=np.bool_)
        self.begin()
        if self._plans:
            self._triggers = bind("triggers")
            self._timing = bind("delays", "priorities")
            self._differences = bind("differences")
            groups = ("equalities", "orders", "turns", "differences", "difference_sizes")
            self._equality = bind(*groups)
            self._effects = bind("assignments", "assignment_scales")

    def begin(self) -> None:
        """Begin anew: nothing waits, and triggers count as the model says that they did before the start."""
        self._holds: NDArray[np.bool_] = np.array(
            [plan.initial_value for plan in self._plans], dtype=np.bool_
        )
        self._waiting: list[Waiting] = []
        self._lot = 0
        self._passed: dict[int, bool] = {}  # what has just become equal counts as it, in this instant
        self._over: dict[int, bool] = {}  # and no more in the numbers next to it
        self._passed_at = np.full(len(self._equalities), -np.inf)
        self._sizes = np.zeros(len(self._equalities))

    @property
    def next_time(self) -> float:
        """When the next execution is due, infinity if none waits."""
        return min((waiting.time for waiting in self._waiting), default=np.inf)

    def triggers(self, time: Any, states: Numbers) -> NDArray[np.bool_]:
        """Return whether each trigger holds, (n_events,) or (n_events, n_times)."""
        if not self._plans:
            return np.zeros((0, *np.shape(time)), dtype=np.bool_)
        return self._triggers(time, states, self._passed | self._over)["triggers"]

    def grow(self, time: float, states: Numbers) -> None:
        """Take in how large the sides of equalities are where a step ends."""
        if self._equalities:
            self._sizes = np.fmax(self._sizes, self._equality(time, states)["difference_sizes"])

    def come_to(self, time: float, states: Numbers, held: Replaced, rtol: float) -> bool:
        """Find, where a step ends, which sides in triggers have become equal in it.

        Arguments: the time; the states; what comparisons and roundings were in the step, by position; and the
        relative tolerance. Returns whether sides touch, or nearly, of which a solution cannot tell whether.
        """
        if not self._equalities:
            return False
        now, before = self._equality(time, states), self._differences(time, states, held)["differences"]
        apart, nothing = np.abs(now["differences"]), ROUNDING * now["difference_sizes"]
        jumped = np.abs(now["differences"] - before) > nothing
        were = np.array([held[position] for position in self._equalities])
        passed = now["orders"] != np.array([held[position] for position in self._orders])
        met = (now["equalities"] != were) & (now["equalities"] == self._asks)
        turns = np.array([held.get(position, now["turns"][i]) for i, position in enumerate(self._turns)])
        turned = (now["turns"] != turns) & ~jumped & (were != self._asks)
        touched = turned & ~self._followed & (apart <= ROUNDING * self._sizes)
        again = time - self._passed_at <= ONCE * abs(time)
        equal = np.where(jumped, apart <= nothing, passed | met | touched) & ~again
        self._passed_at[equal] = time
        found = list(zip(self._equalities, self._asks.tolist(), equal.tolist(), again.tolist(), strict=True))
        self._passed = {position: ask for position, ask, is_equal, _ in found if is_equal}
        self._over = {position: not ask for position, ask, is_equal, was in found if was and not is_equal}
        return bool(np.any(turned & self._followed & (apart <= TOUCHING * rtol * self._sizes)))

    def happen(self, time: float, states: Numbers) -> bool:
        """Fire what has become true and execute what is due, one by one, changing the states in place.

        What has just become equal in passing is so first, and then no more. Returns whether it ended.
        """
        ended = self._settle(time, states)
        if ended and self._passed:
            self._passed = {}
            ended = self._settle(time, states)
        return ended

    def _settle(self, time: float, states: Numbers) -> bool:
        self._update(time, states)
        for _ in range(MOST_AT_ONCE):
            due = [item for item in self._waiting if item.time <= time]
            if not due:
                return True
            chosen = self._foremost(due, time, states)
            self._waiting.remove(chosen)
            effects = self._effects(time, states)
            place = self._place(chosen.event)
            values = effects["assignments"][place] if chosen.values is None else chosen.values
            states[list(self._plans[chosen.event].targets)] = values * effects["assignment_scales"][place]
            self._follow(time, states)
            self._update(time, states)
        return False

    def _update(self, time: float, states: Numbers) -> None:
        """Take in the triggers as they are now: what rose fires, what fell cancels what does not persist."""
        if not self._plans:
            return
        holds = self.triggers(time, states)
        for event in np.flatnonzero(self._holds & ~holds).tolist():
            if not self._plans[event].persistent:
                self._waiting = [item for item in self._waiting if item.event != event]
        for event in np.flatnonzero(holds & ~self._holds).tolist():
            plan = self._plans[event]
            delay = float(self._timing(time, states)["delays"][event]) if plan.has_delay else 0.0
            early = plan.use_values_from_trigger_time
            values = self._effects(time, states)["assignments"][self._place(event)] if early else None
            self._waiting.append(Waiting(event, time + max(delay, 0.0), values))
        self._holds = holds

    def _place(self, event: int) -> slice:
        """Return where an event's values stand among all assignments."""
        plan = self._plans[event]
        return slice(plan.first_assignment, plan.first_assignment + len(plan.targets))

    def _foremost(self, due: list[Waiting], time: float, states: Numbers) -> Waiting:
        """Return the execution of highest priority; those without one come last, ties go by lot."""
        if len(due) == 1:
            return due[0]
        priorities = self._timing(time, states)["priorities"]
        ranks = [
            float(priorities[item.event]) if self._plans[item.event].has_priority else -np.inf for item in due
        ]
        tied = [item for item, rank in zip(due, ranks, strict=True) if rank == max(ranks)]
        if len(tied) == 1:
            return tied[0]
        self._lot = (LOT_FACTOR * self._lot + LOT_INCREMENT) % 2**64
        return tied[(self._lot >> 33) % len(tied)]
