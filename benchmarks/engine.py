"""calor's engine beside other simulators: the same patients, like errors, one core each, paired rounds.

    python benchmarks/engine.py --against libroadrunner [--quick] --json

A ratio is calor's patients a second of processor time over the peer's. Both run in every round; the median
of the rounds' ratios is reported. The error is, for a patient, the largest difference of any output at any
time from a solution at a tolerance of 1e-11, relative to the output's largest value; the median patient
counts. Both run at the tolerance at which their error is nearest to, and not above, 3e-4. AMICI is measured
in its forward sensitivities: the derivatives of every output by the logarithm of every parameter.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import statistics
from pathlib import Path

import numpy as np
from peers.base import Numbers, Peer, by_logarithm
from problems import Problem, Regimen, disease, stiff_immune

from calor.core.targets import target
from calor.engine import compile_kernel
from calor.engine.batch import Batch, Kernel, Options
from calor.engine.gradients import gradients
from calor.engine.importers.sbml import load_sbml

PEERS = {
    # name: (module under peers, class); a peer with `derivatives` is measured in those
    "libroadrunner": ("libroadrunner", "LibRoadRunner"),
    "scipy": ("scipy_lsoda", "ScipyLsoda"),
    "mrgsolve": ("mrgsolve", "Mrgsolve"),
    "diffrax": ("diffrax_kvaerno", "DiffraxKvaerno"),
    "amici": ("amici_cvodes", "AmiciCvodes"),
}
ERROR = 3e-4
DECADES = np.geomspace(1e-1, 1e-9, 9).tolist()
WITHIN_A_DECADE = np.geomspace(1e-1, 1.0, 5)[3:0:-1].tolist()
ROUNDS = 5
FEW = {False: 8, True: 2}
"""Patients by whom the errors are matched, in outputs and in derivatives."""
SECONDS_A_ROUND = {True: 0.5, False: 3.0}


class Calor(Peer):
    """calor, measured in the same way as a peer."""

    def __init__(self, problem: Problem, regimen: Regimen) -> None:
        self.problem = problem
        self._calendar = problem.calendar(regimen)
        self.system = load_sbml(problem.sbml())
        self.kernel: Kernel = compile_kernel(self.system)

    def simulate(self, parameters: Numbers, rtol: float) -> Numbers:
        """Simulate the patients on one thread."""
        return self.kernel.simulate(self.batch(parameters), options(rtol)).outputs

    def batch(self, parameters: Numbers) -> Batch:
        """Return patients as a batch."""
        return Batch(
            save_at=self.problem.save_at,
            outputs=self.problem.outputs,
            parameter_names=self.problem.varying,
            parameters=parameters,
            calendars=(self._calendar,),
        )


class CalorDerivatives(Calor):
    """calor's derivatives by every parameter but the infusion's rate."""

    derivatives = True

    def simulate(self, parameters: Numbers, rtol: float) -> Numbers:
        """Return the derivatives as `by_logarithm` lays them out."""
        values = {parameter.name: parameter.value for parameter in self.system.parameters}
        names = [name for name in values if name != self.problem.infusion_rate]
        found = gradients(self.kernel, self.batch(parameters), names, options(rtol))
        return by_logarithm(found.outputs, self.problem.values(values, parameters, names))


def options(rtol: float) -> Options:
    """Return how calor solves: on one thread."""
    return Options(rtol=rtol, atol=rtol * 1e-3, threads=1)


def main() -> None:
    """Run the comparison that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", choices=sorted(PEERS), action="append", required=True)
    parser.add_argument("--quick", action="store_true", help="less than five minutes")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    arguments = parser.parse_args()
    report = compare(arguments.against, arguments.quick)
    if arguments.json:
        print(json.dumps(report, indent=2))
        return
    for row in report["results"]:
        print(
            f"{row['model']:14} {row['regimen']:11} {row['peer']:14} {row['ratio']:8.1f}x   "
            f"errors {row['error_calor']:.1e} {row['error_peer']:.1e}   "
            f"{row['rate_calor']:.0f} and {row['rate_peer']:.1f} patients a second"
        )
    for name in report["missing"]:
        print(f"missing: {name}")


