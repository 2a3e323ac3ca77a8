"""libRoadRunner as an independent solver of composed models under a calendar."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import roadrunner
from numpy.typing import NDArray

from calor.engine.calendar import Action, Calendar
from calor.model.sbml import sbml_of


def simulate(
    antimony: str,
    calendar: Calendar,
    times: Sequence[float],
    outputs: Sequence[str],
    values: Mapping[str, float] | None = None,
) -> NDArray[np.float64]:
    """Return outputs (n_times, n_outputs) at increasing times; a value is that after entries of its time."""
    infused = {
        calendar.states[target]
        for action, target in zip(calendar.actions, calendar.targets, strict=True)
        if action == Action.RATE
    }
    for state in infused:
        antimony, found = re.subn(
            rf"^( *{state}' = .*)$", rf"\1 + forcing_{state}", antimony, flags=re.MULTILINE
        )
        assert found == 1, state
        antimony = antimony.replace("\nend", f"\n  forcing_{state} = 0\nend")
    runner = roadrunner.RoadRunner(sbml_of(antimony))
    runner.integrator.relative_tolerance = 1e-11
    runner.integrator.absolute_tolerance = 1e-13
    runner.integrator.maximum_num_steps = 200_000
    for name, value in (values or {}).items():
        runner[name] = value
    now = 0.0
    moments = sorted({*times, *calendar.times.tolist()})
    results: dict[float, list[float]] = {}
    for moment in moments:
        if moment > now:
            runner.simulate(now, moment, 2)
            now = moment
        for index in np.flatnonzero(calendar.times == moment):
            state = calendar.states[calendar.targets[index]]
            action, value = calendar.actions[index], float(calendar.values[index])
            name = f"forcing_{state}" if action == Action.RATE else state
            before = float(runner[name])
            runner[name] = before * value if action == Action.SCALE else before + value
        results[moment] = [float(runner[name]) for name in outputs]
    return np.array([results[time] for time in times])
