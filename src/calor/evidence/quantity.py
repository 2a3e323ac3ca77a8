"""Published numbers: a quantity with unit, spread and grade; a count of people; a p value.

Each can be written in full (`{value: 13, unit: patients, grade: secondary}`) or as people say it
(`13 patients`, `6 to 30 months`, `at least 12 months`, `3 of 12`, `< 0.001`). A number without its own
grade takes the grade of the block it stands in.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from calor.core.provenance import Grade, NumberStatus
from calor.evidence.units import KIND_OF_UNIT, known_unit

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True, ge=0)]
Text = Annotated[str, Field(min_length=1, strict=True)]
Pair = tuple[Number, Number]

_DIGITS = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_VALUE = re.compile(rf"^(?P<value>{_DIGITS}) (?P<unit>\S.*)$")
_RANGE = re.compile(rf"^(?P<low>{_DIGITS}) to (?P<high>{_DIGITS}) (?P<unit>\S.*)$")
_BOUND = re.compile(rf"^at (?P<which>least|most) (?P<value>{_DIGITS}) (?P<unit>\S.*)$")
_COUNT = re.compile(r"^(?P<count>\d+) of (?P<of>\d+)$")
_P_VALUE = re.compile(rf"^(?P<relation>[<>=])\s*(?P<value>{_DIGITS})$")


class Entry(BaseModel):
    """What every part of a record is: fixed once read, with no key the schema does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(Entry):
    """A published number of any kind, with its grade, and from what it was derived where it was."""

    grade: Grade | None = None
    derived_from: Text | None = None
    note: Text | None = None

    @property
    def status(self) -> NumberStatus:
        """Whether the number is as printed or arithmetic on printed numbers."""
        return NumberStatus.DERIVED if self.derived_from else NumberStatus.MEASURED


class Quantity(Figure):
    """A number with unit and whatever spread the source prints."""

    value: Number | None = None
    unit: Text
    statistic: Literal["mean", "median", "total", "fitted"] | None = None
    sd: Number | None = None
    se: Number | None = None
    printed_spread: Number | None = None
    interval95: Pair | None = None
    quartiles: Pair | None = None
    range: tuple[Number | None, Number | None] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        return _quantity_from_words(given) if isinstance(given, str) else given

    @field_validator("unit")
    @classmethod
    def _unit_is_known(cls, unit: str) -> str:
        return known_unit(unit)

    @model_validator(mode="after")
    def _says_something(self) -> Quantity:
        if self.value is None and not any((self.interval95, self.quartiles, self.range)):
            raise ValueError("holds no number; leave the key out and name the gap under `missing`")
        for name in ("sd", "se", "printed_spread"):
            spread = getattr(self, name)
            if spread is not None and spread < 0:
                raise ValueError(f"has a negative {name} ({spread:g})")
        for name in ("interval95", "quartiles", "range"):
            pair = getattr(self, name)
            if pair is not None and None not in pair and pair[0] > pair[1]:
                raise ValueError(f"has a {name} that runs from {pair[0]:g} down to {pair[1]:g}")
        return self


class Count(Figure):
    """So many of so many, with the percentage where the source prints one."""

    count: Whole | None = None
    of: Whole | None = None
    percent: Number | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        match = _COUNT.match(given.strip())
        if match is None:
            raise ValueError(f"is {given!r}; write a count as `3 of 12`")
        return {"count": int(match["count"]), "of": int(match["of"])}

    @model_validator(mode="after")
    def _says_something(self) -> Count:
        if self.count is None and self.percent is None:
            raise ValueError("holds neither a count nor a percentage")
        return self


class PValue(Figure):
    """A printed p value: `0.03`, `< 0.001` or `> 0.05`."""

    relation: Literal["=", "<", ">"] = "="
    value: Annotated[float, Field(strict=True, ge=0, le=1)]

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return {"value": given}
        if not isinstance(given, str):
            return given
        match = _P_VALUE.match(given.strip())
        if match is None:
            raise ValueError(f"is {given!r}; write a p value as `0.03`, `< 0.001` or `> 0.05`")
        return {"relation": match["relation"], "value": float(match["value"])}

    def __str__(self) -> str:
        return f"p {self.relation} {self.value:g}"


def _quantity_from_words(words: str) -> dict[str, Any]:
    """Return the keys of a quantity said in words."""
    text = " ".join(words.split())
    if match := _RANGE.match(text):
        return {"range": [float(match["low"]), float(match["high"])], "unit": match["unit"]}
    if match := _BOUND.match(text):
        bound = float(match["value"])
        return {
            "range": [bound, None] if match["which"] == "least" else [None, bound],
            "unit": match["unit"],
        }
    if match := _VALUE.match(text):
        return {"value": float(match["value"]), "unit": match["unit"]}
    raise ValueError(
        f"is {words!r}; write a quantity as `13 patients`, `6 to 30 months` or `at least 12 months`"
    )


def quantity_in_words(quantity: Quantity) -> str:
    """Return a quantity as people read it: `-1.55 (95 % CI -1.82 to -1.29) NRS 0-10`."""
    parts: list[str] = []
    if quantity.value is not None:
        label = f"{quantity.statistic} " if quantity.statistic in ("mean", "median") else ""
        parts.append(f"{label}{quantity.value:g}")
    if quantity.sd is not None:
        parts.append(f"(SD {quantity.sd:g})")
    if quantity.se is not None:
        parts.append(f"(SE {quantity.se:g})")
    if quantity.printed_spread is not None:
        parts.append(f"(± {quantity.printed_spread:g} as printed)")
    if quantity.interval95 is not None:
        parts.append(f"(95 % CI {quantity.interval95[0]:g} to {quantity.interval95[1]:g})")
    if quantity.quartiles is not None:
        parts.append(f"(quartiles {quantity.quartiles[0]:g} to {quantity.quartiles[1]:g})")
    if quantity.range is not None:
        parts.append(_range_in_words(quantity.range, alone=not parts))
    return f"{' '.join(parts)} {_unit_in_words(quantity)}"


def _unit_in_words(quantity: Quantity) -> str:
    """Return the unit, in the singular after a plain 1."""
    plain = quantity.sd is None and quantity.interval95 is None and quantity.range is None
    counted = KIND_OF_UNIT[quantity.unit] in ("people", "count", "time")
    if quantity.value == 1 and plain and counted and quantity.unit.endswith("s"):
        return "study" if quantity.unit == "studies" else quantity.unit.removesuffix("s")
    return quantity.unit


def _range_in_words(pair: tuple[float | None, float | None], *, alone: bool) -> str:
    low, high = pair
    if low is None:
        words = f"at most {high:g}"
    elif high is None:
        words = f"at least {low:g}"
    else:
        words = f"{low:g} to {high:g}"
    return words if alone else f"(range {words})"


def count_in_words(count: Count) -> str:
    """Return a count as people read it: `3 of 12 (25 %)`."""
    percent = f"{count.percent:g} %" if count.percent is not None else ""
    if count.count is None:
        return percent
    number = f"{count.count}" if count.of is None else f"{count.count} of {count.of}"
    return f"{number} ({percent})" if percent else number
