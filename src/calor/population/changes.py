"""Numbers of the model that somebody holds at another value: refused where they cannot be, else recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from calor.core.errors import InputError, Problem
from calor.model.parameters import ParameterTable, Scale, Variation
from calor.model.rivals import Rival


def check_changes(
    changes: Mapping[str, float], table: ParameterTable, rivals: Iterable[Rival], held: Iterable[str] = ()
) -> None:
    """Raise InputError for a change that names no number of a run, or a value that the number cannot have.

    Arguments: the values by name; the parameters of disease, measurement and drugs in the run; the rivals;
    and what the protocol itself sets.
    """
    by_rivals = {name for rival in rivals for name in rival.sets}
    problems = []
    for name, value in changes.items():
        what, hint = None, None
        if name not in table:
            near = get_close_matches(name, [row.identifier for row in table], n=3)
            what = f"no number {name!r} in this run"
            hint = f"did you mean {', '.join(near)}?" if near else "calor model parameters lists them"
        elif name in by_rivals:
            what, hint = f"{name} is what the rival explanations hold", "calor model rivals shows them"
        elif name in held:
            what, hint = f"{name} is what the protocol sets", "change it in the protocol"
        elif not _fits(value, table, name):
            what = f"{name} cannot be {value:g}"
            hint = f"it is {table[name].value:g} {table[name].unit}; {_allowed(table, name)}"
        if what is not None:
            problems.append(Problem(f"--set: {what}", hint=hint))
    if problems:
        raise InputError(problems)


def changes_document(changes: Mapping[str, float], table: ParameterTable) -> list[dict[str, Any]]:
    """Return the changes as JSON-like data, each with the value that it replaces and the unit."""
    return [
        {"name": name, "value": value, "instead_of": table[name].value, "unit": table[name].unit}
        for name, value in changes.items()
    ]


def _is_share(table: ParameterTable, name: str) -> bool:
    return table[name].scale is Scale.LOGIT or table[name].variation is Variation.BERNOULLI


def _fits(value: float, table: ParameterTable, name: str) -> bool:
    """Whether a number may have a value: of a share 0 to 1, of what is log-normal anywhere above 0."""
    row = table[name]
    if _is_share(table, name):
        return 0.0 <= value <= 1.0
    if row.scale is Scale.LOG or row.variation is Variation.LOGNORMAL:
        return value > 0.0
    return value >= 0.0 or row.scale is Scale.LINEAR


def _allowed(table: ParameterTable, name: str) -> str:
    return "a share lies between 0 and 1" if _is_share(table, name) else "it lies above 0"
