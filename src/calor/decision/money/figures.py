"""The numbers behind money, each with its unit and where it comes from, any of which a person can set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from calor.core.documents import read_document
from calor.core.errors import InputError, Problem
from calor.evidence.economics import economic_fact, numbers_of_fact
from calor.evidence.quantity import Quantity

ASSUMED = "assumed"
SET = "set"
SHARES = ("reached", "discount")
CURRENCY = "GBP"


@dataclass(frozen=True)
class Figure:
    """A number: its key, what it is, value, unit, grade (or `assumed`, or `set`), and source or reason."""

    key: str
    words: str
    value: float
    unit: str
    grade: str
    source: str

    def document(self) -> dict[str, Any]:
        """Return the number as JSON-like data."""
        return dict(vars(self))


@dataclass(frozen=True)
class Money:
    """All numbers by key."""

    figures: Mapping[str, Figure]

    def __getitem__(self, key: str) -> float:
        return self.figures[key].value

    @property
    def assumed(self) -> tuple[str, ...]:
        """The keys of the numbers that no source was found for."""
        return tuple(key for key, figure in self.figures.items() if figure.grade == ASSUMED)


def money_with(*changes: Mapping[str, float]) -> Money:
    """Return the defaults with some numbers set, the later ones last.

    Raises InputError for a key that is none, or a value that it cannot have.
    """
    figures = dict(default_figures())
    problems = []
    for each in changes:
        for key, value in each.items():
            if key not in figures:
                near = get_close_matches(key, figures, n=3)
                hint = f"did you mean {', '.join(near)}?" if near else "calor next --money lists them"
                problems.append(Problem(f"money has no {key!r}", allowed=", ".join(figures), hint=hint))
            elif not 0 <= value <= (1 if key in SHARES else 1e12):
                allowed = "0 to 1" if key in SHARES else "0 or more"
                problems.append(Problem(f"money: {key} is {value:g}", allowed=allowed))
            else:
                old = figures[key]
                source = f"instead of {old.value:g} ({old.grade})"
                figures[key] = Figure(key, old.words, value, old.unit, SET, source)
    if problems:
        raise InputError(problems)
    return Money(figures)


@cache
def default_figures() -> Mapping[str, Figure]:
    """Return the default numbers by key."""
    path = Path(str(files("calor.decision.money"))) / "defaults.yaml"
    return {entry["key"]: _figure(entry) for entry in read_document(path).data["numbers"]}


def _figure(entry: dict[str, Any]) -> Figure:
    about = (entry["key"], entry["words"])
    if ASSUMED in entry:
        return Figure(*about, float(entry["value"]), entry["unit"], ASSUMED, entry[ASSUMED])
    taken = entry["taken"]
    located = numbers_of_fact(economic_fact(taken["fact"]))[taken["number"]]
    number = located.figure
    if not isinstance(number, Quantity):
        raise InputError.of(f"{taken['fact']}: {taken['number']} is no quantity", key=entry["key"])
    value = number.value if number.value is not None else (number.range or (None,))[0]
    if value is None:
        raise InputError.of(f"{taken['fact']}: {taken['number']} has no value", key=entry["key"])
    source = f"{located.owner}: {located.path}" + (f"; {entry['note']}" if "note" in entry else "")
    return Figure(*about, value, entry["unit"], str(number.grade), source)
