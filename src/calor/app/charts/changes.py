"""A change over time: the median person, half of the people, nine of ten, and what the levels mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from calor.app.charts.axes import Axis, tick_text, week_ticks
from calor.app.charts.marks import band, course, line, picture, text

LEFT, RIGHT, TOP, BOTTOM = 36.0, 8.0, 16.0, 22.0
MOST_WITH_BANDS = 1
"""Bands of more series than this over one another cannot be read; then only half of the people is shown."""


@dataclass(frozen=True)
class Series:
    """One treatment: its colour's class, and the quantiles of the change in every week, (n_weeks, 5)."""

    kind: str
    quantiles: Sequence[Sequence[float]]


@dataclass(frozen=True)
class Level:
    """A level of the change with its meaning, and whether its line is dotted."""

    value: float
    words: str
    dotted: bool = False


@dataclass(frozen=True)
class Changes:
    """What a chart of changes shows: weeks, series, levels; whether it is of ratios; and its size."""

    weeks: Sequence[float]
    series: Sequence[Series]
    levels: Sequence[Level]
    as_ratio: bool = False
    size: tuple[float, float] = (340.0, 215.0)
    span: tuple[float, float] | None = None

    def drawn(self, name: str, title: str, says: str) -> Markup:
        """Return the chart. Arguments: as for `picture`."""
        return picture(name, self.size, title, says, self._elements(), kind="changes")

    def _elements(self) -> Iterator[Markup]:
        width, height = self.size
        across = Axis(self.weeks[0], self.weeks[-1], LEFT, width - RIGHT)
        low, high = self.span or span_of(self.series, self.levels, as_ratio=self.as_ratio)
        up = Axis(low, high, height - BOTTOM, TOP, self.as_ratio)
        for value in up.ticks():
            yield line(LEFT, up.at(value), width - RIGHT, up.at(value), "grid")
            yield text(tick_text(value), LEFT - 6, up.at(value) + 4, "tick", anchor="end")
        for series in self.series:
            yield from self._series(series, across, up)
        for level in self.levels:
            y = up.at(level.value)
            yield line(LEFT, y, width - RIGHT, y, "level dotted" if level.dotted else "level")
            risen = any(each.quantiles[-1][2] > level.value for each in self.series)
            below = risen and y + 18 < height - BOTTOM
            yield text(level.words, width - RIGHT, y + 14 if below else y - 4, "level-words", anchor="end")
        for week in week_ticks(self.weeks[-1]):
            words = tick_text(week) if week else "week 0"
            anchor = "end" if week == self.weeks[-1] else "middle"
            yield text(words, across.at(week), height - BOTTOM + 16, "tick", anchor=anchor)

    def _series(self, series: Series, across: Axis, up: Axis) -> Iterator[Markup]:
        def at(place: int) -> list[tuple[float, float]]:
            return [
                (across.at(week), up.at(values[place]))
                for week, values in zip(self.weeks, series.quantiles, strict=True)
            ]

        if len(self.series) <= MOST_WITH_BANDS:
            yield band(at(0), at(4), f"band {series.kind}")
        yield band(at(1), at(3), f"half {series.kind}")
        yield course(at(2), f"median {series.kind}")


def span_of(series: Sequence[Series], levels: Sequence[Level], *, as_ratio: bool) -> tuple[float, float]:
    """Return the ends of an axis that holds what is shown, with a little room."""
    outer = (0, 4) if len(series) <= MOST_WITH_BANDS else (1, 3)
    values = [week[place] for each in series for week in each.quantiles for place in outer]
    values += [level.value for level in levels]
    low, high = min(values), max(values)
    if as_ratio:
        return max(low, 1e-3) / 1.15, max(high * 1.15, low * 2)
    room = 0.06 * max(high - low, 0.1)
    return low - room, high + 2 * room
