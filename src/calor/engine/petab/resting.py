"""Where a system comes to rest, found by following it ever further."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.progress import SILENT
from calor.engine.batch import Batch, Kernel, Options

FURTHER, LOOKS = 4.0, 30
"""How much further the next look is, and how many there are: the last one is at 1e17 units of time."""
AT_REST = 1e-7
"""A state rests if it moved less than this part of the largest that it has been, twice in a row."""


def rest(kernel: Kernel, batch: Batch, options: Options, names: tuple[str, ...]) -> Numbers:
    """Return the outputs of a batch's patients at rest, (n_patients, n_outputs).

    Arguments: the kernel; the batch, its times left to this function; the solver's options; the patients'
    names for messages. Raises InputError for one that does not come to rest.
    """
    after = FURTHER ** np.arange(LOOKS) / FURTHER**5
    states = kernel.state_names
    looks = replace(
        batch,
        outputs=(*states, *(name for name in batch.outputs if name not in states)),
        save_at=np.concatenate([batch.starts[:, None], batch.starts[:, None] + after], axis=1),
    )
    seen = kernel.simulate(looks, options, SILENT).outputs
    order = [looks.outputs.index(name) for name in batch.outputs]
    return np.array([_resting(seen[row], len(states), names[row], states)[order] for row in range(len(seen))])


def _resting(seen: Numbers, n_states: int, name: str, states: tuple[str, ...]) -> Numbers:
    """Return the first look (n_outputs,) of a patient at which its states have stayed where they were."""
    largest = np.maximum.accumulate(np.abs(seen[:, :n_states]), axis=0)
    moved = np.abs(np.diff(seen[:, :n_states], axis=0)) / np.maximum(largest[1:], np.finfo(float).tiny)
    still = np.all(moved <= AT_REST, axis=1)
    twice = np.flatnonzero(still[1:] & still[:-1])
    if len(twice):
        return np.asarray(seen[twice[0] + 2])
    reached = np.flatnonzero(np.all(np.isfinite(moved), axis=1))
    fastest = states[int(np.argmax(moved[reached[-1]]))] if len(reached) else None
    raise InputError.of(
        f"the system does not come to rest in {name}" + (f": {fastest} still moves" if fastest else ""),
        allowed="a model that has a steady state under the values of this condition",
    )
