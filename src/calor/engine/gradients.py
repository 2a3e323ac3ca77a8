"""Derivatives of simulated numbers by chosen parameters: differences between copies that share their steps.

    ∂F/∂p ≈ (F(p + δ) - F(p)) / δ,  δ = 1e-7 |p|, or 1e-10 where p is zero

The patient and its perturbed copies lie in neighbouring lanes and take the steps that the unperturbed one
needs, so the difference is that of one smooth function and holds no noise of the step control. The error is
of the order of δ and of the tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import SILENT, Progress
from calor.engine.batch import DEFAULT_OPTIONS, Batch, BatchResult, Kernel, Options, some_results

RELATIVE_STEP = 1e-7
SIZE_OF_ZERO = 1e-3
"""Parameters that are zero are perturbed as if they were this large: zero has no size of its own."""


@runtime_checkable
class GroupKernel(Kernel, Protocol):
    """A kernel that takes groups of patients along the same steps."""

    @property
    def group_size(self) -> int:
        """How many patients a group has."""

    @property
    def parameter_values(self) -> tuple[float, ...]:
        """The values of the parameters that a batch does not set."""

    def simulate_together(
        self, batch: Batch, options: Options = ..., progress: Progress = ...
    ) -> BatchResult:
        """Simulate groups of patients, each on the steps that its first one needs."""


@dataclass(frozen=True)
class Gradients:
    """Simulated numbers and their derivatives by parameters.

    Arguments: the names of the parameters; the result of the patients themselves; and the derivatives of
    outputs (n_patients, n_times, n_outputs, n_names), summaries (n_patients, n_summaries, n_names) and
    final states (n_patients, n_states, n_names). A patient that failed has NaN.
    """

    names: tuple[str, ...]
    result: BatchResult
    outputs: Numbers
    summaries: Numbers
    final_states: Numbers


def gradients(
    kernel: Kernel,
    batch: Batch,
    names: Sequence[str],
    options: Options = DEFAULT_OPTIONS,
    progress: Progress = SILENT,
) -> Gradients:
    """Return the derivatives of everything that a batch asks for by some parameters.

    Arguments: the kernel; the batch; the names of the parameters; how accurately to solve; progress.
    Raises InputError for a name that the model lacks, UnsupportedError for a backend without groups.
    """
    if not isinstance(kernel, GroupKernel):
        raise UnsupportedError.of("derivatives by parameters in this backend", hint="use the llvm backend")
    absent = [name for name in names if name not in kernel.parameter_names]
    if absent:
        raise InputError.of(f"the model has no parameter {', '.join(absent)}")
    values = _values(kernel, batch, names)
    steps = RELATIVE_STEP * np.where(values == 0.0, SIZE_OF_ZERO, np.abs(values))
    copies = kernel.group_size - 1
    groups = -(-len(names) // copies) or 1
    expanded = _expanded(batch, names, values, steps, groups, copies)
    everyone = kernel.simulate_together(expanded, options, progress)
    own = np.arange(batch.n_patients) * groups * kernel.group_size
    shape = (batch.n_patients, groups, kernel.group_size)

    def slopes(numbers: Numbers) -> Numbers:
        """Return the derivatives, parameters last, of numbers (n_expanded_patients, ...)."""
        grouped = numbers.reshape(*shape, *numbers.shape[1:])
        differences = (grouped[:, :, 1:] - grouped[:, :, :1]).reshape(
            batch.n_patients, groups * copies, *numbers.shape[1:]
        )[:, : len(names)]
        return np.moveaxis(differences, 1, -1) / steps.reshape(
            batch.n_patients, *[1] * (numbers.ndim - 1), len(names)
        )

    return Gradients(
        tuple(names),
        some_results(everyone, own),
        slopes(everyone.outputs),
        slopes(everyone.summaries),
        slopes(everyone.final_states),
    )


def _values(kernel: GroupKernel, batch: Batch, names: Sequence[str]) -> Numbers:
    """Return the patients' values of the parameters, (n_patients, n_names)."""
    given = dict(zip(batch.parameter_names, batch.parameters.T, strict=True))
    usual = dict(zip(kernel.parameter_names, kernel.parameter_values, strict=True))
    n = batch.n_patients
    columns = [given[name] if name in given else np.full(n, usual[name]) for name in names]
    return np.array(columns).reshape(len(names), n).T


def _expanded(
    batch: Batch, names: Sequence[str], values: Numbers, steps: Numbers, groups: int, copies: int
) -> Batch:
    """Return the batch of every patient's groups: the patient, then copies with one parameter moved."""
    size, n = groups * (copies + 1), batch.n_patients
    all_names = tuple(dict.fromkeys((*batch.parameter_names, *names)))
    table = np.zeros((n, len(all_names)))
    table[:, : len(batch.parameter_names)] = batch.parameters
    columns = [all_names.index(name) for name in names]
    table[:, columns] = values
    parameters = np.repeat(table[:, None], size, axis=1)
    for i, column in enumerate(columns):
        group, copy = divmod(i, copies)
        parameters[:, group * (copies + 1) + 1 + copy, column] += steps[:, i]
    alone = len(batch.calendars) == 1
    return replace(
        batch,
        save_at=np.repeat(batch.save_at, size, axis=0) if batch.save_at.ndim == 2 else batch.save_at,
        parameter_names=all_names,
        parameters=parameters.reshape(n * size, len(all_names)),
        states=None if batch.states is None else np.repeat(batch.states, size, axis=0),
        start=np.repeat(batch.starts, size),
        calendars=batch.calendars if alone else [c for c in batch.calendars for _ in range(size)],
    )
