"""A kernel that solves dx/dt = A x + forcing exactly by matrix exponentials: the dosing tests' own solver."""

from types import SimpleNamespace

import numpy as np
from scipy.linalg import expm

from calor.engine.batch import DEFAULT_OPTIONS, Batch, BatchResult, Options
from calor.engine.calendar import Action

CLEARANCE, VOLUME, ABSORPTION = 1.1, 20.0, 1.5


class LinearKernel:
    """One compartment with first-order absorption unless other rates are given; all initial values zero."""

    def __init__(self, matrix=None, names=("depot", "central"), outputs=None):
        k = CLEARANCE / VOLUME
        self.matrix = (
            np.array([[-ABSORPTION, 0.0], [ABSORPTION, -k]]) if matrix is None else np.asarray(matrix)
        )
        self.state_names = tuple(names)
        self.parameter_names = ()
        self.outputs = outputs or {"CP": np.array([0.0, 1000.0 / VOLUME])}
        self.output_names = (*self.outputs, *self.state_names)
        self.program = SimpleNamespace(event_names=(), driven_by_time=(), delays=())

    def simulate(self, batch: Batch, options: Options = DEFAULT_OPTIONS, progress=None) -> BatchResult:
        save_at = np.atleast_2d(batch.save_at)
        n, n_states = batch.n_patients, len(self.state_names)
        outputs = np.zeros((n, save_at.shape[1], len(batch.outputs)))
        final = np.zeros((n, n_states))
        for i in range(n):
            calendar = batch.calendars[i if len(batch.calendars) > 1 else 0]
            x = np.zeros(n_states) if batch.states is None else np.array(batch.states[i])
            kept = self._solve(x, calendar, batch.starts[i], save_at[i if len(save_at) > 1 else 0])
            final[i] = kept[-1]
            for j, name in enumerate(batch.outputs):
                outputs[i, :, j] = kept @ self.outputs[name]
        status = np.zeros(n, dtype=np.int64)
        reached = np.broadcast_to(save_at[:, -1], n)
        return BatchResult(outputs, np.zeros((n, 0)), final, self.state_names, status, status, reached)

    def _solve(self, x, calendar, start, save_at):
        n = len(x)
        forcing, now, kept = np.zeros(n), start, []
        things = sorted(
            [(t, 0, i) for i, t in enumerate(calendar.times)] + [(t, 1, 0) for t in save_at],
            key=lambda thing: thing[:2],
        )
        for time, is_save, i in things:
            grown = np.zeros((n + 1, n + 1))
            grown[:n, :n], grown[:n, n] = self.matrix, forcing
            x = (expm(grown * (time - now)) @ np.append(x, 1.0))[:n]
            now = time
            if is_save:
                kept.append(x.copy())
                continue
            action, value = Action(calendar.actions[i]), calendar.values[i]
            if action == Action.RESET:
                x, forcing = np.zeros(n), np.zeros(n)
                continue
            target = self.state_names.index(calendar.states[calendar.targets[i]])
            if action == Action.ADD:
                x[target] += value
            elif action == Action.RATE:
                forcing[target] += value
            elif action == Action.SET:
                x[target] = value
            elif action == Action.SCALE:
                x[target] *= value
        return np.array(kept)
