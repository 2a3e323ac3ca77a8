"""The course of a quantity under a regimen: when to look, and peak, time of peak, area and half-life."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from calor.core.arrays import Numbers
from calor.regimen import Regimen
from calor.therapy.drug import Drug
from calor.therapy.exposure import People, Quantity, simulate

GONE = 0.005
"""A course ends when this share of the largest deviation from the baseline is left."""

NOTHING = 1e-6
"""A deviation smaller than this share of the baseline is the solver's rounding, not an effect."""

LONGEST_DAYS = 730.0
_FIRST_LOOK = 2 / 1440  # two minutes after a dose


@dataclass(frozen=True)
class RestingProfile:
    """A quantity over time in people at rest.

    Arguments: the times in days from study day 1 (n_times,), the values (n_people, n_times), the baseline
    (n_people,) before the first dose, and the area above the baseline until the last time (n_people,).
    """

    quantity: Quantity
    times: Numbers
    values: Numbers
    baseline: Numbers
    areas: Numbers


@dataclass(frozen=True)
class CourseSummary:
    """A course in five numbers.

    Arguments: the largest and the smallest value, each with its time after the first dose in days (0 where it
    is that before treatment); the area above the baseline, to infinity by the terminal half-life; and that
    half-life of the return to the baseline in days, None where nothing returns.
    """

    largest: float
    largest_days: float
    smallest: float
    smallest_days: float
    area: float
    half_life_days: float | None


def course_of(
    drug: Drug, regimen: Regimen, people: People, quantity: Quantity, until: float | None = None
) -> RestingProfile:
    """Return the course of a quantity.

    Arguments: the drug, its regimen, the people, what to follow, and the last time in days (None: until it
    is back at its baseline).
    """
    end = until if until is not None else _end_of(drug, regimen, people, quantity)
    times = look_times(regimen, end)
    values, areas = simulate(drug, regimen, people, [quantity], times, area_until=end)
    untreated, _ = simulate(drug, None, people, [quantity], np.array([0.0]))
    baseline = untreated[:, 0, 0]
    return RestingProfile(quantity, times, values[:, :, 0], baseline, areas[:, 0] - baseline * end)


def values_at(
    drug: Drug, regimen: Regimen, people: People, quantity: Quantity, times: list[float]
) -> Numbers:
    """Return the quantity (n_people, n_times) at any times, in the order given."""
    wanted = np.array(sorted(set(times)))
    values, _ = simulate(drug, regimen, people, [quantity], wanted)
    return np.asarray(values[:, np.searchsorted(wanted, times), 0])


def summary_of(course: RestingProfile, regimen: Regimen, person: int = 0) -> CourseSummary:
    """Return the summary of one person's course."""
    values = course.values[person]
    deviation = values - course.baseline[person]
    if np.abs(deviation).max() <= NOTHING * abs(course.baseline[person]):
        baseline = float(course.baseline[person])
        return CourseSummary(baseline, 0.0, baseline, 0.0, 0.0, None)
    half_life = half_life_of(course.times, deviation, regimen.last_dose_days)
    tail = deviation[-1] * half_life / math.log(2) if half_life is not None else 0.0
    since_first = np.maximum(course.times - regimen.first_dose_days, 0.0)
    high, low = int(np.argmax(values)), int(np.argmin(values))
    return CourseSummary(
        largest=float(values[high]),
        largest_days=float(since_first[high]),
        smallest=float(values[low]),
        smallest_days=float(since_first[low]),
        area=float(course.areas[person] + tail),
        half_life_days=half_life,
    )


def half_life_of(times: Numbers, deviation: Numbers, last_dose: float) -> float | None:
    """Return the half-life of the last part of a fall, in days, or None where nothing falls.

    The slope is that of log |deviation| by least squares, from where it has fallen to the geometric mean of
    its peak after the last dose and its last value.
    """
    size = np.abs(deviation)
    after = np.flatnonzero(times >= last_dose)
    if len(after) == 0 or size[after].max() <= 0:
        return None
    peak = after[int(np.argmax(size[after]))]
    if size[-1] <= 0 or size[-1] >= size[peak]:
        return None
    middle = math.sqrt(size[peak] * size[-1])
    falling = np.arange(peak, len(times))
    start = falling[int(np.argmax(size[falling] <= middle))]
    x, y = times[start:], np.log(size[start:])
    if len(x) < 3:
        return None
    slope = float(np.polyfit(x - x[0], y, 1)[0])
    return math.log(2) / -slope if slope < 0 else None


def look_times(regimen: Regimen, end: float) -> Numbers:
    """Return times at which to look: dense after every dose and the end of every infusion, to `end`."""
    doses = sorted({time for record in regimen.records for time in record.times_days if time < end})
    ends = {time + record.duration_days for record in regimen.records for time in record.times_days}
    per_dose = int(np.clip(30_000 // max(len(doses), 1), 4, 30 if len(doses) > 15 else 400))
    looks = [np.array([0.0, end]), np.linspace(0, end, 201)]
    for time, following in pairwise([*doses, end]):
        gap = following - time
        if gap > 2 * _FIRST_LOOK:
            looks.append(time + np.geomspace(_FIRST_LOOK, gap, per_dose, endpoint=False))
            looks.append(np.array([time, following - gap * 1e-6]))
    looks.append(np.array([time for time in ends if time <= end]))
    times = np.unique(np.concatenate(looks))
    return np.asarray(times[(times >= 0) & (times <= end)])


def _end_of(drug: Drug, regimen: Regimen, people: People, quantity: Quantity) -> float:
    """Return when the quantity of the first person is back at its baseline."""
    first = People(people.weights[:1], people.igg[:1], people.names, people.values[:1])
    last = max(time + record.duration_days for record in regimen.records for time in record.times_days)
    after = np.geomspace(0.02, LONGEST_DAYS, 160)
    times = np.unique(np.concatenate([look_times(regimen, last) if last > 0 else [0.0], last + after]))
    values, _ = simulate(drug, regimen, first, [quantity], times)
    untreated, _ = simulate(drug, None, first, [quantity], np.array([0.0]))
    size = np.abs(values[0, :, 0] - untreated[0, 0, 0])
    still = np.flatnonzero((size > GONE * size.max()) & (times >= last))
    if size.max() <= NOTHING * abs(untreated[0, 0, 0]) or len(still) == 0:
        return float(last + 7)
    return float(times[min(still[-1] + 1, len(times) - 1)])
