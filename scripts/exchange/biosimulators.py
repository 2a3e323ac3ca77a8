"""Runs the examples of the BioSimulators test suite: calor beside what ships with them and libRoadRunner.

    python -m scripts.exchange.biosimulators FOLDER

FOLDER holds the suite's `examples` (github.com/biosimulators/Biosimulators_test_suite): archives, and beside
each a folder of its name with expected-results.json and reports.h5. Prints a row an archive. `expected` is
whether the shipped values agree (at the suite's tolerance), `shipped` the largest difference from reports.h5
relative to the largest value of its data set, `libRoadRunner` the same against that solver at its tightest.
An archive passes where calor agrees with libRoadRunner to 1e-4; ends with 1 where one that libRoadRunner runs
does not.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from calor.core.errors import CalorError
from calor.engine.archives.results import ArchiveResult, run_archive
from scripts.exchange.outside import NotRunError, run_outside

AGREES = 1e-4
"""The suite's own relative tolerance."""

ROUNDING = 1e-10

Sets = dict[str, NDArray[np.float64]]


def main(folder: Path) -> int:
    failed = ran = 0
    print("| archive | calor | expected | shipped | libRoadRunner |")
    print("| --- | --- | --- | --- | --- |")
    for archive in sorted(folder.rglob("*.omex")):
        outside = _by_roadrunner(archive)
        try:
            result = run_archive(archive)
        except CalorError as error:
            failed += isinstance(outside, dict)
            reason = str(error).splitlines()[0].rpartition(": ")[2]
            print(f"| {archive.stem} | {reason} | | | {_text(outside)} |")
            continue
        found = {
            (r.experiment, r.name): dict(zip(r.data_sets, r.values, strict=True)) for r in result.reports
        }
        apart = _furthest(found, outside) if isinstance(outside, dict) else outside
        ran += 1
        failed += not (isinstance(apart, float) and apart <= AGREES)
        expected, shipped = _expected(archive, result), _shipped(archive, found)
        print(f"| {archive.stem} | runs | {expected} | {_text(shipped)} | {_text(apart)} |")
    print(f"\n{ran} run, {failed} of them, or of those that libRoadRunner runs, fail")
    return 1 if failed else 0


def _by_roadrunner(archive: Path) -> dict[tuple[str, str], Sets] | str:
    try:
        return run_outside(archive)
    except NotRunError as error:
        return f"does not run it ({str(error).splitlines()[0][:60]})"


def _furthest(found: dict[tuple[str, str], Sets], outside: dict[tuple[str, str], Sets]) -> float:
    return max(
        _apart(found[key][name], values, sets)
        for key, sets in outside.items()
        for name, values in sets.items()
    )


def _apart(first: NDArray[np.float64], second: NDArray[np.float64], report: Sets) -> float:
    """Return the largest difference, relative to the largest value of the data set.

    What stays below `ROUNDING` of the largest value in the report counts as that: fluxes at an equilibrium
    are rounding errors.
    """
    if first.shape != second.shape:
        return float("inf")
    largest = max(float(np.max(np.abs(values), initial=0.0)) for values in report.values())
    size = max(float(np.max(np.abs(second), initial=0.0)), ROUNDING * largest)
    return float(np.max(np.abs(first - second), initial=0.0)) / (size or 1.0)


def _expected(archive: Path, result: ArchiveResult) -> str:
    path = archive.with_suffix("") / "expected-results.json"
    if not path.exists():
        return "none ship"
    wanted = json.loads(path.read_text())
    rtol, atol = wanted.get("r_tol", AGREES), wanted.get("a_tol", 0.0)
    wrong = count = 0
    for report in wanted.get("expectedReports", []):
        found = {f"{r.experiment}/{r.name}": r for r in result.reports}[report["id"]]
        wrong += tuple(report["points"]) != found.values.shape[1:]
        for item in report.get("values", []):
            values = found.values[found.data_sets.index(item["id"])]
            pairs = item["value"].items() if isinstance(item["value"], dict) else enumerate(item["value"])
            for place, value in pairs:
                at = tuple(int(part) for part in str(place).split(","))
                count += 1
                wrong += not np.isclose(values[at], value, rtol=rtol, atol=atol)
    return f"{count} values agree" if not wrong else f"{wrong} differ"


def _shipped(archive: Path, found: dict[tuple[str, str], Sets]) -> float | str:
    path = archive.with_suffix("") / "reports.h5"
    if not path.exists():
        return "none"
    furthest = 0.0
    with h5py.File(path) as file:
        for (location, report), sets in found.items():
            if f"{location}/{report}" not in file:
                return "not in the file"
            data = file[f"{location}/{report}"]
            names = [str(name) for name in data.attrs["sedmlDataSetIds"]]
            rows = dict(zip(names, np.array(data), strict=True))
            furthest = max(furthest, *(_apart(sets[name], row, rows) for name, row in rows.items()))
    return furthest


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0e}"
    return "runs it" if isinstance(value, dict) else str(value)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the suite's examples")
    sys.exit(main(parser.parse_args().folder))
