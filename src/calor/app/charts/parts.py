"""People as circles, rivals as dots, and shares as bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from calor.app.charts.axes import Axis, tick_text
from calor.app.charts.changes import Level
from calor.app.charts.marks import element, line, picture, text

ACROSS, STEP, RADIUS = 20, 17.0, 6.4


def icons(name: str, title: str, says: str, kinds: Mapping[str, int]) -> Markup:
    """Return people as circles, by class of the style sheet. Arguments: as for `picture`; counts by class."""
    people = [kind for kind, count in kinds.items() for _ in range(count)]
    rows = -(-len(people) // ACROSS)
    circles = (
        element(
            "circle",
            cx=STEP * (place % ACROSS + 0.5),
            cy=STEP * (place // ACROSS + 0.5),
            r=RADIUS,
            class_=kind,
        )
        for place, kind in enumerate(people)
    )
    return picture(name, (STEP * ACROSS, STEP * rows), title, says, circles, kind="icons")


@dataclass(frozen=True)
class Dot:
    """A rival's mean under a treatment, with its 95 % interval of sampling people, and its colour's class."""

    kind: str
    value: float
    low: float
    high: float


LABELS, ROW, FOOT = 118.0, 26.0, 34.0


def dots(
    name: str,
    title: str,
    says: str,
    rows: Mapping[str, Sequence[Dot]],
    levels: Sequence[Level],
    unit: str = "points of pain",
) -> Markup:
    """Return rivals as rows of dots.

    Arguments: as for `picture`; the dots of each row; levels with their meaning; and the unit.
    """
    width, head = 460.0, 20.0
    height = head + ROW * len(rows) + FOOT
    ends = [end for found in rows.values() for dot in found for end in (dot.low, dot.high)]
    ends += [level.value for level in levels]
    room = 0.05 * max(max(ends) - min(ends), 0.1)
    across = Axis(min(ends) - room, max(ends) + room, LABELS, width - 12)

    def elements() -> Iterator[Markup]:
        for level in levels:
            x = across.at(level.value)
            yield line(x, head - 4, x, height - FOOT, "level dotted" if level.dotted else "level")
            anchor = "start" if level.dotted else "end"
            yield text(level.words, x, head - 8, "level-words", anchor=anchor)
        for place, (label, found) in enumerate(rows.items()):
            y = head + ROW * (place + 0.5)
            yield text(label, LABELS - 10, y + 4, "row", anchor="end")
            for number, dot in enumerate(found):
                own = y + 7 * (number - (len(found) - 1) / 2)
                yield line(across.at(dot.low), own, across.at(dot.high), own, f"whisker {dot.kind}")
                yield element("circle", cx=across.at(dot.value), cy=own, r=4.5, class_=f"dot {dot.kind}")
        for value in across.ticks(6):
            yield text(tick_text(value), across.at(value), height - FOOT + 16, "tick", anchor="middle")
        yield text(unit, width - 12, height - 3, "tick", anchor="end")

    return picture(name, (width, height), title, says, elements(), kind="dots")


def shares(name: str, title: str, says: str, rows: Mapping[str, float]) -> Markup:
    """Return bars of which a share rests on data. Arguments: as for `picture`; the share by label."""
    width, row = 460.0, 44.0

    def elements() -> Iterator[Markup]:
        for place, (label, share) in enumerate(rows.items()):
            top = row * place
            yield text(label, 0, top + 13, "row")
            yield element("rect", x=0, y=top + 19, width=width, height=14, rx=3, class_="rest")
            yield element(
                "rect", x=0, y=top + 19, width=max(width * share, 1), height=14, rx=3, class_="known"
            )
            yield text(f"{share:.0%} data", width, top + 13, "row", anchor="end")

    return picture(name, (width, row * len(rows)), title, says, elements(), kind="shares")
