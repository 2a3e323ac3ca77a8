"""Steady states under repeated or constant dosing: x with Φ(x) = x, Φ the flow over one dosing interval.

Solved by Newton's method with the flow's derivative taken by differences, all perturbed copies in one
batch; exact in one step where the model is linear. The flow comes from the kernel, so every model has one.

Where rates depend on time, the interval is the one before the last dose, in the patient's own time, and the
state found must return to itself over earlier intervals too: it does where the rates repeat with the doses.
Otherwise there is no steady state, and the states that time drives are named. Nor is there one that a model
with events may be put into: what they have done, and what they wait for, is not in the states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import Silent
from calor.engine.batch import Batch, Kernel, Options, Status
from calor.engine.calendar import Action, Calendar
from calor.engine.dosing.doses import Dose

CONVERGED = 1e-9
"""The change over one interval, relative to the state's size, at which it counts as steady."""

REPEATS = 1e-6
"""The change over an earlier interval, relative to the state's size, at which rates count as repeating."""
EARLIER_INTERVALS = (1, 2, 5)
"""Which ones are looked at, counted back from the one that is solved."""

WARM_UP_INTERVALS = 8
NEWTON_STEPS = 40
PERTURBATION = 1e-3
TIGHT = Options(rtol=1e-11, atol=1e-13, threads=1)

CONSTANT_INFUSION_SPANS = (1.0, 10.0, 100.0, 1000.0)
"""Lengths of time tried, in the model's unit, as the interval of an infusion that has none."""

RUN_IN = "give SS 0 and a run-in of earlier doses instead"


