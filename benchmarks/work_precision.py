"""Error against time a patient for calor and libRoadRunner over many tolerances: a figure and its data.

python benchmarks/work_precision.py --out docs/images
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import matplotlib as mpl
import numpy as np
from engine import Calor, error_of, processor, seconds_of
from peers.base import Peer
from peers.libroadrunner import LibRoadRunner
from problems import Problem, Regimen, stiff_immune

mpl.use("svg")
from matplotlib import pyplot as plt

TOLERANCES = np.geomspace(1e-2, 1e-8, 7)
PATIENTS = {"calor": 64, "libroadrunner": 4}
ROUNDS = 2


def main() -> None:
    """Measure, and write work-precision.csv and work-precision.svg."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    out = parser.parse_args().out
    problem = stiff_immune()
    rows = [row for regimen in problem.regimens for row in measured(problem, regimen)]
    with (out / "work-precision.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("regimen", "solver", "rtol", "milliseconds_a_patient", "error"), *rows])
    draw(rows, out / "work-precision.svg")


def measured(problem: Problem, regimen: Regimen) -> list[tuple[str, str, float, float, float]]:
    """Return (regimen, solver, tolerance, milliseconds a patient, error) for every tolerance that works."""
    calor = Calor(problem, regimen)
    solvers: dict[str, Peer] = {"calor": calor, "libroadrunner": LibRoadRunner(problem, regimen)}
    values = {parameter.name: parameter.value for parameter in calor.system.parameters}
    few = problem.parameters(values, 8)
    exact = calor.simulate(few, 1e-11)
    rows = []
    for name, solver in solvers.items():
        patients = problem.parameters(values, PATIENTS[name])
        for rtol in TOLERANCES.tolist():
            try:
                error = error_of(solver.simulate(few, rtol), exact)
                seconds = min(seconds_of(solver, patients, rtol) for _ in range(ROUNDS))
            except RuntimeError:  # a peer's solver gives up
                continue
            rows.append((regimen.name, name, rtol, 1e3 * seconds / len(patients), error))
    return rows


def draw(rows: list[tuple[str, str, float, float, float]], path: Path) -> None:
    """Draw error against time, a line for every solver and regimen."""
    mpl.rcParams["svg.hashsalt"] = "calor"
    figure, axes = plt.subplots(figsize=(6.4, 4.0), layout="constrained")
    for (regimen, solver), style in zip(
        sorted({row[:2] for row in rows}), ("C0--", "C1--", "C0-", "C1-"), strict=True
    ):
        chosen = [row for row in rows if row[:2] == (regimen, solver)]
        axes.loglog([row[3] for row in chosen], [row[4] for row in chosen], style, marker="o", markersize=3)
        axes.lines[-1].set_label(f"{solver}, {regimen}")
    axes.set(xlabel="milliseconds a patient, one core", ylabel="error (median patient's largest)")
    axes.set_title(f"stiff_immune, 52 weeks; {processor()}", fontsize="small")
    axes.legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
