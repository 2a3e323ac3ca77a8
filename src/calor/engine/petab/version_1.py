"""Experiments as version 1 writes them: a wide table of conditions, two of which a measurement may name.

Every condition starts from the model: a quantity that the first condition sets and the second does not is
again as the model has it. A species keeps what the rest left it with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from calor.engine.petab.cells import IDENTIFIER, Row, is_empty, refuse_repeated, rows_of
from calor.engine.petab.problem import Change, Experiment, Period
from calor.engine.symbolic.expression import constant, symbol

SIMULATED, RESTED = "simulationConditionId", "preequilibrationConditionId"
_NOT_TARGETS = frozenset({"conditionId", "conditionName"})

Conditions = Mapping[str, tuple[Change, ...]]


def read_conditions(paths: tuple[Path, ...]) -> Conditions:
    """Return the changes of every condition by its name. Raises InputError."""
    rows = rows_of(paths, ("conditionId",))
    refuse_repeated(rows, "conditionId")
    return {row.identifier("conditionId"): _changes(row) for row in rows}


def _changes(row: Row) -> tuple[Change, ...]:
    made = []
    for target in row.table.columns:
        text = row.text(target)
        if target in _NOT_TARGETS or is_empty(text):
            continue
        number = row.table.number(text)
        if math.isnan(number) and not IDENTIFIER.fullmatch(text):
            raise row.wrong(target, "a number, a parameter's name, or nothing")
        formula = symbol(text) if math.isnan(number) else constant(number)
        made.append(Change(target, formula, row.place(target)))
    return tuple(made)


def experiment_name(row: Row, conditions: Conditions) -> str:
    """Return the name of the experiment of a measurement: its conditions. Raises InputError."""
    simulated, rested = row.text(SIMULATED), row.text(RESTED)
    if simulated not in conditions:
        raise row.wrong(SIMULATED, "a condition of the condition table")
    if is_empty(rested):
        return simulated
    if rested not in conditions:
        raise row.wrong(RESTED, "a condition of the condition table, or nothing")
    return f"{rested} then {simulated}"


def experiments_of(names: set[str], conditions: Conditions) -> dict[str, Experiment]:
    """Return the experiments that measurements name."""
    return {name: _experiment(name, conditions) for name in sorted(names)}


def _experiment(name: str, conditions: Conditions) -> Experiment:
    first, then, second = name.partition(" then ")
    if not then:
        return Experiment(name, (Period(0.0, conditions[first]),))
    rests, starts = Period(-math.inf, conditions[first]), Period(0.0, conditions[second])
    return Experiment(name, (rests, starts))
