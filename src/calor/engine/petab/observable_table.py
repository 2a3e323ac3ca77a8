"""The observable table of either version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from calor.core.errors import InputError
from calor.engine.petab.cells import IDENTIFIER, Row, refuse_repeated, rows_of
from calor.engine.petab.formulas import read_formula
from calor.engine.petab.problem import Noise, Observable, Scale
from calor.engine.symbolic.expression import Expression, symbol
from calor.engine.symbolic.traversal import substitute, symbols_of

_SECOND_NOISE: dict[str, tuple[Noise, Scale]] = {
    "normal": (Noise.NORMAL, Scale.LINEAR),
    "laplace": (Noise.LAPLACE, Scale.LINEAR),
    "log-normal": (Noise.NORMAL, Scale.NATURAL),
    "log-laplace": (Noise.LAPLACE, Scale.NATURAL),
}


def read_observables(paths: Sequence[Path], version: int) -> Mapping[str, Observable]:
    """Return the observables by name. Raises InputError."""
    rows = rows_of(paths, ("observableId", "observableFormula", "noiseFormula"))
    refuse_repeated(rows, "observableId")
    return {row.identifier("observableId"): (_first if version == 1 else _second)(row) for row in rows}


def _first(row: Row) -> Observable:
    name = row.identifier("observableId")
    formula, noise = _formulas(row)
    return Observable(
        name=name,
        formula=formula,
        noise=noise,
        distribution=Noise(row.word("noiseDistribution", tuple(Noise), "normal")),
        scale=Scale(row.word("observableTransformation", tuple(Scale), "lin")),
        placeholders=_numbered(row, "observableParameter", [formula, noise]),
        noise_placeholders=_numbered(row, "noiseParameter", [noise]),
        place=row.place(),
    )


def _second(row: Row) -> Observable:
    distribution, scale = _SECOND_NOISE[row.word("noiseDistribution", tuple(_SECOND_NOISE), "normal")]
    formula, noise = _formulas(row)
    return Observable(
        name=row.identifier("observableId"),
        formula=formula,
        noise=noise,
        distribution=distribution,
        scale=scale,
        placeholders=_declared(row, "observablePlaceholders"),
        noise_placeholders=_declared(row, "noisePlaceholders"),
        place=row.place(),
    )


def _formulas(row: Row) -> tuple[Expression, Expression]:
    """Return the formula of an observable and that of its noise, the observable's own name written out."""
    formula = read_formula(row.text("observableFormula"), row.place("observableFormula"))
    noise = read_formula(row.text("noiseFormula"), row.place("noiseFormula"))
    return formula, substitute(noise, {symbol(row.identifier("observableId")): formula})


def _numbered(row: Row, kind: str, formulas: list[Expression]) -> tuple[str, ...]:
    """Return the placeholders of version 1, which are numbered from 1 without a gap."""
    name = row.identifier("observableId")
    pattern = re.compile(rf"{kind}(\d+)_{re.escape(name)}")
    found = {int(match[1]) for used in symbols_of(formulas) if (match := pattern.fullmatch(used))}
    if found and found != set(range(1, len(found) + 1)):
        raise InputError.of(
            f"has the placeholders {', '.join(f'{kind}{number}' for number in sorted(found))}",
            file=row.table.file, line=row.place().line, key="observableFormula",
            allowed=f"{kind}1_{name}, {kind}2_{name}, ... without a gap",
        )  # fmt: skip
    return tuple(f"{kind}{number}_{name}" for number in sorted(found))


def _declared(row: Row, column: str) -> tuple[str, ...]:
    names = row.parts(column)
    if any(not IDENTIFIER.fullmatch(name) for name in names) or len(set(names)) < len(names):
        raise row.wrong(column, "identifiers with ; between them, each once")
    return names
