"""Error against time a patient for calor and every peer that is there: a figure and its data.

    python benchmarks/work_precision.py [--against mrgsolve] --out docs/images

Without `--against` every peer that is installed is measured; that takes most of an hour.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from engine import PEERS, Calor, CalorDerivatives, error_of, peer_named, processor, seconds_of
from peers.base import Peer
from problems import Problem, Regimen, stiff_immune

mpl.use("svg")
from matplotlib import pyplot as plt

TOLERANCES = np.geomspace(1e-2, 1e-8, 7)
PATIENTS = {"calor": 64, "mrgsolve": 32, "diffrax": 16}
FEWEST = 2
DERIVATIVES_OF = 4
"""Patients whose derivatives calor computes."""
ROUNDS = 3
"""The best of some rounds counts."""
LONG, TOO_LONG = 5.0, 60.0
"""After so many seconds there is no further round, and no tighter tolerance."""


class Point(NamedTuple):
    """One solver at one tolerance."""

    what: str
    regimen: str
    solver: str
    rtol: float
    milliseconds_a_patient: float
    error: float


def main() -> None:
    """Measure, and write work-precision.csv and work-precision.svg."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", choices=sorted(PEERS), action="append")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    arguments = parser.parse_args()
    peers = {name: found for name in arguments.against or PEERS if (found := peer_named(name)) is not None}
    out, problem = arguments.out, stiff_immune()
    points = [point for regimen in problem.regimens for point in measured(problem, regimen, peers)]
    with (out / "work-precision.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([Point._fields, *points])
    draw(points, out / "work-precision.svg")


def measured(problem: Problem, regimen: Regimen, peers: dict[str, type[Peer]]) -> Iterator[Point]:
    """Yield a point for every solver and every tolerance at which it works."""
    for what, calor_class in (("outputs", Calor), ("derivatives", CalorDerivatives)):
        if not any(peer.derivatives == calor_class.derivatives for peer in peers.values()):
            continue
        calor = calor_class(problem, regimen)
        values = {parameter.name: parameter.value for parameter in calor.system.parameters}
        most = PATIENTS["calor"] if what == "outputs" else DERIVATIVES_OF
        patients = problem.parameters(values, most)
        exact = calor.simulate(patients, 1e-11)
        solvers: dict[str, Peer] = {"calor": calor}
        for name, peer_class in peers.items():
            if peer_class.derivatives == calor.derivatives:
                solvers[name] = peer_class(problem, regimen)
        for name, solver in solvers.items():
            n = min(PATIENTS.get(name, FEWEST), most)
            for rtol in TOLERANCES.tolist():
                try:
                    error = error_of(solver.simulate(patients[:n], rtol), exact[:n])
                    seconds = best_of(solver, patients[:n], rtol)
                except RuntimeError:  # a peer's solver gives up
                    continue
                yield Point(what, regimen.name, name, rtol, 1e3 * seconds / n, error)
                if seconds > TOO_LONG:
                    break


def best_of(solver: Peer, patients: np.ndarray, rtol: float) -> float:
    """Return the shortest time of some rounds."""
    taken: list[float] = []
    while len(taken) < ROUNDS and sum(taken) < LONG:
        taken.append(seconds_of(solver, patients, rtol))
    return min(taken)


def draw(points: list[Point], path: Path) -> None:
    """Draw error against time, a panel for what is asked and for each regimen, a line for every solver."""
    mpl.rcParams["svg.hashsalt"] = "calor"
    panels = list(dict.fromkeys((point.what, point.regimen) for point in points))
    solvers = list(dict.fromkeys(point.solver for point in points))
    columns = len({regimen for _, regimen in panels})
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(4.0 * columns, 3.2 * rows), layout="constrained", sharey=True, squeeze=False
    )
    for axis, panel in zip(axes.T.ravel(), panels, strict=True):
        for number, solver in enumerate(solvers):
            chosen = [
                point for point in points if (*panel, solver) == (point.what, point.regimen, point.solver)
            ]
            if chosen:
                times = [point.milliseconds_a_patient for point in chosen]
                errors = [point.error for point in chosen]
                axis.loglog(times, errors, f"C{number}-o", markersize=3, label=solver)
        axis.set_title(" of stiff_immune, ".join(panel), fontsize="small")
        axis.legend(fontsize="x-small")
    figure.supxlabel("milliseconds a patient, one core", fontsize="small")
    figure.supylabel("error (median patient's largest)", fontsize="small")
    figure.suptitle(f"52 weeks, 6 outputs at 100 times; {processor()}", fontsize="small")
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
