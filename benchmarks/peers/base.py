"""What a peer must offer to be measured beside calor."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from problems import Problem, Regimen

Numbers = NDArray[np.float64]


class Peer(Protocol):
    """A simulator set up for one problem and one regimen."""

    derivatives: bool = False
    """Whether `simulate` returns derivatives by parameters, as `by_logarithm` lays them out."""

    def __init__(self, problem: Problem, regimen: Regimen) -> None: ...

    def simulate(self, parameters: Numbers, rtol: float) -> Numbers:
        """Return the outputs (n_patients, n_times, n_outputs); what this takes is what is measured."""

    def clock(self) -> float:
        """Return the processor time, in seconds, used so far; its growth while simulating is measured."""
        return time.process_time()


def by_logarithm(derivatives: Numbers, values: Numbers) -> Numbers:
    """Return derivatives by the logarithms of parameters, (n_patients, n_times x n_names, n_outputs).

    Arguments: derivatives (n_patients, n_times, n_outputs, n_names); parameters (n_patients, n_names).
    Laid out so, an output's error is relative to its largest derivative by any parameter.
    """
    scaled = np.moveaxis(derivatives, -1, 2) * values[:, None, :, None]
    return scaled.reshape(len(values), -1, derivatives.shape[2])


def pieces(
    problem: Problem, regimen: Regimen
) -> Iterator[tuple[float, float, Numbers, list[tuple[str, float]]]]:
    """Yield the stretches between discontinuities.

    A stretch is its start, its end, the times to save in (start, end], and what happens at its end:
    (state, amount) added, or (infusion's rate, new value).
    """
    happenings: dict[float, list[tuple[str, float]]] = {}
    for infusion in regimen.infusions:
        happenings.setdefault(infusion.time, []).append(
            (problem.infusion_rate, infusion.amount / infusion.duration)
        )
        happenings.setdefault(infusion.time + infusion.duration, []).append((problem.infusion_rate, 0.0))
    for given in regimen.oral_times:
        happenings.setdefault(given, []).append((problem.oral_state, regimen.oral_amount))
    end = float(problem.save_at[-1])
    stops = sorted({*(t for t in happenings if t < end), end})
    before = 0.0
    for stop in stops:
        times = problem.save_at[(problem.save_at > before) & (problem.save_at <= stop)]
        yield before, stop, times, happenings.get(stop, [])
        before = stop
