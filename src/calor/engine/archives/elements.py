"""Attributes and children of an element of SED-ML, or one clear error with file and line."""

from __future__ import annotations

import math
from dataclasses import dataclass

from calor.core.errors import InputError, Place, UnsupportedError
from calor.engine.archives.xml_tree import Element
from calor.engine.archives.xpath import Target, target_of

SEDML_NAMESPACES = "http://sed-ml.org/"
_FOR_PEOPLE = frozenset({"notes", "annotation"})


@dataclass(frozen=True)
class Node:
    """An element of an experiment, and the file that it stands in."""

    element: Element
    file: str

    @property
    def tag(self) -> str:
        """The element's name."""
        return self.element.local

    @property
    def place(self) -> Place:
        """Where it stands: the file, the line and its id."""
        return Place(self.file, self.element.line, self.element.get("id"))

    def wrong(self, what: str, allowed: str | None = None, hint: str | None = None) -> InputError:
        """Return the error that something about the element is wrong."""
        return InputError.of(
            f"<{self.tag}> {what}", file=self.file, line=self.element.line, allowed=allowed, hint=hint
        )

    def unsupported(self, what: str, hint: str | None = None) -> UnsupportedError:
        """Return the error that something about the element is not supported."""
        return UnsupportedError.of(what, file=self.file, line=self.element.line, hint=hint)

    def optional(self, name: str) -> str | None:
        """Return an attribute, None where it is absent or blank."""
        value = self.element.get(name, "").strip()
        return value or None

    def text(self, name: str) -> str:
        """Return an attribute that must stand there."""
        value = self.optional(name)
        if value is None:
            raise self.wrong(f"has no {name}", allowed=f'{name}="..."')
        return value

    def number(self, name: str) -> float:
        """Return an attribute as a finite number."""
        return self.as_number(self.text(name), name)

    def as_number(self, text: str, name: str) -> float:
        """Return text as a finite number; `name` is what it is for messages."""
        try:
            value = float(text) if text.isascii() and "_" not in text else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.wrong(f"has {name} {text!r}", allowed="a finite number")
        return value

    def whole(self, *names: str) -> int:
        """Return the first of some attributes that is there, as a whole number of 0 or more."""
        name = next((each for each in names if self.optional(each) is not None), names[0])
        text = self.text(name)
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise self.wrong(f"has {name} {text!r}", allowed="a whole number of 0 or more")
        return int(text)

    def truth(self, name: str, default: bool) -> bool:
        """Return an attribute as true or false; the default is SED-ML's for one that is absent."""
        text = self.optional(name)
        if text is None:
            return default
        if text not in ("true", "false", "1", "0"):
            raise self.wrong(f"has {name} {text!r}", allowed="true or false")
        return text in ("true", "1")

    def target(self) -> Target:
        """Return the attribute `target` as an XPath."""
        text = self.text("target")
        if text.startswith("#"):
            raise self.unsupported(f"data from files (the target {text}) are not supported")
        return target_of(text, self.element.prefixes, self.file, self.element.line)

    def children(self) -> list[Node]:
        """Return the children that mean something: SED-ML's own and MathML's."""
        return [
            Node(child, self.file)
            for child in self.element.elements()
            if child.local not in _FOR_PEOPLE
            and (child.namespace.startswith(SEDML_NAMESPACES) or child.local == "math")
        ]

    def listed(self, container: str) -> list[Node]:
        """Return what a list among the children holds; nothing where there is no such list."""
        return [node for each in self.children() if each.tag == container for node in each.children()]

    def child(self, *tags: str) -> Node | None:
        """Return the first child of one of some names."""
        return next((each for each in self.children() if each.tag in tags), None)

    def refuse_attributes(self, *names: str) -> None:
        """Raise UnsupportedError where one of some attributes stands."""
        for name in names:
            if self.optional(name) is not None:
                raise self.unsupported(f"the attribute {name} of <{self.tag}> is not supported")

    def refuse_children(self, *known: str) -> None:
        """Raise UnsupportedError for a child whose name is none of the known ones."""
        for each in self.children():
            if each.tag not in known:
                raise each.unsupported(f"<{each.tag}> in <{self.tag}> is not supported")
