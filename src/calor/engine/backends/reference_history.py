"""The past of one patient, and what delays take from it.

The solution so far is kept as the stretches that were taken, each with its dense output. At the head stands a
forecast: the last stretch continued, or what a step has just become that is being taken again because it
reaches back into itself. Before the start every state has the initial value that the model gives for that
time. Where a state jumped, its value is the one after the jump.

Source: A. Bellen and M. Zennaro, Numerical Methods for Delay Differential Equations, chapters 3 and 4.
"""

from __future__ import annotations

from bisect import insort
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.engine.backends.reference_stretch import constant
from calor.engine.backends.rosenbrock_solver import Within
from calor.engine.ir.interpreter import NOTHING, Evaluation, Interpreter, Replaced, Values
from calor.engine.ir.program import Program

NEGATIVE = 1e-9
"""A delay so much below zero, relative to the time passed, is more than a solver's error."""

DEEPEST = 5
"""Up to this order a derivative that jumps is an instant at which to start afresh: the method's own order."""

SHARE_FOR_SLOPES = 1e-3
"""Over what part of a step differences are taken for the slope of what delays give."""

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
        self._constant = [
            float(self._ago[k](start, nothing)[f"ago {k}"][0]) for k in plans if program.delays[k].is_constant
        ]

    def bind(self, *groups: str) -> Evaluation:
        """Return what computes groups of the program from times and states."""
        evaluate = Interpreter(self._program, *groups).bind(self._parameters)
        if not self._program.delays:
            return evaluate

        def completed(time: Any, states: Any, replaced: Replaced = NOTHING) -> Values:
            return evaluate(time, self.complete(time, states), replaced)

        return completed

    def complete(self, time: Any, states: Numbers, count: int | None = None) -> Numbers:
        """Return states (n_states, ...) and below them the values of the first `count` delays, or of all."""
        plans = self._program.delays
        whole = np.zeros((self._n + len(plans), *np.shape(states)[1:]))
        whole[: self._n] = states[: self._n]
        for k in range(len(plans) if count is None else count):
            ago = self._ago[k](time, whole)[f"ago {k}"][0]
            whole[self._n + k] = self._value(k, time - np.maximum(ago, 0.0), time, states)
        return whole

    def is_negative(self, states: Numbers) -> bool:
        """Return whether a delay is negative now."""
        whole = self.complete(self.now, states)
        agos = [ago(self.now, whole)[f"ago {k}"][0] for k, ago in enumerate(self._ago)]
        return bool(agos and min(agos) < -NEGATIVE * (self.now - self._start))

    def settle(self, states: Numbers, jumped: int) -> None:
        """Go on from states that are settled now, after an instant.

        Arguments: the states (n_states,); the order of the lowest derivative that jumps here, 0 for states.
        """
        while self._instants and self._instants[0][0] <= self.now:
            self._instants.pop(0)
        if jumped <= DEEPEST:
            for ago in self._constant:
                if ago > 0.0:
                    insort(self._instants, (self.now + ago, jumped + 1))
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
        span = SHARE_FOR_SLOPES * step
        first, second, third = (self.complete(time + i * span, states)[self._n :] for i in range(3))
        return np.asarray((4.0 * second - 3.0 * first - third) / (2.0 * span))

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
        depth = k if self._program.delays[k].nested else 0
        early = flat < self._start
        result = np.empty(len(flat))
        for chosen, group, evaluate in (
            (early, "before", self._before[k]),
            (~early, "delayed", self._of[k]),
        ):
            if chosen.any():
                whole = self.complete(flat[chosen], there[:, chosen], depth)
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
            places = np.searchsorted(self._begins, then[past], side="right") - 1
            columns = np.flatnonzero(past)
            for place in np.unique(places).tolist():
                chosen = columns[places == place]
                there[:, chosen] = self._pieces[place](then[chosen])
        return there
