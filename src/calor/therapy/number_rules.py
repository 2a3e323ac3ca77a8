"""Rules that every number of a drug file keeps: a unit that fits, a value in range, a name that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from calor.core.documents import Document, Key
from calor.core.errors import Problem
from calor.therapy.numbers import Number
from calor.therapy.plausible import plausible
from calor.therapy.templates import Need
from calor.therapy.units import convert

MOST_STAGES = 20
LARGEST_SHARE = 1.2
"""A share may exceed 1 by as much as a measured bioavailability does."""


class NumberRules:
    """Checks numbers of one document; `molar_mass` in g/mol, where the file gives one."""

    def __init__(self, document: Document, molar_mass: float | None) -> None:
        self.document = document
        self._molar_mass = molar_mass

    def needs(self, key: Key, given: Mapping[str, Number], needs: Mapping[str, Need]) -> Iterator[Problem]:
        """Check that the numbers given are those needed."""
        for name in needs:
            if name not in given:
                yield self.document.problem((*key, name), f"is missing ({needs[name].meaning})")
        for name, number in given.items():
            if name not in needs:
                yield self.unknown((*key, name), name, needs)
            else:
                yield from self.number((*key, name), number, needs[name])

    def number(self, key: Key, number: Number, need: Need, *, unbounded: bool = False) -> Iterator[Problem]:
        """Check the unit and the range of a number; a share may be 0, and at most 1 unless unbounded."""
        try:
            value = convert(number.value, number.unit, need.unit, self._molar_mass)
        except ValueError as error:
            yield self.document.problem((*key, "unit"), str(error))
            return
        if need.count and (value != int(value) or not 1 <= value <= MOST_STAGES):
            allowed = f"1, 2, ... {MOST_STAGES}"
            yield self.document.problem((*key, "value"), f"is {number.value}", allowed=allowed)
        if value < 0 or (value == 0 and not need.share):
            yield self.document.problem((*key, "value"), f"is {number.value}", allowed="a number above 0")
        elif need.share and value > LARGEST_SHARE and not unbounded:
            yield self.document.problem((*key, "value"), f"is {number.value}", allowed="a share, 0 to 1")
        elif value and not plausible(need).hold(value):
            yield self._implausible((*key, "value"), number, value, need)

    def _implausible(self, key: Key, number: Number, value: float, need: Need) -> Problem:
        """Return the problem of a number that no drug has, with what it is in the unit of the bounds."""
        unit = "" if need.unit == "1" else f" {need.unit}"
        meant = f", which is {value:g}{unit}" if number.unit != need.unit else ""
        return self.document.problem(
            key, f"is {number.value:g}{meant}", allowed=f"{plausible(need).span}{unit} ({need.meaning})",
            hint="look at the unit and the power of ten",
        )  # fmt: skip

    def unknown(self, key: Key, name: str, allowed: Sequence[str] | Mapping[str, object]) -> Problem:
        """Return the problem of a name that does not exist, with the closest one as a hint."""
        close = get_close_matches(name, list(allowed), n=1)
        return self.document.problem(
            key, f"is {name!r}, which does not exist", allowed=", ".join(allowed) or "none",
            hint=f"did you mean {close[0]}?" if close else None,
        )  # fmt: skip


def converted(number: Number, unit: str) -> float | None:
    """Return a number in a unit, or None where it cannot be converted."""
    try:
        return convert(number.value, number.unit, unit)
    except ValueError:
        return None
