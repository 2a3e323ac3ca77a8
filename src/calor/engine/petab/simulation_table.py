"""A PEtab simulation table: the measurement table with what is simulated in place of what was measured."""

from __future__ import annotations

import csv
from pathlib import Path

from calor.core.text_files import new_text_file
from calor.engine.petab.assessment import Assessment
from calor.engine.petab.problem import PetabProblem

_MEASURED, _SIMULATED = "measurement", "simulation"


def write_simulation_table(problem: PetabProblem, assessment: Assessment, path: Path) -> None:
    """Write the table, a row for each measurement in their order. Raises InputError where it cannot be."""
    columns = list(dict.fromkeys(name for row in problem.measurements for name in row.cells))
    with new_text_file(path) as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow([_SIMULATED if name == _MEASURED else name for name in columns])
        for row, simulated in zip(problem.measurements, assessment.simulated.tolist(), strict=True):
            table.writerow(
                [repr(simulated) if name == _MEASURED else row.cells.get(name, "") for name in columns]
            )