def compare(names: list[str], quick: bool) -> dict[str, object]:
    """Return the results against the peers that are installed, and the names of those that are not."""
    results, missing = [], []
    for name in names:
        peer_class = peer_named(name)
        if peer_class is None:
            missing.append(name)
            continue
        for problem in (stiff_immune(), disease()):
            results += [
                measure(problem, regimen, name, peer_class(problem, regimen), quick)
                for regimen in problem.regimens
            ]
    return {"processor": processor(), "target": target().name, "results": results, "missing": missing}


def peer_named(name: str) -> type[Peer] | None:
    """Return a peer's class, or None where the peer is not installed."""
    module, class_name = PEERS[name]
    try:
        found = importlib.import_module(f"peers.{module}")
    except ImportError:
        return None
    peer_class: type[Peer] = getattr(found, class_name)
    return peer_class


def measure(problem: Problem, regimen: Regimen, name: str, peer: Peer, quick: bool) -> dict[str, object]:
    """Return one row of the table: calor and a peer on one problem and regimen."""
    calor = (CalorDerivatives if peer.derivatives else Calor)(problem, regimen)
    values = {parameter.name: parameter.value for parameter in calor.system.parameters}
    few = problem.parameters(values, FEW[peer.derivatives])
    exact = calor.simulate(few, 1e-11)
    peer_rtol, error_peer = matched(peer, few, exact, ERROR)
    calor_rtol, error_calor = matched(calor, few, exact, min(ERROR, error_peer))
    seconds = SECONDS_A_ROUND[quick]
    n_calor = patients_in(calor, problem, values, calor_rtol, seconds)
    n_peer = patients_in(peer, problem, values, peer_rtol, seconds)
    rates = []
    for _ in range(ROUNDS):
        rate_calor = n_calor / seconds_of(calor, problem.parameters(values, n_calor), calor_rtol)
        rate_peer = n_peer / seconds_of(peer, problem.parameters(values, n_peer), peer_rtol)
        rates.append((rate_calor / rate_peer, rate_calor, rate_peer))
    return {
        "model": problem.name,
        "regimen": regimen.name,
        "peer": name,
        "what": "derivatives" if peer.derivatives else "outputs",
        "ratio": statistics.median(rate[0] for rate in rates),
        "error_calor": error_calor,
        "error_peer": error_peer,
        "rate_calor": statistics.median(rate[1] for rate in rates),
        "rate_peer": statistics.median(rate[2] for rate in rates),
        "rounds": [rate[0] for rate in rates],
        "rtol_calor": calor_rtol,
        "rtol_peer": peer_rtol,
    }


def error_of(outputs: Numbers, exact: Numbers) -> float:
    """Return the median patient's largest error, relative to each output's largest value."""
    size = np.abs(exact).max(axis=1, keepdims=True)
    return float(np.median((np.abs(outputs - exact) / size).max(axis=(1, 2))))


def matched(solver: Peer, parameters: Numbers, exact: Numbers, wanted: float) -> tuple[float, float]:
    """Return the loosest tolerance whose error is at most `wanted`, and that error: its decade first."""

    def error_at(rtol: float) -> float:
        try:
            return error_of(solver.simulate(parameters, rtol), exact)
        except RuntimeError:  # a peer's solver gives up at a loose tolerance
            return np.inf

    before: list[float] = []
    for decade in DECADES:
        error = error_at(decade)
        if error <= wanted:
            tried = ((rtol, error_at(rtol)) for rtol in before)
            return next((found for found in tried if found[1] <= wanted), (decade, error))
        before = [decade * step for step in WITHIN_A_DECADE]
    raise ValueError(f"no tolerance brings the error to {wanted:g}")


def patients_in(solver: Peer, problem: Problem, values: dict[str, float], rtol: float, seconds: float) -> int:
    """Return how many patients take about some seconds."""
    n = 1
    while True:
        taken = seconds_of(solver, problem.parameters(values, n), rtol)
        if taken > seconds / 4:
            return max(1, round(n * seconds / taken))
        n *= 4


def seconds_of(solver: Peer, parameters: Numbers, rtol: float) -> float:
    """Return the processor time that simulating some patients takes, which other work hardly changes."""
    began = solver.clock()
    solver.simulate(parameters, rtol)
    return solver.clock() - began


def processor() -> str:
    """Return the processor's name."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
