"""Two engines in alternating rounds on one core: does a step pay, and what does a patient's step cost?

    python benchmarks/paired.py BEFORE AFTER [--rounds 7] [--core 0] [--json]

A side is a checkout of calor, `.` for this one, with `:TARGET` behind it to pin a target: `.:avx2 .:avx512`.
Each side is a process of its own on the same core, and both simulate the same patients at a tolerance of 1e-4
in turns; the median of the rounds' ratios of processor time is reported, with the error of each side from a
solution at 1e-11.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

RTOL = 1e-4
FEW = 48
"""Patients by whom errors are compared."""
PATIENTS = {"stiff_immune/infusion": 1200, "stiff_immune/daily-oral": 240,
            "disease/infusion": 3000, "disease/daily-oral": 600}  # fmt: skip
"""How many take about a tenth of a second."""
WORK = "--work"


class Side:
    """One engine in a process of its own. Arguments: FOLDER or FOLDER:TARGET; the core that it runs on."""

    def __init__(self, named: str, core: int) -> None:
        folder, _, target = named.partition(":")
        path = os.pathsep.join(str(Path(folder).resolve() / each) for each in ("src", "benchmarks"))
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), WORK, str(core)],
            env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", "CALOR_TARGET": target},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, problem: str, patients: int, **more: Any) -> dict[str, Any]:
        """Return what simulating some patients took, and how far off it was."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([problem, patients, more]), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def end(self) -> None:
        """End the process."""
        self._process.communicate()


def main() -> None:
    """Compare the two sides on all problems."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sides", nargs=2, metavar="SIDE", help="FOLDER or FOLDER:TARGET")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    arguments = parser.parse_args()
    before, after = (Side(named, arguments.core) for named in arguments.sides)
    rows = [compared(before, after, problem, arguments.rounds) for problem in PATIENTS]
    before.end()
    after.end()
    if arguments.json:
        print(json.dumps({"sides": arguments.sides, "results": rows}, indent=2))
        return
    for row in rows:
        print(
            f"{row['problem']:24} {row['ratio']:.2f}x ({row['least']:.2f} to {row['most']:.2f})   "
            f"ns a patient-step {row['ns_before']:.0f}, {row['ns_after']:.0f}   "
            f"steps a patient {row['steps_before']:.1f}, {row['steps_after']:.1f}   "
            f"errors {row['error_before']:.1e}, {row['error_after']:.1e}"
        )


def compared(before: Side, after: Side, problem: str, rounds: int) -> dict[str, Any]:
    """Return one row: a problem on both sides, in turns."""
    patients, found = PATIENTS[problem], []
    errors = [side.ask(problem, FEW, with_error=True)["error"] for side in (before, after)]
    for turn in range(rounds):
        pair = [(side, side.ask(problem, patients)) for side in ((before, after), (after, before))[turn % 2]]
        answers = dict(pair)
        found.append((answers[before], answers[after]))
    ratios = [one["seconds"] / other["seconds"] for one, other in found]
    row: dict[str, Any] = {
        "problem": problem,
        "ratio": statistics.median(ratios),
        "least": min(ratios),
        "most": max(ratios),
        "error_before": errors[0],
        "error_after": errors[1],
    }
    for name, each in (("before", [one for one, _ in found]), ("after", [other for _, other in found])):
        row[f"steps_{name}"] = each[0]["steps"] / patients
        seconds = statistics.median(answer["seconds"] for answer in each)
        row[f"ns_{name}"] = seconds / each[0]["steps"] * 1e9
    return row


def work(core: int) -> None:
    """Answer the questions that come in, on one core."""
    import numpy as np
    from engine import Calor, error_of, options
    from problems import disease, stiff_immune

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    problems = {
        f"{problem.name}/{regimen.name}": Calor(problem, regimen)
        for problem in (stiff_immune(), disease())
        for regimen in problem.regimens
    }
    for line in sys.stdin:
        name, patients, more = json.loads(line)
        calor = problems[name]
        values = {parameter.name: parameter.value for parameter in calor.system.parameters}
        batch = calor.batch(calor.problem.parameters(values, patients))
        began = calor.clock()
        result = calor.kernel.simulate(batch, options(RTOL))
        answer = {"seconds": calor.clock() - began, "steps": int(np.sum(result.steps))}
        if more:
            answer["error"] = error_of(result.outputs, calor.kernel.simulate(batch, options(1e-11)).outputs)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    work(int(sys.argv[2])) if sys.argv[1:2] == [WORK] else main()
