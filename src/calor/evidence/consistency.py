"""Doubts about a record's numbers: what does not fit together, what is out of range, what is unverified.

Each finding names the record and the key; none makes a record invalid, for papers do print such things.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

from calor.core.documents import Key, dotted_key
from calor.core.provenance import Grade
from calor.evidence.numbers import figures_in
from calor.evidence.quantity import Count, PValue, Quantity
from calor.evidence.record import Contrast, Record
from calor.evidence.units import KIND_OF_UNIT
from calor.evidence.vocabulary import StudyKind

NORMAL_975 = NormalDist().inv_cdf(0.975)
"""The normal quantile behind a 95 % interval."""

RELATIVE_TOLERANCE = 0.15
"""By how much a standard error and an interval may differ: papers print few digits."""

PERCENT_TOLERANCE = 0.6
"""By how many percentage points a printed percentage may differ from its count."""

LARGEST_ASYMMETRY = 0.1
"""How far off an interval's middle an estimate may lie, as a share of the interval's width."""


SMALLEST_SPREAD, LARGEST_SPREAD = 0.05, 0.5
"""The SD between patients that an interval may imply, as a share of the scale: beyond, it is not believed."""


@dataclass(frozen=True)
class Doubt:
    """Something that does not fit: the kind of check, the record, the key path, and what is odd."""

    check: str
    record: str
    path: str
    what: str


def doubts_about(record: Record) -> tuple[Doubt, ...]:
    """Return every doubt about a record's numbers."""
    found: list[Doubt] = []
    for key, figure in figures_in(record):
        if key[0] == "recalled":
            continue
        for check, what in _doubts_about_figure(figure, key):
            found.append(Doubt(check, record.id, dotted_key(key), what))
    for key, check, what in (*_sizes(record), *_implied_spread(record), *_times(record), *_citation(record)):
        found.append(Doubt(check, record.id, dotted_key(key), what))
    return tuple(found)


def unverified_numbers(record: Record) -> tuple[str, ...]:
    """Return the key paths of numbers that are secondary or only recalled."""
    return tuple(
        dotted_key(key)
        for key, figure in figures_in(record)
        if figure.grade in (Grade.SECONDARY, Grade.RECALLED)
    )


def _doubts_about_figure(figure: object, key: Key) -> Iterator[tuple[str, str]]:
    if isinstance(figure, Count):
        yield from _count(figure)
    elif isinstance(figure, Quantity):
        yield from _quantity(figure, key)
        if isinstance(figure, Contrast):
            yield from _contrast(figure)


def _count(count: Count) -> Iterator[tuple[str, str]]:
    if count.percent is not None and not 0 <= count.percent <= 100:
        yield "percentage", f"{count.percent:g} % is outside 0 to 100"
    if count.count is None or count.of is None:
        return
    if count.count > count.of:
        yield "count over n", f"{count.count} of {count.of}"
    elif count.percent is not None and count.of:
        true = 100 * count.count / count.of
        if abs(true - count.percent) > PERCENT_TOLERANCE:
            yield "percentage", f"{count.count} of {count.of} is {true:.1f} %, printed {count.percent:g} %"


def _quantity(quantity: Quantity, key: Key) -> Iterator[tuple[str, str]]:
    kind = KIND_OF_UNIT[quantity.unit]
    value = quantity.value
    if value is not None and kind in ("people", "count") and value != round(value) and not quantity.statistic:
        yield "unit", f"{value:g} {quantity.unit} is not a whole number"
    if kind in ("people", "count", "dose", "concentration", "rate") and value is not None and value < 0:
        yield "unit", f"{value:g} {quantity.unit} is negative"
    if kind == "percent" and value is not None and abs(value) > 100:
        yield "percentage", f"{value:g} % is beyond 100"
    if str(key[-1]) in ("age",) and quantity.unit != "years":
        yield "unit", f"an age in {quantity.unit}"
    yield from _spread(quantity)


def _spread(quantity: Quantity) -> Iterator[tuple[str, str]]:
    value = quantity.value
    for name in ("interval95", "quartiles", "range"):
        pair = getattr(quantity, name)
        if pair is None or value is None:
            continue
        low, high = (-math.inf if pair[0] is None else pair[0]), (math.inf if pair[1] is None else pair[1])
        if not low <= value <= high:
            yield "interval", f"{value:g} lies outside its {name} {pair[0]:g} to {pair[1]:g}"
    if quantity.se is not None and quantity.interval95 is not None:
        width = quantity.interval95[1] - quantity.interval95[0]
        implied = width / (2 * NORMAL_975)
        if abs(implied - quantity.se) > RELATIVE_TOLERANCE * max(implied, quantity.se):
            yield "interval", f"its interval implies an SE of {implied:.3g}, printed {quantity.se:g}"


