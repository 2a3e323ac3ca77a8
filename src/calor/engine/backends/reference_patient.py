"""One patient on the reference backend: integrate to the next instant at which something happens, let it
happen, go on.

An instant is a calendar entry, the execution of a delayed event, or a change of what a trigger or a jump of
the rates hangs on; these are found on the dense output, by sectioning down to adjacent numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import LSODA

from calor.core.arrays import Numbers
from calor.engine.backends.reference_constraints import NoSolution
from calor.engine.backends.reference_equations import Equations
from calor.engine.backends.reference_events import EventQueue
from calor.engine.backends.reference_history import History
from calor.engine.backends.reference_stretch import Stretch, beginning_at, constant
from calor.engine.backends.reference_summaries import Accumulator
from calor.engine.backends.rosenbrock_solver import RosenbrockSolver
from calor.engine.batch import Options, Status
from calor.engine.calendar import Action, Calendar
from calor.engine.ir.program import BEYOND_EDGE, LEAST_SIZE, Program
from calor.engine.methods.rodas5p import RODAS5P
from calor.engine.methods.sizes import FIRST_CHANGE, UNSEEN, first_step, look_ahead, with_least

SAMPLES = np.linspace(0.0, 1.0, 33)[1:]
"""Where in a step what is watched is looked at, as fractions of it."""
SECTIONS = np.linspace(0.0, 1.0, 257)[1:-1]
"""Where they are looked at again between two such places, to find the instant of a change."""
PIECES = 100
"""A model in which something is watched takes at least so many steps, lest a short change be stepped over."""
NEAREST, TINY = 16 * np.finfo(np.float64).eps, 1e-199
"""Times relatively closer than the first, or closer than the second, are not integrated between."""

CRAWLING, PATIENCE = 1e-12, 500
"""So many steps in a row, each so small a part of the whole time, lead nowhere: instants pile up."""


class ScaledLsoda(LSODA):
    """scipy's LSODA with absolute tolerances that may change as it goes."""

    def measure_by(self, tolerances: Numbers) -> None:
        """Set the absolute tolerances (n_states,) of the steps to come."""
        self._lsoda_solver._integrator.call_args[1] = tolerances  # type: ignore[attr-defined]


