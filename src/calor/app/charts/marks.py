"""SVG elements as text: every text escaped, every number short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape


def element(tag: str, *inside: str, **attributes: str | float) -> Markup:
    """Return an element; an underscore in the name of an attribute is a hyphen, one at its end nothing."""
    said = Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _short(value))
        for name, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(tag, said, Markup("").join(map(escape, inside)))


def text(words: str, x: float, y: float, kind: str = "", *, anchor: str = "start") -> Markup:
    """Return a text whose line stands at a place."""
    return element("text", words, x=x, y=y, class_=kind, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Return a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def course(points: Iterable[tuple[float, float]], kind: str) -> Markup:
    """Return a line through points."""
    return element("path", d=_path(points), class_=kind)


def band(lower: Sequence[tuple[float, float]], upper: Sequence[tuple[float, float]], kind: str) -> Markup:
    """Return the area between two lines."""
    return element("path", d=f"{_path([*lower, *reversed(upper)])}Z", class_=kind)


def picture(
    name: str, size: tuple[float, float], title: str, says: str, inside: Iterable[str], *, kind: str = ""
) -> Markup:
    """Return a chart.

    Arguments: a name that no other figure of the page has; width and height; its title; what it shows in
    words, for who cannot see it; its elements; and its class in the style sheet.
    """
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", says, id=f"{name}-desc"),
        *inside,
        viewBox=f"0 0 {size[0]:g} {size[1]:g}",
        class_=f"chart {kind}".strip(),
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _short(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