def _contrast(contrast: Contrast) -> Iterator[tuple[str, str]]:
    interval, value = contrast.interval95, contrast.value
    if interval is None or value is None:
        if not contrast.interval_reliable:
            yield "interval", "the interval could not be used as printed"
        return
    if not contrast.interval_reliable:
        yield "interval", "the printed interval is not one between patients"
    if contrast.measure not in ("mean-difference", "effect-size"):
        if min(*interval, value) <= 0:
            return
        interval, value = (math.log(interval[0]), math.log(interval[1])), math.log(value)
    width = interval[1] - interval[0]
    if width > 0 and abs(value - sum(interval) / 2) > LARGEST_ASYMMETRY * width:
        yield "interval", f"the estimate {value:.3g} is off the interval's middle {sum(interval) / 2:.3g}"
    if contrast.p is not None and width > 0:
        yield from _p_value(value, width, contrast.p)


def _p_value(value: float, width: float, p: PValue) -> Iterator[tuple[str, str]]:
    """Compare significance by the interval with significance by the p value."""
    significant = abs(value) > width / 2
    if p.relation == "=" and abs(p.value - 0.05) > 0.01 and significant != (p.value < 0.05):
        yield (
            "interval",
            f"{p} does not fit an interval that {'excludes' if significant else 'holds'} no effect",
        )
    if p.relation == "<" and p.value <= 0.05 and not significant:
        yield "interval", f"{p} does not fit an interval that holds no effect"


def _sizes(record: Record) -> Iterator[tuple[Key, str, str]]:
    """Compare the sizes of arms and stages with the number randomised."""
    design = record.design
    total = next((n.value for n in (design.n_randomised, design.n_enrolled, design.n_included) if n), None)
    if total is None:
        return
    for stage in ("n_analysed", "n_completed"):
        size = getattr(design, stage)
        if size is not None and size.value is not None and size.value > total:
            yield ("design", stage), "count over n", f"{size.value:g} of {total:g} who entered"
    sizes = [arm.n.value for arm in record.arms if arm.n is not None and arm.n.value is not None]
    parallel = design.kind in ("parallel", "comparison")
    if parallel and len(sizes) == len(record.arms) > 1 and sum(sizes) > total:
        yield ("arms",), "count over n", f"the arms hold {sum(sizes):g} of {total:g} who entered"


def _implied_spread(record: Record) -> Iterator[tuple[Key, str, str]]:
    """Compare each contrast's interval with the SD between patients that it implies at the arms' sizes.

    Equation: SD = SE / sqrt(1/n1 + 1/n2) between arms, SE sqrt(n) within patients of a crossover.
    """
    sizes = {arm.name: arm.n.value for arm in record.arms if arm.n is not None and arm.n.value}
    if len(sizes) != 2 or len(record.arms) != 2:
        return
    first, second = sizes.values()
    crossover = record.design.kind == "crossover"
    shrink = 1 / math.sqrt(first) if crossover else math.sqrt(1 / first + 1 / second)
    for index, outcome in enumerate(record.outcomes):
        contrast = outcome.contrast
        if contrast is None or contrast.measure != "mean-difference" or outcome.scale is None:
            continue
        if contrast.interval95 is None:
            continue
        error = (contrast.interval95[1] - contrast.interval95[0]) / (2 * NORMAL_975)
        spread = error / shrink
        share = spread / (outcome.scale[1] - outcome.scale[0])
        if not SMALLEST_SPREAD <= share <= LARGEST_SPREAD:
            what = (
                f"the interval implies an SE of {error:.2g} and, at these arms, an SD between patients of "
                f"{spread:.2g} on a scale of {outcome.scale[0]:g} to {outcome.scale[1]:g}"
            )
            yield ("outcomes", index, "contrast"), "interval", what


def _times(record: Record) -> Iterator[tuple[Key, str, str]]:
    for index, outcome in enumerate(record.outcomes):
        times = [outcome.time, *outcome.times]
        for time in times:
            if time is not None and KIND_OF_UNIT[time.unit] != "time":
                yield ("outcomes", index, "time"), "unit", f"a time in {time.unit}"


def _citation(record: Record) -> Iterator[tuple[Key, str, str]]:
    year = record.citation.year
    for index, source in enumerate(record.sources):
        if year is not None and int(source.read[:4]) < year:
            yield ("sources", index, "read"), "date", f"read in {source.read[:4]}, published in {year}"
    published = record.kind in (StudyKind.TRIAL, StudyKind.CASE_SERIES, StudyKind.COHORT)
    if published and record.citation.doi is None and record.citation.pmid is None:
        yield ("citation",), "citation", "neither DOI nor PMID"
