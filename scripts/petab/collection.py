"""Weigh every problem of a folder of PEtab problems and write a table of what calor makes of them.

The folder has one folder for each problem, as the public collection Benchmark-Models-PEtab has
(`git clone https://github.com/Benchmarking-Initiative/Benchmark-Models-PEtab`, its folder Benchmark-Models).
`--references` is a YAML file with the log-likelihood that another tool gives, `NAME: {llh: NUMBER}`: AMICI
keeps one in tests/benchmark_models/benchmark_models.yaml. Where a problem has a simulatedData table, its
values are weighed in place of calor's own as well.

    python scripts/petab/collection.py Benchmark-Models --references benchmark_models.yaml
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.core.documents import read_document
from calor.core.errors import ReportedError
from calor.engine.petab.assessment import Assessment, Assessor
from calor.engine.petab.cells import Row, is_empty, rows_of
from calor.engine.petab.likelihood import weigh
from calor.engine.petab.problem import PetabProblem
from calor.engine.petab.reading import read_problem

BAR = 1e-3
"""The relative difference up to which two log-likelihoods count as the same."""


@dataclass(frozen=True)
class Outcome:
    """What became of one problem: the problem and its assessment, or the error; numbers of other tools."""

    name: str
    problem: PetabProblem | None
    assessment: Assessment | None
    error: str
    reference: float | None
    simulated_elsewhere: float | None
    seconds: float


def main() -> None:
    """Run the collection and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--references", type=Path)
    parser.add_argument("--only", nargs="*", default=None, metavar="NAME")
    asked = parser.parse_args()
    references: Mapping[str, Any] = read_document(asked.references).data if asked.references else {}
    outcomes = []
    print("| problem | measurements | experiments | estimated | log-likelihood | reference | difference "
          "| simulated elsewhere | difference | s |")  # fmt: skip
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for name, path in problems_in(asked.folder):
        if asked.only is None or name in asked.only:
            outcomes.append(outcome_of(name, path, references.get(name, {}).get("llh")))
            print(line_of(outcomes[-1]), flush=True)
    print_counts(outcomes)


def problems_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name and the YAML file of every problem."""
    for inside in sorted(each for each in folder.iterdir() if each.is_dir()):
        for path in (inside / f"{inside.name}.yaml", inside / "problem.yaml"):
            if path.exists():
                yield inside.name, path
                break


def outcome_of(name: str, path: Path, reference: float | None) -> Outcome:
    """Return what becomes of a problem at its nominal values."""
    began = time.perf_counter()
    try:
        problem = read_problem(path)
        assessment = Assessor(problem)()
    except ReportedError as error:
        taken = time.perf_counter() - began
        return Outcome(name, None, None, str(error).splitlines()[0], reference, None, taken)
    taken = time.perf_counter() - began
    elsewhere = simulated_elsewhere(problem, assessment, path.parent)
    return Outcome(name, problem, assessment, "", reference, elsewhere, taken)


def simulated_elsewhere(problem: PetabProblem, assessment: Assessment, folder: Path) -> float | None:
    """Return the log-likelihood of the collection's own simulated values, None where there are none."""
    tables = sorted(folder.glob("simulatedData*.tsv"))
    if not tables:
        return None
    values = {_key(_cells(row)): row.extended("simulation") for row in rows_of(tables[:1], ("simulation",))}
    theirs = np.array([values.get(_key(each.cells), math.nan) for each in problem.measurements])
    if np.any(np.isnan(theirs)):
        return None
    return math.fsum(_densities(problem, assessment, theirs))


def _densities(problem: PetabProblem, assessment: Assessment, simulated: Numbers) -> Iterator[float]:
    for name, observable in problem.observables.items():
        rows = [row for row, each in enumerate(problem.measurements) if each.observable == name]
        measured = np.array([problem.measurements[row].value for row in rows])
        weighed = weigh(
            measured, simulated[rows], assessment.noise[rows], observable.scale, observable.distribution
        )
        yield from weighed.log_densities.tolist()


def _cells(row: Row) -> dict[str, str]:
    return {column: row.text(column) for column in row.table.columns}


def _key(cells: Mapping[str, str]) -> tuple[str | float, ...]:
    """Return what a measurement and its simulation have in common."""
    columns = ("observableId", "preequilibrationConditionId", "simulationConditionId", "observableParameters")
    named = ("" if is_empty(cells.get(column, "")) else cells[column] for column in columns)
    return (*named, float(cells["time"]))


def line_of(outcome: Outcome) -> str:
    """Return a problem's line of the table."""
    if outcome.problem is None or outcome.assessment is None:
        return f"| {outcome.name} | | | | {outcome.error} | {_number(outcome.reference)} | | | | |"
    problem, found = outcome.problem, outcome.assessment.log_likelihood
    estimated = sum(parameter.estimated for parameter in problem.parameters.values())
    return (
        f"| {outcome.name} | {len(problem.measurements):,} | {len(problem.experiments)} | {estimated} "
        f"| {found:.8g} | {_number(outcome.reference)} | {_difference(found, outcome.reference)} "
        f"| {_number(outcome.simulated_elsewhere)} | {_difference(found, outcome.simulated_elsewhere)} "
        f"| {outcome.seconds:.1f} |"
    )


def print_counts(outcomes: list[Outcome]) -> None:
    """Print how many problems were weighed, and how many met other tools' numbers."""
    weighed = [each for each in outcomes if each.assessment is not None]
    print(f"\nproblems {len(outcomes)}, weighed {len(weighed)}")
    for what in ("reference", "simulated_elsewhere"):
        numbers = [(each, getattr(each, what)) for each in outcomes if getattr(each, what) is not None]
        met = sum(
            each.assessment is not None and abs(each.assessment.log_likelihood - number) <= BAR * abs(number)
            for each, number in numbers
        )
        print(f"{what}: {met} of {len(numbers)} within {BAR:g}")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.8g}"


def _difference(found: float, other: float | None) -> str:
    return "" if other is None else f"{abs(found - other) / abs(other):.1e}"


if __name__ == "__main__":
    main()