class PatientFailure(Exception):
    """The patient cannot be simulated further."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.message)
        self.status = status


@dataclass
class Patient:
    """A patient's course in time.

    Arguments: the program; parameters (n_parameters,); initial states (n_states,); a calendar whose targets
        are positions among the states; the start; the last time of interest; options; what gathers
        summaries; what raises when the user wants to stop.
    """

    program: Program
    parameters: Numbers
    states: Numbers
    calendar: Calendar
    time: float
    horizon: float
    options: Options
    accumulators: Sequence[Accumulator]
    stop_if_requested: Callable[[], None]
    steps: int = 0

    def __post_init__(self) -> None:
        if not len(self.states):
            self.states = np.zeros(1)  # so that there is something to integrate
        self._initial = self.states.copy()
        self._sizes = np.full(len(self.states), UNSEEN)
        self._history = History(self.program, self.parameters, self.states, self.time)
        bind = self._history.bind
        self._equations = Equations(self.program, self._history, len(self.states))
        self._outputs, self._signature = bind("outputs"), bind("watched")
        self._events = EventQueue(self.program, bind, self._keep_constraints)
        self._edges = bind("edges", "edge_sizes")
        self._of_one_step = bool(self.program.constraints or self.program.delay_pattern)
        self._edge_sizes = np.zeros(len(self.program.groups["edges"]))
        self._watched = bool(self.program.groups["watched"])
        self._longest = (self.horizon - self.time) / PIECES if self._watched else np.inf
        self._crawl, self._crawled = CRAWLING * (self.horizon - self.time), 0
        self._next_entry = 0
        self._solver: ScaledLsoda | RosenbrockSolver | None = None
        self._stride = np.inf  # what the solver stepped before it was last started afresh
        self._step: Stretch | None = None
        self._settled, self._begins = False, True
        self._comes_back = False  # whether an instant is only what jumped earlier, coming back by a delay
        self._held: dict[int, float] = {}

    def outputs_at(self, time: float) -> Numbers:
        """Return all outputs at a time not before those asked for earlier (n_outputs,)."""
        while True:
            if not self._settled:
                self._happen()
            if time <= self.time:
                return self._outputs(self.time, self.states)["outputs"]
            if self._step is not None and time < self._step.end:
                return self._outputs(time, self._step.states(time))["outputs"]
            self._move_on()

    def finish(self) -> None:
        """Go on to the last time of interest."""
        self.outputs_at(self.horizon)

    def _move_on(self) -> None:
        """Take one more step, or settle at the end of the one taken."""
        if self._step is None:
            self._step = self._stepped()
            for accumulator in self.accumulators:
                accumulator.add(self._step.start, self._step.end, self._outputs_within(self._step))
            return
        self.time, self.states = self._step.end, self._step.states(self._step.end).copy()
        if self.program.delays:
            self._history.add(self._step.states, self._step.end)
        self._crawled = self._crawled + 1 if self._step.end - self._step.start < self._crawl else 0
        if self._crawled > PATIENCE:
            raise PatientFailure(Status.STEP_TOO_SMALL)
        self._settled = not (self._step.ends_in_instant or self._wakes())
        self._step = None
        self._sizes = np.fmax(self._sizes, np.abs(self.states))
        if not np.all(np.isfinite(self.states)):
            raise PatientFailure(Status.NON_FINITE)
        self._check_delays()
        self._events.grow(self.time, self.states)
        self._check_edges()

    def _check_delays(self) -> None:
        if self.program.delays and self._history.is_negative(self.states):
            raise PatientFailure(Status.NEGATIVE_DELAY)

    def _wakes(self) -> bool:
        """Whether a constraint that had nothing to do has something from now on."""
        constraints = self._equations.constraints
        return constraints is not None and constraints.wakes(self.time, self.states)

    def _keep_constraints(self, time: float, states: Numbers) -> None:
        """Bring states, in place, to where the constraints hold."""
        if self._equations.constraints is None:
            return
        self._sizes = np.fmax(self._sizes, np.abs(states))
        try:
            self._equations.constraints.settle(time, states)
        except NoSolution:
            raise PatientFailure(Status.NO_SOLUTION) from None

    def _check_edges(self) -> None:
        """Fail where a guarded operation's operand lies further beyond its edge than an error may take it."""
        if not self.program.groups["edges"]:
            return
        found = self._edges(self.time, self.states)
        self._edge_sizes = np.maximum(self._edge_sizes, found["edge_sizes"])
        least = LEAST_SIZE * np.max(np.abs(self.states))
        if np.any(found["edges"] < -BEYOND_EDGE * np.maximum(self._edge_sizes, least)):
            raise PatientFailure(Status.UNDEFINED)

    def _outputs_within(self, step: Stretch) -> Callable[[Numbers], Numbers]:
        return lambda times: self._outputs(times, step.states(times))["outputs"]

    def _happen(self) -> None:
        """Let all happen that is due now, calendar entries in their order, then events; then start afresh.

        Where events begin, they first see the states without what the calendar does next at that time, so
        that a dose may make a trigger true.
        """
        before, comes_back = self.states.copy(), self._history.order_now if self._comes_back else None
        self._keep_constraints(self.time, self.states)
        if self._begins:
            self._check_delays()
            self._check_edges()
            self._let_events_happen()
            self._begins = False
        elif self._events.come_to(self.time, self.states, self._held, self.options.rtol):
            raise PatientFailure(Status.TOUCHING)
        while self._next_entry < len(self.calendar) and self.calendar.times[self._next_entry] <= self.time:
            self._enter(self._next_entry)
            self._next_entry += 1
        self._keep_constraints(self.time, self.states)
        self._let_events_happen()
        if self.program.delays:
            unchanged = np.array_equal(before, self.states)
            self._history.settle(self.states, comes_back if comes_back and unchanged else 0)
        rates = self._equations.forces(self.time, self.states)
        if not (np.all(np.isfinite(self.states)) and np.all(np.isfinite(rates))):
            raise PatientFailure(Status.NON_FINITE)
        if self._solver is not None and self._solver.step_size:
            self._stride = self._solver.step_size
        watched = self._signature(self.time, self.states)["watched"].tolist()
        self._held = dict(zip(self.program.groups["watched"], watched, strict=True))
        self._sizes = np.fmax(self._sizes, np.abs(self.states))
        self._solver, self._settled = None, True

    def _let_events_happen(self) -> None:
        if not self._events.happen(self.time, self.states):
            raise PatientFailure(Status.STEP_LIMIT)

    def _enter(self, entry: int) -> None:
        target, value = self.calendar.targets[entry], self.calendar.values[entry]
        match Action(self.calendar.actions[entry]):
            case Action.ADD:
                self.states[target] += value
            case Action.RATE:
                self._equations.forcing[target] += value
            case Action.SCALE:
                self.states[target] *= value
            case Action.SET:
                self.states[target] = value
            case Action.RESET:
                self.states[:] = self._initial
                self._equations.forcing[:] = 0.0
                self._keep_constraints(self.time, self.states)
                self._events.begin()
                self._let_events_happen()

    def _stepped(self) -> Stretch:
        """Return the next step, cut where a trigger or switch changes."""
        self.stop_if_requested()
        self.steps += 1
        if self.steps > self.options.max_steps:
            raise PatientFailure(Status.STEP_LIMIT)
        entry = self.calendar.times[self._next_entry] if self._next_entry < len(self.calendar) else np.inf
        due = float(min(entry, self._events.next_time))
        known = min(due, self._history.next_instant)
        self._comes_back = known < due
        bound = min(known, self.horizon)
        if bound - self.time <= NEAREST * max(abs(bound), abs(self.time)) + TINY:
            return Stretch(self.time, bound, constant(self.states), ends_in_instant=known <= self.horizon)
        solver = self._solver or self._new_solver(bound)
        solver.measure_by(self._tolerances())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the solver's own words; its status says the same
            solver.step()
        if solver.status == "failed" or solver.t == self.time:
            if self._sees_more():
                self._solver = None
                return self._stepped()
            finite = np.all(np.isfinite(solver.y)) and np.all(np.isfinite(solver.fun(solver.t, solver.y)))
            raise PatientFailure(Status.STEP_TOO_SMALL if finite else Status.NON_FINITE)
        self._solver = solver
        within = beginning_at(self.time, self.states, float(solver.t), solver.dense_output())
        step = Stretch(self.time, float(solver.t), within, ends_in_instant=solver.t >= known)
        return self._cut_at_change(step) if self._watched else step

    def _tolerances(self) -> Numbers:
        """Return the absolute tolerances (n_states,)."""
        tolerances = self.options.atol * with_least(self._sizes)
        if self._equations.constraints is None:
            return tolerances
        return np.fmax(
            tolerances, self._equations.constraints.resolution(self.time, self.states, self._sizes)
        )

    def _new_solver(self, bound: float) -> ScaledLsoda | RosenbrockSolver:
        """Return the solver from now on, which knows the sizes of the states that begin."""
        rates = self._equations.forces(self.time, self.states)
        ahead = first_step(self.states, rates, self._sizes, self.horizon - self.time)
        self._look_ahead(ahead)
        least = 10 * NEAREST * abs(self.time)
        if self._of_one_step:
            return RosenbrockSolver(
                RODAS5P,
                self._equations,
                self.time,
                self.states,
                bound,
                rtol=self.options.rtol,
                max_step=self._longest,
                first_step=max(min(self._stride, ahead), least),
            )
        first = min(self._stride, ahead * float(np.sqrt(self.options.rtol)))  # it begins at order 1
        first = max(first, least)
        return ScaledLsoda(
            self._equations.forces,
            self.time,
            self.states,
            bound,
            rtol=self.options.rtol,
            jac=self._equations.slopes,
            max_step=self._longest,
            first_step=min(first, self._longest, bound - self.time),
        )

    def _look_ahead(self, step: float) -> None:
        """Learn the sizes of states that begin, with a first look of a given length."""
        self._sizes = look_ahead(
            self._equations.forces,
            self._equations.slopes,
            self.time,
            self.states,
            self._sizes,
            step,
            self.horizon,
            self._equations.mass,
        )

    def _sees_more(self) -> bool:
        """Look further ahead where the solver stands still; whether states begin there that had no size."""
        before = np.count_nonzero(self._sizes > UNSEEN)
        self._look_ahead(min(self._longest, FIRST_CHANGE * (self.horizon - self.time)))
        return bool(np.count_nonzero(self._sizes > UNSEEN) > before)

    def _cut_at_change(self, step: Stretch) -> Stretch:
        """Return the step up to the first number at which something watched has changed."""
        times = step.start + SAMPLES * (step.end - step.start)
        before = self._signature(step.start, self.states)["watched"]
        changed = np.any(self._signature(times, step.states(times))["watched"] != before[:, None], axis=0)
        if not changed.any():
            return step
        first = int(np.argmax(changed))
        low, high = (step.start if first == 0 else float(times[first - 1])), float(times[first])
        while low < 0.5 * (low + high) < high:
            inner = low + SECTIONS * (high - low)
            changed = np.any(self._signature(inner, step.states(inner))["watched"] != before[:, None], axis=0)
            first = int(np.argmax(changed)) if changed.any() else len(inner)
            high = float(inner[first]) if first < len(inner) else high
            low = float(inner[first - 1]) if first else low
        self._comes_back = False
        return Stretch(step.start, high, step.states, ends_in_instant=True)
