"""XML from strangers as a tree: no document types, bounded size and depth, each element with its line.

Names are `{namespace}local`, as in the standard library's tree; every element knows the prefixes that hold
where it stands, since the targets in a simulation experiment are written with them.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from calor.core.errors import InputError

DEEPEST = 256
"""Levels of elements inside elements."""
MOST_ELEMENTS = 2_000_000
"""Elements of one document, several times what a model of 50 MB holds."""
XML = "http://www.w3.org/XML/1998/namespace"


class Element(ET.Element):
    """An element with the line (from 1) of its start and the namespaces by prefix that hold there."""

    line: int = 0
    prefixes: Mapping[str, str] = {}

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return local_name(self.tag)

    @property
    def namespace(self) -> str:
        """The namespace, empty where there is none."""
        return self.tag[1:].partition("}")[0] if self.tag.startswith("{") else ""

    def elements(self) -> list[Element]:
        """Return the children."""
        return [child for child in self if isinstance(child, Element)]

    def copied(self) -> Element:
        """Return a copy of the element and all below it."""
        new = Element(self.tag, dict(self.attrib))
        new.text, new.tail, new.line, new.prefixes = self.text, self.tail, self.line, self.prefixes
        new.extend([child.copied() for child in self.elements()])
        return new

    def everything(self) -> list[Element]:
        """Return the element and all below it, in the order of the document."""
        return [node for node in self.iter() if isinstance(node, Element)]


def local_name(tag: str) -> str:
    """Return a name without its namespace."""
    return tag.rpartition("}")[2]


def parse_xml(content: bytes, file: str) -> Element:
    """Return the root of an XML document in UTF-8.

    Raises InputError, with its line, for what is not well-formed, declares a document type (and with it
    entities), is nested too deep or has too many elements.
    """
    builder = _Builder(file)
    try:
        builder.parser.Parse(_as_utf8(content, file), True)
    except expat.ExpatError as error:
        what = f"not well-formed XML: {expat.errors.messages[error.code]}"
        raise InputError.of(what, file=file, line=error.lineno) from None
    return builder.root


def xml_text(root: Element) -> str:
    """Return a tree as text in which elements have no prefixes: each namespace is declared as the default.

    libSBML reads models only so.
    """
    parts: list[str] = []
    _write(root, "", {}, parts)
    return "".join(parts)


def _write(element: Element, default: str, prefixes: dict[str, str], parts: list[str]) -> None:
    """Append an element; `default` is the namespace without a prefix, `prefixes` are those of attributes."""
    parts.append(f"<{element.local}")
    if element.namespace != default:
        parts.append(f" xmlns={quoteattr(element.namespace)}")
    for name, value in element.attrib.items():
        namespace = name[1:].partition("}")[0] if name.startswith("{") else ""
        if namespace and namespace not in prefixes:
            prefixes = {**prefixes, namespace: _prefix(namespace, len(prefixes))}
            if namespace != XML:
                parts.append(f" xmlns:{prefixes[namespace]}={quoteattr(namespace)}")
        prefix = f"{prefixes[namespace]}:" if namespace else ""
        parts.append(f" {prefix}{local_name(name)}={quoteattr(value)}")
    parts.append(">")
    parts.append(escape(element.text or ""))
    for child in element.elements():
        _write(child, element.namespace, prefixes, parts)
        parts.append(escape(child.tail or ""))
    parts.append(f"</{element.local}>")


def _prefix(namespace: str, count: int) -> str:
    return "xml" if namespace == XML else f"n{count}"


def _as_utf8(content: bytes, file: str) -> bytes:
    try:
        return content.decode("utf-8-sig").encode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError.of("is not UTF-8 text", file=file, line=line, allowed="UTF-8") from None


class _Builder:
    """Builds the tree from the events of a parser."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: list[Element] = []
        self._scopes: list[Mapping[str, str]] = [{"xml": XML}]
        self._declared: dict[str, str] = {}
        self._count = 0
        self._last: Element | None = None
        self.root = Element("nothing")
        self.parser = expat.ParserCreate("utf-8", "}")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._on_doctype
        self.parser.StartNamespaceDeclHandler = self._on_namespace
        self.parser.StartElementHandler = self._on_start
        self.parser.EndElementHandler = self._on_end
        self.parser.CharacterDataHandler = self._on_text

    def _refuse(self, what: str, allowed: str) -> None:
        raise InputError.of(what, file=self._file, line=self.parser.CurrentLineNumber, allowed=allowed)

    def _on_doctype(self, *_: object) -> None:
        self._refuse("declares a document type or entities", "XML without <!DOCTYPE>")

    def _on_namespace(self, prefix: str | None, uri: str | None) -> None:
        self._declared[prefix or ""] = uri or ""

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= DEEPEST:
            self._refuse("elements are nested too deep", f"up to {DEEPEST} levels")
        if self._count > MOST_ELEMENTS:
            self._refuse("has too many elements", f"up to {MOST_ELEMENTS:,}")
        scope = {**self._scopes[-1], **self._declared} if self._declared else self._scopes[-1]
        self._declared = {}
        self._scopes.append(scope)
        element = Element(_tag(name), {_tag(key): value for key, value in attributes.items()})
        element.line, element.prefixes = self.parser.CurrentLineNumber, scope
        if self._open:
            self._open[-1].append(element)
        else:
            self.root = element
        self._open.append(element)
        self._last = None

    def _on_end(self, _name: str) -> None:
        self._last = self._open.pop()
        self._scopes.pop()

    def _on_text(self, text: str) -> None:
        if self._last is not None:
            self._last.tail = (self._last.tail or "") + text
        else:
            self._open[-1].text = (self._open[-1].text or "") + text


def _tag(name: str) -> str:
    """Return the parser's `uri}local` as `{uri}local`."""
    return f"{{{name}" if "}" in name else name
