"""How long one course of a model takes with a warm cache, beside libRoadRunner, for every model of a folder.

    python benchmarks/census_warm.py FOLDER [--csv warm.csv] [--only NAME ...] [--limit SECONDS] [--rounds N]
                                     [--fresh]

What is timed goes from a file's path to the values of one course from 0 to 100 in 97 intervals: calor as
`calor simulate` does it, of species and other states, after one untimed course has filled its cache;
libRoadRunner, which keeps nothing, at its own tolerances and of what it gives by itself, the floating
species. Every course has a process of its own, forked from one in which both have simulated another, tiny
model, so that all is imported; with `--fresh` it is a whole new process, the start of Python and all imports
included. The two alternate, and the least processor time of the rounds counts. A model that either of them
does not solve is left out. It goes on where an earlier run left off.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from census_children import in_child, kept_in, models_of
from census_simulators import Answer, calor_answer, roadrunner_course
from census_table import append_row

SIMULATORS: dict[str, Callable[[Path], Answer]] = {
    "calor": calor_answer,
    "libroadrunner": roadrunner_course,
}
FRESH = {
    "calor": "import calor, sys; calor.load_sbml(sys.argv[1]).simulate(100, steps=97)",
    "libroadrunner": "import roadrunner, sys; roadrunner.RoadRunner(sys.argv[1]).simulate(0, 100, 98)",
}
"""What a new process is given to do."""

TINY = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">
  <model id="tiny">
    <listOfParameters><parameter id="x" value="1" constant="false"/></listOfParameters>
    <listOfRules>
      <rateRule variable="x">
        <math xmlns="http://www.w3.org/1998/Math/MathML"><apply><minus/><ci>x</ci></apply></math>
      </rateRule>
    </listOfRules>
  </model>
</sbml>
"""
"""What both have simulated before they are timed, so that nothing is left to import."""


@dataclass(frozen=True)
class WarmRow:
    """The least processor time (s) that each took for one course of a model; NaN where it was not solved."""

    model: str
    calor: float
    libroadrunner: float

    @property
    def ratio(self) -> float:
        """How many times as long as libRoadRunner calor takes."""
        return self.calor / self.libroadrunner


def main() -> None:
    """Time every model and print how the ratios are spread."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--csv", type=Path, default=Path("warm.csv"))
    parser.add_argument("--only", nargs="*", default=[], help="names of models, without .xml")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds a simulator may take for a model")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fresh", action="store_true", help="a whole new process each time")
    options = parser.parse_args()
    files = models_of(options.folder, options.only)
    known = {row.model: row for row in read_warm_rows(options.csv)}
    timed = fresh_seconds if options.fresh else forked_seconds
    if not options.fresh:
        import_all()
    for file in files:
        if file.stem not in known:
            known[file.stem] = examine_warm(file, timed, options.rounds, options.limit)
            append_row(options.csv, known[file.stem])
    print_ratios([known[file.stem] for file in files])


def import_all() -> None:
    """Let both simulate a tiny model, so that processes forked from now on import nothing."""
    with tempfile.TemporaryDirectory() as folder, kept_in(Path(folder)):
        file = Path(folder, "tiny.xml")
        file.write_text(TINY, encoding="utf-8")
        for simulate in SIMULATORS.values():
            answer = simulate(file)
            if answer.status != "solved":
                raise RuntimeError(f"the tiny model: {answer.status}")


Timed = Callable[[str, Path, float], float]


def examine_warm(file: Path, timed: Timed, rounds: int, limit: float) -> WarmRow:
    """Return the least seconds of each simulator in alternating rounds, after an untimed one of calor.

    Arguments: the model; what says how long a simulator takes for it; the rounds; the most seconds.
    """
    least = {"calor": np.inf, "libroadrunner": np.inf}
    with tempfile.TemporaryDirectory() as empty, kept_in(Path(empty)):
        if np.isnan(timed("calor", file, limit)):
            return WarmRow(file.stem, np.nan, np.nan)
        for _ in range(rounds):
            for name in least:
                least[name] = float(np.fmin(least[name], timed(name, file, limit)))
    return WarmRow(file.stem, *(value if np.isfinite(value) else np.nan for value in least.values()))


def forked_seconds(name: str, file: Path, limit: float) -> float:
    """Return the processor time of a course in a forked process, NaN where there is none."""
    answer = in_child(SIMULATORS[name], file, limit)
    return answer.seconds if answer.status == "solved" else np.nan


def fresh_seconds(name: str, file: Path, limit: float) -> float:
    """Return the processor time of a whole new process that simulates a course, NaN where it fails."""
    command = [sys.executable, "-c", FRESH[name], str(file)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = usage.ru_utime + usage.ru_stime
    return seconds if process.returncode == 0 and seconds <= limit else np.nan


def read_warm_rows(path: Path) -> list[WarmRow]:
    """Return the rows of an earlier run, none if there was none."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [WarmRow(row["model"], float(row["calor"]), float(row["libroadrunner"])) for row in rows]


def print_ratios(rows: list[WarmRow]) -> None:
    """Print how many times as long as libRoadRunner calor takes, and where it takes longer."""
    solved = sorted((row for row in rows if np.isfinite(row.ratio)), key=lambda row: row.ratio)
    print(f"{len(solved)} of {len(rows)} models solved by both")
    if not solved:
        return
    ratios = np.array([row.ratio for row in solved])
    shares = ", ".join(f"{100 * q:g}%: {np.quantile(ratios, q):.2f}" for q in (0.05, 0.25, 0.5, 0.75, 0.95))
    print(f"calor's time as a multiple of libRoadRunner's, quantiles {shares}, largest {ratios[-1]:.2f}")
    slower = [row for row in solved if row.ratio > 1.0]
    print(f"{len(slower)} slower ({100 * len(slower) / len(solved):.1f}%)")
    for row in reversed(slower):
        print(f"    {row.model}: {row.ratio:.2f} ({row.calor:.3f} s, {row.libroadrunner:.3f} s)")


if __name__ == "__main__":
    main()
