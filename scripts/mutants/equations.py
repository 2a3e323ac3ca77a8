"""Mutants of an Antimony file: a symbol made a tenth larger, a term left out, a sign or a power changed.

A tenth is small: a test that holds an equation only in sign or order of magnitude does not notice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.mutants.mutant import Mutant, mutant_of

EQUATION = re.compile(r"^(?P<left>\s*\w+'?\s*:?=\s*)(?P<right>[^/].*)$")
NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?![\w(])")


def mutants_of_equations(root: Path, path: str) -> list[Mutant]:
    """Return every mutant of the equations of an Antimony file, in the order of its lines."""
    source = (root / path).read_text(encoding="utf-8")
    lines = source.splitlines(keepends=True)
    found: dict[str, Mutant] = {}
    for number, line in enumerate(lines):
        equation = EQUATION.match(line.rstrip("\n"))
        if equation is None:
            continue
        for right in _changed(equation["right"]):
            text = "".join([*lines[:number], equation["left"] + right + "\n", *lines[number + 1 :]])
            mutant = mutant_of(path, source, text)
            if mutant:
                found.setdefault(mutant.name, mutant)
    return list(found.values())


def _changed(right: str) -> Iterator[str]:
    for name in NAME.finditer(right):
        yield f"{right[: name.start()]}(1.1*{name[0]}){right[name.end() :]}"
    for sign in re.finditer(r" ([+-]) ", right):
        other = "-" if sign[1] == "+" else "+"
        yield f"{right[: sign.start()]} {other} {right[sign.end() :]}"
        yield right[: sign.start()] + _rest_of_sum(right[sign.end() :])
    for sign in re.finditer(r"(?<=[\w)])([*/])(?=[\w(])", right):
        other = "/" if sign[1] == "*" else "*"
        yield right[: sign.start()] + other + right[sign.end() :]
    for power in re.finditer(r"\^2\b", right):
        yield f"{right[: power.start()]}^3{right[power.end() :]}"


def _rest_of_sum(text: str) -> str:
    """Return what is left of a text after its first term: from the next sign or bracket of its level on."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth < 0 or (depth == 0 and text[place : place + 3] in (" + ", " - ")):
            return text[place:]
    return ""
