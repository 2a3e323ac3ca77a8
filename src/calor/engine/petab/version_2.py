"""Experiments as version 2 writes them: changes in a long table, periods that apply conditions at times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from calor.core.errors import InputError, Problem
from calor.engine.petab.cells import Row, rows_of
from calor.engine.petab.formulas import read_formula
from calor.engine.petab.problem import Change, Experiment, Period, TableParameter

AS_IT_IS = ""
"""The experiment of a measurement that names none: the model from time 0."""

Conditions = Mapping[str, tuple[Change, ...]]


def read_conditions(paths: tuple[Path, ...], parameters: Mapping[str, TableParameter]) -> Conditions:
    """Return the changes of every condition by its name. Raises InputError."""
    made: dict[str, list[Change]] = {}
    for row in rows_of(paths, ("conditionId", "targetId", "targetValue")):
        target = row.identifier("targetId")
        if target in parameters:
            raise row.wrong("targetId", "a quantity of the model that the parameter table does not hold")
        formula = read_formula(row.text("targetValue"), row.place("targetValue"))
        made.setdefault(row.identifier("conditionId"), []).append(
            Change(target, formula, row.place("targetId"))
        )
    return {name: tuple(changes) for name, changes in made.items()}


def read_experiments(paths: tuple[Path, ...], conditions: Conditions) -> dict[str, Experiment]:
    """Return the experiments by name, and the one without conditions. Raises InputError."""
    times: dict[str, dict[float, list[Change]]] = {}
    for row in rows_of(paths, ("experimentId", "time", "conditionId")):
        time = row.extended("time")
        if time == math.inf:
            raise row.wrong("time", "a finite number, or -inf")
        changes = times.setdefault(row.identifier("experimentId"), {}).setdefault(time, [])
        if row.has("conditionId"):
            if row.text("conditionId") not in conditions:
                raise row.wrong("conditionId", "a condition of the condition table, or nothing")
            changes += conditions[row.text("conditionId")]
            _refuse_twice(row, changes)
    made = {name: _experiment(name, at) for name, at in times.items()}
    return {**made, AS_IT_IS: Experiment("the model as it is", (Period(0.0, ()),))}


def _refuse_twice(row: Row, changes: list[Change]) -> None:
    targets = [change.target for change in changes]
    twice = [target for target in targets if targets.count(target) > 1]
    if twice:
        what = f"conditions that apply at one time set {twice[0]} twice"
        raise InputError([Problem(what, row.place("conditionId"), "each quantity once at a time")])


def _experiment(name: str, at: Mapping[float, list[Change]]) -> Experiment:
    return Experiment(name, tuple(Period(time, tuple(at[time])) for time in sorted(at)))


def experiment_name(row: Row, experiments: Mapping[str, Experiment]) -> str:
    """Return the name of the experiment of a measurement. Raises InputError."""
    name = row.text("experimentId") if row.has("experimentId") else AS_IT_IS
    if name not in experiments:
        raise row.wrong("experimentId", "an experiment of the experiment table, or nothing")
    return name


def read_aliases(paths: tuple[Path, ...]) -> dict[str, str]:
    """Return the names that a mapping table gives to the model's quantities."""
    rows = rows_of(paths, ("petabEntityId", "modelEntityId"))
    return {
        row.identifier("petabEntityId"): row.text("modelEntityId") for row in rows if row.has("modelEntityId")
    }
