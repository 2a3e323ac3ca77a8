"""The past of one patient, and what delays take from it.

The solution so far is kept as the stretches that were taken, each with its dense output. At the head stands a
forecast: the last stretch continued, or what a step has just become that is being taken again because it
reaches back into itself. Before the start every state has the initial value that the model gives for that
time. Where a state jumped, its value is the one after the jump.

Source: A. Bellen and M. Zennaro, Numerical Methods for Delay Differential Equations, chapters 3 and 4.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.engine.backends.reference_stretch import constant
from calor.engine.backends.rosenbrock_solver import Within
from calor.engine.ir.interpreter import NOTHING, Evaluation, Interpreter, Replaced, Values
from calor.engine.ir.program import Program
from calor.engine.symbolic.operators import Operator

NEGATIVE = 1e-9
"""A delay so much below zero, relative to the time passed, is more than a solver's error."""

DEEPEST = 5
"""Up to this order a derivative that jumps is an instant at which to start afresh: the method's own order."""

SHARE_FOR_SLOPES = 1e-3
"""Over what part of a step differences are taken for the slope of what delays give."""

BUMP = float(np.sqrt(np.finfo(np.float64).eps))
"""By what part of a state differences are taken for how a delay follows it."""

ITERATED = 0.1
"""How exactly a step that reaches back into itself is repeated, relative to its tolerances."""


