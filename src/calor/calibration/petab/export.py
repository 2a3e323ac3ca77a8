"""A PEtab problem of version 2 written into a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calor.calibration.petab.course import simulated_readings
from calor.calibration.petab.model_file import estimable_model
from calor.calibration.petab.not_held import not_held_text
from calor.calibration.petab.observables import MEASUREMENT_NUMBERS, OBSERVABLES
from calor.calibration.petab.parameter_rows import COLUMNS, on_logit, parameter_rows
from calor.calibration.petab.periods import Periods, periods_of
from calor.core.arrays import Numbers
from calor.engine.calendar import Calendar
from calor.model.disease import load_disease
from calor.model.rivals import Rival
from calor.population.measurement import load_measurement
from calor.regimen import Regimen
from calor.store.run_folder import new_run_folder
from calor.therapy.compose import compose
from calor.therapy.dosing import calendar_of
from calor.therapy.drug import Drug

TYPICAL_WEIGHT = 70.0
"""Body weight of the typical person, kg: the nominal value of `body_weight`."""
DAYS_BETWEEN = 7
"""Days between readings."""
SOURCE = "simulated by calor, no data"

_YAML = """format_version: 2.0.0
id: calor
parameter_files: [parameters.tsv]
model_files:
  calor:
    location: model.xml
    language: sbml
measurement_files: [measurements.tsv]
observable_files: [observables.tsv]
{conditions}experiment_files: [experiments.tsv]
"""


@dataclass(frozen=True)
class Request:
    """What to export.

    Arguments: drugs with their regimens; the rival explanation; the day after the injury on which the study
    begins; how many days it lasts.
    """

    given: Sequence[tuple[Drug, Regimen]]
    rival: Rival
    after: float
    days: int


def export_problem(request: Request, folder: Path) -> dict[str, Any]:
    """Write the problem and what it cannot hold; return a summary.

    Raises InputError where the folder is taken or a drug cannot be given so, UnsupportedError for a drug that
    stands twice.
    """
    measurement = load_measurement()
    composed = compose(load_disease(), [drug for drug, _ in request.given])
    of_model = (*load_disease().parameters, *composed.parameters)
    of_reading = tuple(measurement[name] for name in MEASUREMENT_NUMBERS)
    held = request.rival.sets
    rows = parameter_rows((*of_model, *of_reading), held)
    courses = _courses(request)
    doses = periods_of(courses.values())
    times = request.after + np.arange(0, request.days + 1, DAYS_BETWEEN, dtype=np.float64)
    fixed = {row.name: row.nominal for row in rows if row.bounds is None}
    numbers = {parameter.identifier: parameter.value for parameter in of_reading}
    readings = {
        name: simulated_readings(composed.sbml, calendar, fixed, numbers, times)
        for name, calendar in courses.items()
    }
    by_logit = [parameter.identifier for parameter in of_model if on_logit(parameter, held)]
    with new_run_folder(folder) as inside:
        _write(inside / "model.xml", estimable_model(composed.sbml, by_logit, doses.infused))
        _write(inside / "problem.yaml", _YAML.format(conditions=_CONDITIONS if doses.conditions else ""))
        _table(inside / "parameters.tsv", COLUMNS, [row.cells for row in rows])
        _write_observables(inside)
        _write_experiments(inside, doses, tuple(courses))
        _table(inside / "measurements.tsv", _MEASURED, _measurements(readings, times))
        _write(inside / "NOT-HELD.md", not_held_text((*of_model, *measurement), request.rival.name))
    return {
        "folder": str(folder),
        "rival": request.rival.name,
        "drugs": [drug.id for drug, _ in request.given],
        "estimated": len(rows) - len(fixed),
        "held_at_a_value": len(fixed),
        "observables": len(OBSERVABLES),
        "experiments": list(courses),
        "periods": len(doses.periods),
        "measurements": len(times) * len(OBSERVABLES) * len(courses),
    }


def _courses(request: Request) -> dict[str, Calendar]:
    """Return the doses of every experiment, in days from the injury."""
    courses = {"untreated": Calendar.empty()}
    if request.given:
        together = Calendar.empty()
        for drug, regimen in request.given:
            together = together.then(calendar_of(regimen, drug, TYPICAL_WEIGHT).later(request.after))
        courses["treated"] = together
    return courses


_CONDITIONS = "condition_files: [conditions.tsv]\n"
_OBSERVED = ("observableId", "observableFormula", "noiseFormula", "noiseDistribution")
_MEASURED = ("observableId", "experimentId", "measurement", "time", "source")


def _write_observables(folder: Path) -> None:
    rows = [(each.name, each.formula, each.noise, each.distribution) for each in OBSERVABLES]
    _table(folder / "observables.tsv", _OBSERVED, rows)


def _write_experiments(folder: Path, doses: Periods, names: Sequence[str]) -> None:
    """Write the experiments, each from the injury on, and the conditions of the doses."""
    rows = [(name, "0", "") for name in names]
    rows += [("treated", repr(time), condition) for time, condition in doses.periods]
    _table(folder / "experiments.tsv", ("experimentId", "time", "conditionId"), rows)
    if doses.conditions:
        changes = [
            (condition, target, value)
            for condition, targets in doses.conditions.items()
            for target, value in targets
        ]
        _table(folder / "conditions.tsv", ("conditionId", "targetId", "targetValue"), changes)


def _measurements(readings: dict[str, dict[str, Numbers]], times: Numbers) -> Iterable[tuple[str, ...]]:
    for experiment, of in readings.items():
        for observable, values in of.items():
            for time, value in zip(times.tolist(), values.tolist(), strict=True):
                yield (observable, experiment, repr(value), repr(time), SOURCE)


def _table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    _write(path, "".join("\t".join(cells) + "\n" for cells in (columns, *rows)))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
