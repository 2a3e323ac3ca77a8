"""The state in which a model comes to rest: it is simulated over ever longer spans until nothing changes.

The state that a model settles in from where it is; conserved totals stay what they are. A model that never
settles has none, and neither has one that time or events drive.
"""

from __future__ import annotations

import numpy as np

from calor.core.errors import InputError, UnsupportedError
from calor.engine.archives.instance import Instance
from calor.engine.batch import Options

SETTLED = 1e-8
"""The change over the last span, relative to the state's size, at which it counts as at rest."""
FIRST_SPAN, SPANS = 1.0, 13
"""The first span in the model's unit of time, and how many are tried, each ten times as long."""


def settle(instance: Instance, options: Options) -> None:
    """Bring a model to rest.

    Raises InputError where it does not come to rest, UnsupportedError for models with events.
    """
    program = instance.model.kernel.program
    if program.driven_by_time or program.event_names:
        why = "events" if program.event_names else "rates that depend on time"
        raise UnsupportedError.of(
            f"a steady state of the model {instance.model.name}, which has {why}, is not supported",
            file=instance.model.file,
        )
    began = instance.time
    for power in range(SPANS):
        before = instance.states
        span = FIRST_SPAN * 10.0**power
        instance.run(0.0, np.array([span]), (), options)
        size = np.maximum(np.abs(instance.states), 1e-6 * np.max(np.abs(instance.states), initial=1e-300))
        if np.all(np.abs(instance.states - before) <= SETTLED * size) and power > 1:
            instance.time = began
            return
    raise InputError.of(
        f"the model {instance.model.name} comes to no steady state", file=instance.model.file,
        hint="it oscillates, grows, or is slower than its time unit suggests",
    )  # fmt: skip