class History:
    """Knows the past and completes states by the values of delays.

    Arguments: the program; parameters (n_parameters,); the states (n_states,) and the time at the start.
    """

    def __init__(self, program: Program, parameters: Numbers, states: Numbers, start: float) -> None:
        self._program, self._parameters = program, parameters
        self._n = len(program.state_names)
        self._start = self.now = start
        self._initial = Interpreter(program, "initial").bind(parameters)
        with np.errstate(invalid="ignore"):  # of what is infinite, which its states will be refused for
            self._shift = states[: self._n] - self._initial(start, states)["initial"]
        self._begins = [start]
        self._pieces: list[Within] = [constant(states)]
        self._instants: list[tuple[float, int]] = []
        self.looked_ahead = False
        plans = range(len(program.delays))
        self._of = [Interpreter(program, f"delayed {k}").bind(parameters) for k in plans]
        self._before = [Interpreter(program, f"before {k}").bind(parameters) for k in plans]
        self._ago = [Interpreter(program, f"ago {k}").bind(parameters) for k in plans]
        nothing = np.zeros(self._n + len(program.delays))
        self._constant = {
            k: float(self._ago[k](start, nothing)[f"ago {k}"][0])
            for k in plans
            if program.delays[k].is_constant
        }
        self._varying = [k for k in plans if k not in self._constant]
        self._yielding = [k for k in plans if not self._constant.get(k, 0.0) > 0.0]
        self._for_agos = self._delays_in(*(f"ago {k}" for k in plans))
        self._inner = [self._delays_in(f"delayed {k}", f"before {k}") for k in plans]
        self._moving = {*self._delays_in("derivatives", "constraints"), *chain.from_iterable(self._inner)}

    def bind(self, *groups: str) -> Evaluation:
        """Return what computes groups of the program from times and states."""
        evaluate = Interpreter(self._program, *groups).bind(self._parameters)
        delays = self._delays_in(*groups)
        if not delays:
            return evaluate

        def completed(time: Any, states: Any, replaced: Replaced = NOTHING) -> Values:
            return evaluate(time, self.complete(time, states, delays), replaced)

        return completed

    def _delays_in(self, *groups: str) -> tuple[int, ...]:
        """Return the delays that groups use, themselves or in how long ago others look, in order."""
        present = [group for group in groups if group in self._program.groups]
        used = {
            self._program.operations[position].slot - self._n
            for position in self._program.needed(*present)
            if self._program.operations[position].operator is Operator.STATE
        }
        used = {k for k in used if k >= 0}
        return tuple(sorted(used.union(*(self._delays_in(f"ago {k}") for k in used))))

    def complete(self, time: Any, states: Numbers, delays: Sequence[int]) -> Numbers:
        """Return states (n_states, ...) and below them the values of delays, zero for those not asked for."""
        whole = np.zeros((self._n + len(self._program.delays), *np.shape(states)[1:]))
        whole[: self._n] = states[: self._n]
        for k in delays:
            ago = self._ago[k](time, whole)[f"ago {k}"][0]
            whole[self._n + k] = self._value(k, time - np.maximum(ago, 0.0), time, states)
        return whole

    def is_negative(self, states: Numbers) -> bool:
        """Return whether a delay is negative now."""
        whole = self.complete(self.now, states, self._for_agos)
        varying = (self._ago[k](self.now, whole)[f"ago {k}"][0] for k in self._varying)
        least = min(chain(self._constant.values(), varying))
        return bool(least < -NEGATIVE * (self.now - self._start))

    def settle(self, states: Numbers, jumped: int) -> None:
        """Go on from states that are settled now, after an instant.

        Arguments: the states (n_states,); the order of the lowest derivative that jumps here, 0 for states.
        What comes back to outputs and triggers alone makes no state's derivative jump, so not again.
        """
        while self._instants and self._instants[0][0] <= self.now:
            self._instants.pop(0)
        if jumped <= DEEPEST:
            for k, ago in self._constant.items():
                if ago > 0.0:
                    order = jumped + 1 if k in self._moving else DEEPEST + 1
                    insort(self._instants, (self.now + ago, order))
        self._forecast(self.now, constant(states))

    def add(self, within: Within, end: float) -> None:
        """Take in the stretch from now to an end; go on as it ends."""
        self._pieces[-1] = within
        self.now = end
        self._begins.append(end)
        self._pieces.append(within)

    @property
    def next_instant(self) -> float:
        """When what jumped comes back, infinity if nothing does."""
        return self._instants[0][0] if self._instants else np.inf

    @property
    def order_now(self) -> int | None:
        """The order of the lowest derivative that comes back jumping now, None if nothing does."""
        return min((order for time, order in self._instants if time <= self.now), default=None)

    def slopes(self, time: float, states: Numbers, step: float) -> Numbers:
        """Return the derivatives by time of what delays give, as seen from before a step (n_delays,)."""
        span, delays = SHARE_FOR_SLOPES * step, range(len(self._program.delays))
        first, second, third = (self.complete(time + i * span, states, delays)[self._n :] for i in range(3))
        return np.asarray((4.0 * second - 3.0 * first - third) / (2.0 * span))

    def slopes_by_states(self, time: float, states: Numbers) -> Numbers:
        """Return the derivatives by the states of what delays give (n_delays, n_states).

        A delay that depends on states takes its value from another time when they move; one of no length
        gives what they are.
        """
        sizes = np.abs(states)
        bumps = BUMP * np.where(sizes > 0.0, sizes, sizes.max() or 1.0)
        bumped = states + bumps
        lanes = np.where(np.eye(len(states), dtype=bool), bumped[:, None], states[:, None])
        delays = sorted({*self._yielding, *self._for_agos})
        before = self.complete(time, states, delays)[self._n :]
        after = self.complete(np.full(len(states), time), lanes, delays)[self._n :]
        return np.asarray((after - before[:, None]) / (bumped - states))

    def agrees(self, within: Within, step: float, tolerances: Numbers) -> bool:
        """Take what a step became as the forecast; return whether the forces that made it knew it."""
        if not self.looked_ahead:
            return True
        times = self.now + step * np.linspace(0.25, 1.0, 4)
        off = np.abs(within(times) - self._pieces[-1](times)) / tolerances[:, None]
        self.looked_ahead = False
        self._forecast(self.now, within)
        return bool(np.max(off) <= ITERATED)

    def _forecast(self, begin: float, within: Within) -> None:
        if self._begins[-1] == begin:
            self._pieces[-1] = within
        else:
            self._begins.append(begin)
            self._pieces.append(within)

    def _value(self, k: int, then: Any, time: Any, states: Numbers) -> Any:
        """Return what a delay takes from a time, (n_times,) or a number; `states` are those at `time`."""
        flat = np.atleast_1d(then)
        whens = np.broadcast_to(np.atleast_1d(time), flat.shape)
        present = np.broadcast_to(states.reshape(len(states), -1), (len(states), len(flat)))
        there = self._states_at(flat, whens, present)
        early = flat < self._start
        result = np.empty(len(flat))
        for chosen, group, evaluate in (
            (early, "before", self._before[k]),
            (~early, "delayed", self._of[k]),
        ):
            if chosen.any():
                whole = self.complete(flat[chosen], there[:, chosen], self._inner[k])
                result[chosen] = evaluate(flat[chosen], whole)[f"{group} {k}"][0]
        return result if np.ndim(then) else result[0]

    def _states_at(self, then: Numbers, time: Numbers, states: Numbers) -> Numbers:
        """Return the states (n_states, n_times) at earlier times."""
        there = np.array(states, dtype=np.float64)
        early, past = then < self._start, (then >= self._start) & (then < time)
        if early.any():
            initial = self._initial(then[early], there[:, early])["initial"]
            there[: self._n, early] = initial + self._shift[:, None]
        if past.any():
            self.looked_ahead = self.looked_ahead or bool(np.any(then[past] > self.now))
            places = np.array([bisect_right(self._begins, when) - 1 for when in then[past].tolist()])
            columns = np.flatnonzero(past)
            for place in np.unique(places).tolist():
                chosen = columns[places == place]
                there[:, chosen] = self._pieces[place](then[chosen])
        return there
