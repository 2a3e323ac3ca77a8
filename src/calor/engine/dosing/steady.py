"""Steady states under repeated or constant dosing: x with Φ(x) = x, Φ the flow over one dosing interval.

Solved by Newton's method with the flow's derivative taken by differences, all perturbed copies in one
batch; exact in one step where the model is linear. The flow comes from the kernel, so every model has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from calor.core.errors import InputError
from calor.core.progress import Silent
from calor.engine.batch import Batch, Kernel, Numbers, Options, Status
from calor.engine.calendar import Action, Calendar
from calor.engine.dosing.doses import Dose

CONVERGED = 1e-9
"""The change over one interval, relative to the state's size, at which it counts as steady."""

WARM_UP_INTERVALS = 8
NEWTON_STEPS = 40
PERTURBATION = 1e-3
TIGHT = Options(rtol=1e-11, atol=1e-13, threads=1)

CONSTANT_INFUSION_SPANS = (1.0, 10.0, 100.0, 1000.0)
"""Lengths of time tried, in the model's unit, as the interval of an infusion that has none."""


@dataclass(frozen=True)
class SteadyStates:
    """Finds steady states of one patient's model and remembers them.

    Arguments: the kernel, and the names and values (n_names,) of the patient's parameters.
    """

    kernel: Kernel
    parameter_names: tuple[str, ...] = ()
    parameters: Numbers = field(default_factory=lambda: np.zeros(0))
    options: Options = TIGHT
    _known: dict[tuple[Dose, float, float], Numbers] = field(default_factory=dict)

    def periodic(self, dose: Dose, interval: float, elapsed: float) -> Numbers:
        """Return the states (n_states,) at steady state, `elapsed` in (0, interval] after a dose."""
        key = (dose, interval, elapsed)
        if key not in self._known:
            calendar = _one_interval(dose, interval)
            before_dose = self._fixed_point(calendar, interval, f"doses every {interval:g}")
            at_end = elapsed >= interval
            self._known[key] = before_dose if at_end else self._flow(before_dose[None], calendar, elapsed)[0]
        return self._known[key]

    def constant(self, state: str, rate: float) -> Numbers:
        """Return the states (n_states,) that a constant infusion at `rate` into `state` keeps."""
        key = (Dose(state, 0.0, rate), 0.0, 0.0)
        if key not in self._known:
            self._known[key] = self._under_constant_infusion(state, rate)
        return self._known[key]

    def _under_constant_infusion(self, state: str, rate: float) -> Numbers:
        calendar = Calendar.of((0.0, Action.RATE, state, rate))
        for span in CONSTANT_INFUSION_SPANS:
            try:
                return self._fixed_point(calendar, span, "a constant infusion")
            except InputError:
                if span == CONSTANT_INFUSION_SPANS[-1]:
                    raise
        raise AssertionError

    def _flow(self, states: Numbers, calendar: Calendar, duration: float) -> Numbers:
        """Return where the states (n, n_states) are after `duration`; raises InputError where one fails."""
        n = len(states)
        batch = Batch(
            save_at=np.array([duration]),
            outputs=(),
            parameter_names=self.parameter_names,
            parameters=np.tile(self.parameters, (n, 1)),
            state_names=self.kernel.state_names,
            states=states,
            calendars=(calendar,),
        )
        result = self.kernel.simulate(batch, self.options, Silent())
        failed = np.flatnonzero(result.status != Status.FINISHED)
        if len(failed):
            message = Status(int(result.status[failed[0]])).message
            raise InputError.of(f"on the way to a steady state the model {message}")
        return result.final_states

    def _fixed_point(self, calendar: Calendar, interval: float, what: str) -> Numbers:
        nothing = Batch(
            save_at=np.array([0.0]),
            outputs=(),
            parameter_names=self.parameter_names,
            parameters=self.parameters[None],
        )
        x = self.kernel.simulate(nothing, self.options, Silent()).final_states[0]
        for _ in range(WARM_UP_INTERVALS):
            x = self._flow(x[None], calendar, interval)[0]
        for _ in range(NEWTON_STEPS):
            size = np.maximum(np.abs(x), 1e-12 + 1e-6 * np.abs(x).max())
            step = PERTURBATION * size
            moved = self._flow(np.vstack([x, x + np.diag(step)]), calendar, interval)
            change = moved[0] - x
            if np.all(np.abs(change) <= CONVERGED * size):
                return np.asarray(moved[0])
            derivative = (moved[1:] - moved[0]).T / step
            x = x + _newton_step(np.eye(len(x)) - derivative, change, size, self.kernel.state_names, what)
        raise InputError.of(f"no steady state was found under {what}", hint="give SS 0 and a run-in instead")


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
            hint="give SS 0 and a run-in instead",
        )
    step, *_ = np.linalg.lstsq(scaled, change / size, rcond=1e-13)
    return np.asarray(step * size)
