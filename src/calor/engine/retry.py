"""What is done about patients that fail: tighter tolerance, then another solver; what still fails is counted.

No patient is dropped: every row of the batch has its row in the result, with its status. The other solver is
slow, and is spared those whom it cannot help: whose states grow without bound at the tighter tolerance too,
and who ran out of steps again though they had `MORE_STEPS` times as many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.progress import SILENT, Progress
from calor.engine.batch import DEFAULT_OPTIONS, Batch, BatchResult, Kernel, Options, Status, rows_of
from calor.engine.ir.program import Program

TIGHTER = 1e-2
"""The factor on both tolerances of the second attempt."""

MORE_STEPS = 10
"""The factor on the number of steps allowed from the second attempt on."""

UNBOUNDED = 1e100
"""A state beyond this grows without bound: products of three like it are no numbers any more."""


@dataclass(frozen=True)
class Retried:
    """A result with the story of its failures.

    Arguments: the result; how many patients failed at first; how many the tighter tolerance rescued; how
    many the other solver did; and the rows (n_failed,) that still have no result.
    """

    result: BatchResult
    failed_at_first: int
    rescued_by_tolerance: int
    rescued_by_other: int
    failed: NDArray[np.int64]

    def __str__(self) -> str:
        n = len(self.result.status)
        if self.failed_at_first == 0:
            return f"all {n} patients finished"
        reasons = {
            Status(int(code)).message: int(np.sum(self.result.status[self.failed] == code))
            for code in np.unique(self.result.status[self.failed])
        }
        told = "".join(f"; {count} {reason}" for reason, count in reasons.items())
        return (
            f"{self.failed_at_first} of {n} patients failed at first: "
            f"{self.rescued_by_tolerance} finished at a tighter tolerance, "
            f"{self.rescued_by_other} with another solver, "
            f"{len(self.failed)} have no result{told}"
        )


def simulate_with_retries(
    kernel: Kernel,
    batch: Batch,
    options: Options = DEFAULT_OPTIONS,
    progress: Progress = SILENT,
    other: Callable[[], Kernel] | None = None,
) -> Retried:
    """Simulate a batch; try failed patients again at a tighter tolerance, then with another solver.

    Arguments: the kernel; the batch; the options of the first attempt; progress of the first attempt;
    and what makes the other solver, called only if it is needed.
    """
    result = kernel.simulate(batch, options, progress)
    failed = failures(result)
    at_first = len(failed)
    if at_first == 0:
        return Retried(result, 0, 0, 0, failed)
    second = replace(
        options,
        rtol=options.rtol * TIGHTER,
        atol=options.atol * TIGHTER,
        max_steps=options.max_steps * MORE_STEPS,
    )
    again = kernel.simulate(rows_of(batch, failed), second, SILENT)
    result = _merged(result, again, failed)
    after_second = failures(result)
    still = after_second
    if other is not None and len(still):
        third = replace(options, max_steps=second.max_steps)
        ended = failures(again)
        lost = _unbounded(kernel, rows_of(batch, still), again.reached[ended], second)
        hopeful = still[~lost & (again.status[ended] != Status.STEP_LIMIT)]
        if len(hopeful):
            result = _merged(result, other().simulate(rows_of(batch, hopeful), third, SILENT), hopeful)
        still = failures(result)
    return Retried(result, at_first, at_first - len(after_second), len(after_second) - len(still), still)


def _unbounded(kernel: Kernel, batch: Batch, reached: Numbers, options: Options) -> NDArray[np.bool_]:
    """Return which patients (n_patients,) have a state beyond `UNBOUNDED` at the time that they reached."""
    there = replace(batch, save_at=reached[:, None], outputs=kernel.state_names, summaries=())
    states = kernel.simulate(there, options, SILENT).outputs[:, 0]
    return np.asarray(np.any(np.abs(states) > UNBOUNDED, axis=1))


def failures(result: BatchResult) -> NDArray[np.int64]:
    """Return the rows of the patients that did not finish."""
    return np.flatnonzero(result.status != Status.FINISHED)


def _merged(first: BatchResult, again: BatchResult, rows: NDArray[np.int64]) -> BatchResult:
    """Return the result with the rows of those that finished now in place of their failures; steps add up."""
    good = again.status == Status.FINISHED
    into = rows[good]
    outputs, summaries = first.outputs.copy(), first.summaries.copy()
    final_states, status, steps = first.final_states.copy(), first.status.copy(), first.steps.copy()
    outputs[into], summaries[into] = again.outputs[good], again.summaries[good]
    final_states[into], status[into] = again.final_states[good], again.status[good]
    reached = first.reached.copy()
    reached[into] = again.reached[good]
    steps[rows] += again.steps
    return replace(
        first,
        outputs=outputs,
        summaries=summaries,
        final_states=final_states,
        status=status,
        steps=steps,
        reached=reached,
    )


@dataclass(frozen=True)
class PersistentKernel:
    """A kernel that tries again for patients that fail; implements `Kernel`.

    Arguments: the kernel, and what makes the other solver, called only if it is needed.
    """

    kernel: Kernel
    other: Callable[[], Kernel]

    @property
    def program(self) -> Program:
        """The model's functions."""
        return self.kernel.program

    @property
    def state_names(self) -> tuple[str, ...]:
        """The states in the order of `BatchResult.final_states`."""
        return self.kernel.state_names

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters that a batch may set."""
        return self.kernel.parameter_names

    @property
    def output_names(self) -> tuple[str, ...]:
        """Everything a batch may keep: states, parameters and assigned quantities."""
        return self.kernel.output_names

    def simulate(
        self, batch: Batch, options: Options = DEFAULT_OPTIONS, progress: Progress = SILENT
    ) -> BatchResult:
        """Simulate every patient; those that fail once more, tighter and then with the other solver."""
        return simulate_with_retries(self.kernel, batch, options, progress, self.other).result
