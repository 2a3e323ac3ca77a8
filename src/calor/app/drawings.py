"""Figures of the report as SVG inside a page: the same drawing, text that is text, the page's colours.

Style attributes become presentation attributes, since no page of ours may carry styles; colours become the
page's own where it names them, so that a figure follows light and dark.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

from calor.report.tables import Table

SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"
PAGE_COLOURS = {
    "#000000": "ink", "#1f2933": "ink", "#333333": "ink", "#444444": "ink",
    "#ffffff": "paper", "#52606d": "faint", "#5f6b76": "faint", "#6b6455": "faint",
    "#555555": "faint", "#777777": "faint", "#8a8a8a": "edge", "#cfc8b8": "line",
    "#f4f1ea": "raised", "#0b6e99": "series-1", "#b0413e": "red", "#e0a100": "amber",
    "#8fc1d6": "soft", "#e3e6e9": "blank", "#d08a3c": "amber", "#808080": "edge",
}  # fmt: skip
"""The name that the style of the pages has for a colour of the report's figures."""

_FONT = re.compile(r"(?:(?P<style>italic|oblique) )?(?:(?P<weight>\d+|bold) )?(?P<size>[\d.]+)px")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_NUMBER = re.compile(r"-?\d+\.\d+")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


_ONE_AT_A_TIME = threading.Lock()
"""Matplotlib's settings belong to the process."""

ElementTree.register_namespace("", SVG)


@dataclass(frozen=True)
class Drawing:
    """A figure on a page.

    Arguments: its title and what it shows in words, for who cannot see it; its caption; the SVG; and the
    table of the numbers behind it.
    """

    title: str
    says: str
    caption: str
    svg: Markup
    table: Table


def svg_of(figure: Figure, name: str, title: str, says: str) -> Markup:
    """Return a figure as SVG for a page.

    Arguments: the figure; a name that no other figure of the page has; the title; what it shows in words.
    """
    buffer = io.BytesIO()
    with (
        _ONE_AT_A_TIME,
        mpl.rc_context({"svg.hashsalt": "calor", "svg.fonttype": "none", "text.parse_math": False}),
    ):
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    root = ElementTree.fromstring(buffer.getvalue())
    for part in list(root):
        if part.tag in {f"{{{SVG}}}metadata", f"{{{SVG}}}title"}:
            root.remove(part)
    needed = set(_references(root))
    for element in root.iter():
        if element.tag == f"{{{SVG}}}defs":
            for style in element.findall(f"{{{SVG}}}style"):
                element.remove(style)
        _dress(element, name, needed)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    _describe(root, name, title, says)
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return Markup(text)


def _references(root: ElementTree.Element) -> Iterator[str]:
    """Yield the ids that something in the figure refers to."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == XLINK:
                yield value.removeprefix("#")
            yield from _REFERENCE.findall(value)


def _dress(element: ElementTree.Element, name: str, needed: set[str]) -> None:
    """Turn an element's style into attributes, its colours into the page's, its id into one of the page."""
    for key, value in _declarations(element.attrib.pop("style", "")):
        element.set(key, value)
    own = element.attrib.pop("id", None)
    if own in needed:
        element.set("id", f"{name}-{own}")
    target = element.attrib.pop(XLINK, None)
    if target is not None:
        element.set("href", f"#{name}-{target.removeprefix('#')}")
    for key, value in element.attrib.items():
        if key in {"fill", "stroke"}:
            element.set(key, _COLOUR.sub(_page_colour, value.lower()))
        elif key in {"d", "x", "y", "transform", "points", "viewBox", "width", "height"}:
            element.set(key, _NUMBER.sub(lambda found: f"{float(found[0]):.1f}", " ".join(value.split())))
        elif key != "id" and "url(#" in value:
            element.set(key, _REFERENCE.sub(rf"url(#{name}-\1)", value))


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    """Yield the presentation attributes that say what a style says."""
    for declaration in style.split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key == "font":
            found = _FONT.match(value)
            if found:
                yield "font-size", found["size"]
                yield from ((f"font-{each}", found[each]) for each in ("style", "weight") if found[each])
        elif key == "font-size":
            yield key, value.removesuffix("px")
        elif key and key not in {"font-family", "stroke-linecap", "stroke-linejoin"}:
            yield key, value


def _page_colour(found: re.Match[str]) -> str:
    name = PAGE_COLOURS.get(found[0])
    return _variable(name) if name else found[0]


def _variable(name: str) -> str:
    """Return a colour of the style sheet."""
    return f"var(--{name})"


def _describe(root: ElementTree.Element, name: str, title: str, says: str) -> None:
    """Say what a figure shows to who cannot see it."""
    for place, (kind, text) in enumerate((("title", title), ("desc", says))):
        element = ElementTree.Element(f"{{{SVG}}}{kind}", {"id": f"{name}-{kind}"})
        element.text = text
        root.insert(place, element)
    root.set("role", "img")
    root.set("class", "figure")
    root.set("fill", _variable("ink"))
    root.set("aria-labelledby", f"{name}-title {name}-desc")
