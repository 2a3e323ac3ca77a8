"""What changes no number, taken out of an SBML document before it is read: notes, annotations, drawings.

These are for people and for other programs. Mistakes in them, which are common in files that tools write,
then stop nothing. Lines stay where they were, so that messages point to the file as it is.
"""

from __future__ import annotations

import re
from xml.parsers import expat

HARMLESS_PACKAGES = frozenset({"layout", "render", "groups", "annot", "l3v2extendedmath"})
"""SBML packages whose elements have no part in a simulation."""

NOTHING_BY_ITSELF = frozenset({"comp"})
"""Packages that say nothing where a document holds none of their elements; some tools require them always."""

_SBML = re.compile(r"http://www\.sbml\.org/sbml/level\d(?:/version\d(?:/core)?)?")
_PACKAGE = re.compile(r"http://www\.sbml\.org/sbml/level3/version\d/(\w+)/.*")
_DRAWING_IN_LEVEL_2 = "http://projects.eml.org/bcb/sbml/"


def without_what_changes_no_number(text: str) -> str:
    """Return well-formed SBML without notes, annotations and elements of harmless packages."""
    content = text.encode()
    kept, since = [], 0
    for start, end in _harmless_ranges(content):
        kept += [content[since:start], _blank(content[start:end])]
        since = end
    return b"".join([*kept, content[since:]]).decode()


def packages_in_use(text: str) -> frozenset[str]:
    """Return the SBML packages of which a document holds an element or attribute."""
    parser = expat.ParserCreate("utf-8", " ")
    used: set[str] = set()

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        for name in (tag, *(name for name in attributes if not name.endswith(" required"))):
            package = _PACKAGE.fullmatch(name.rpartition(" ")[0])
            if package is not None:
                used.add(package.group(1))

    parser.StartElementHandler = on_start
    parser.Parse(text.encode(), True)
    return frozenset(used - {"core"})


def _harmless_ranges(content: bytes) -> list[tuple[int, int]]:
    """Return the first and last byte of every outermost harmless element, in order."""
    parser = expat.ParserCreate("utf-8", " ")
    ranges: list[tuple[int, int]] = []
    depth, start = 0, -1

    def on_start(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, start
        if depth or _is_harmless(tag):
            start = start if depth else parser.CurrentByteIndex
            depth += 1

    def on_end(_tag: str) -> None:
        nonlocal depth
        if depth:
            depth -= 1
            if not depth:
                ranges.append((start, _end_of_element(content, start, parser.CurrentByteIndex)))

    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.Parse(content, True)
    return ranges


def _end_of_element(content: bytes, start: int, found: int) -> int:
    """Return where an element ends, found at its closing tag or, where it has none, behind itself."""
    name = content[start + 1 :].split(b">", 1)[0].split()[0].rstrip(b"/")
    return content.index(b">", found) + 1 if content.startswith(b"</" + name, found) else found


def _is_harmless(tag: str) -> bool:
    """Whether an element, as namespace and name, is for people or for drawing."""
    namespace, _, name = tag.rpartition(" ")
    if _SBML.fullmatch(namespace):
        return name in ("notes", "annotation")
    package = _PACKAGE.fullmatch(namespace)
    in_package = package is not None and package.group(1) in HARMLESS_PACKAGES
    return in_package or namespace.startswith(_DRAWING_IN_LEVEL_2)


def _blank(part: bytes) -> bytes:
    """Return as many blanks, the ends of lines where they were."""
    return re.sub(rb"[^\r\n]", b" ", part)