@dataclass(frozen=True)
class SteadyStates:
    """Finds steady states of one patient's model and remembers them.

    Arguments: the kernel, and the names and values (n_names,) of the patient's parameters.
    """

    kernel: Kernel
    parameter_names: tuple[str, ...] = ()
    parameters: Numbers = field(default_factory=lambda: np.zeros(0))
    options: Options = TIGHT
    _known: dict[tuple[Dose, float, float, float], Numbers] = field(default_factory=dict)

    def periodic(self, dose: Dose, interval: float, elapsed: float, now: float = 0.0) -> Numbers:
        """Return the states (n_states,) at steady state, `elapsed` in (0, interval] after a dose, at `now`.

        Raises InputError where there is no steady state, UnsupportedError for a model with events.
        """
        key = (dose, interval, elapsed, self._place_in_time(now))
        if key not in self._known:
            calendar, since = _one_interval(dose, interval), 0.0 if elapsed >= interval else elapsed
            end = key[-1] - since if self.kernel.program.driven_by_time else 0.0
            before_dose = self._fixed_point(calendar, interval, end, f"doses every {interval:g}")
            self._known[key] = (
                self._flow(before_dose[None], calendar, since, end)[0] if since else before_dose
            )
        return self._known[key]

    def constant(self, state: str, rate: float, now: float = 0.0) -> Numbers:
        """Return the states (n_states,) that a constant infusion at `rate` into `state` keeps, at `now`.

        Raises InputError where there is no steady state, UnsupportedError for a model with events.
        """
        key = (Dose(state, 0.0, rate), 0.0, 0.0, self._place_in_time(now))
        if key not in self._known:
            self._known[key] = self._under_constant_infusion(state, rate, key[-1])
        return self._known[key]

    def _place_in_time(self, now: float) -> float:
        """Return the time of a steady state, 0 wherever it makes no difference."""
        return now if self.kernel.program.driven_by_time else 0.0

    def _under_constant_infusion(self, state: str, rate: float, now: float) -> Numbers:
        calendar = Calendar.of((0.0, Action.RATE, state, rate))
        for span in CONSTANT_INFUSION_SPANS:
            try:
                return self._fixed_point(calendar, span, now, "a constant infusion")
            except InputError:
                if span == CONSTANT_INFUSION_SPANS[-1]:
                    raise
        raise AssertionError

    def _flow(
        self, states: Numbers, calendar: Calendar, duration: float, start: float | Numbers = 0.0
    ) -> Numbers:
        """Return where the states (n, n_states) are after `duration`; raises InputError where one fails.

        The calendar counts from the start, which all share or each has of his own (n,).
        """
        n = len(states)
        starts = np.broadcast_to(np.asarray(start, dtype=np.float64), n)
        own = {float(time): calendar.later(float(time)) for time in starts}
        batch = Batch(
            save_at=starts[:, None] + duration,
            outputs=(),
            parameter_names=self.parameter_names,
            parameters=np.tile(self.parameters, (n, 1)),
            state_names=self.kernel.state_names,
            states=states,
            calendars=[own[float(time)] for time in starts],
            start=starts,
        )
        result = self.kernel.simulate(batch, self.options, Silent())
        failed = np.flatnonzero(result.status != Status.FINISHED)
        if len(failed):
            message = Status(int(result.status[failed[0]])).message
            raise InputError.of(f"on the way to a steady state the model {message}")
        return result.final_states

    def _fixed_point(self, calendar: Calendar, interval: float, end: float, what: str) -> Numbers:
        """Return the states that the interval up to `end` leads back to themselves."""
        if self.kernel.program.event_names:
            names = ", ".join(self.kernel.program.event_names[:3])
            raise UnsupportedError.of(
                f"a steady state in a model with events ({names}) is not supported", hint=RUN_IN
            )
        if self.kernel.program.delays:
            raise UnsupportedError.of("a steady state in a model with delay() is not supported", hint=RUN_IN)
        start = end - interval if self.kernel.program.driven_by_time else 0.0
        nothing = Batch(
            save_at=np.array([start]),
            outputs=(),
            parameter_names=self.parameter_names,
            parameters=self.parameters[None],
            start=start,
        )
        x = self.kernel.simulate(nothing, self.options, Silent()).final_states[0]
        for _ in range(WARM_UP_INTERVALS):
            x = self._flow(x[None], calendar, interval, start)[0]
        for _ in range(NEWTON_STEPS):
            size = _sizes(x)
            step = PERTURBATION * size
            moved = self._flow(np.vstack([x, x + np.diag(step)]), calendar, interval, start)
            change = moved[0] - x
            if np.all(np.abs(change) <= CONVERGED * size):
                self._check_that_rates_repeat(moved[0], calendar, interval, start, what)
                return np.asarray(moved[0])
            derivative = (moved[1:] - moved[0]).T / step
            x = x + _newton_step(np.eye(len(x)) - derivative, change, size, self.kernel.state_names, what)
        raise InputError.of(f"no steady state was found under {what}", hint=RUN_IN)

    def _check_that_rates_repeat(
        self, x: Numbers, calendar: Calendar, interval: float, start: float, what: str
    ) -> None:
        """Raise InputError where time drives rates and earlier intervals lead the states elsewhere."""
        if not self.kernel.program.driven_by_time:
            return
        starts = start - interval * np.array(EARLIER_INTERVALS)
        led = self._flow(np.tile(x, (len(starts), 1)), calendar, interval, starts)
        if np.any(np.abs(led - x) > REPEATS * _sizes(x)):
            names = ", ".join(self.kernel.program.driven_by_time[:3])
            raise InputError.of(
                f"there is no steady state under {what}: the rate of {names} depends on time and was another "
                f"before {start:g}",
                hint=RUN_IN,
            )


def _sizes(x: Numbers) -> Numbers:
    """Return the size of each state, by which a change counts as small."""
    return np.asarray(np.maximum(np.abs(x), 1e-6 * (np.abs(x).max() or 1.0)))


def _one_interval(dose: Dose, interval: float) -> Calendar:
    """Return what happens between two doses at steady state, overlapping infusions included."""
    if dose.rate == 0:
        return Calendar.of(*dose.entries(0.0))
    running, rest = divmod(dose.duration, interval)
    entries = [(0.0, Action.RATE, dose.state, dose.rate * running)] if running else []
    if rest > 0:
        entries += Dose(dose.state, rest * dose.rate, dose.rate).entries(0.0)
    return Calendar.of(*entries)


def _newton_step(matrix: Numbers, change: Numbers, size: Numbers, names: Sequence[str], what: str) -> Numbers:
    """Solve matrix @ step = change; a state that nothing pulls back has no steady state, and is named."""
    scaled = matrix * size[None, :] / size[:, None]
    drifting = [
        name
        for name, column, drift in zip(names, scaled.T, change / size, strict=True)
        if np.abs(column).max() < 1e-7 and abs(drift) > CONVERGED
    ]
    if drifting:
        raise InputError.of(
            f"{', '.join(drifting)} never reaches a steady state under {what}",
            hint=RUN_IN,
        )
    step, *_ = np.linalg.lstsq(scaled, change / size, rcond=1e-13)
    return np.asarray(step * size)
