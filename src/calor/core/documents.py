"""YAML documents read as data, checked against a schema, with errors that name file, line and key.

Nothing in a document is ever evaluated: tags that would build objects are refused, and so are aliases
that would expand without bound.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from calor.core.errors import InputError, Place, Problem
from calor.core.text_files import read_text_file

Schema = TypeVar("Schema", bound=BaseModel)

LARGEST_DOCUMENT_BYTES = 4_000_000
"""Documents are written by people; a larger one is a mistake or an attack."""

Key = tuple[str | int, ...]


class MisfitError(ValueError):
    """What a schema raises when parts of a document do not fit each other.

    It says at which key, and where that can be said, what is allowed and a hint.
    """

    def __init__(
        self, what: str, *key: str | int, allowed: str | None = None, hint: str | None = None
    ) -> None:
        self.key: Key = key
        self.allowed, self.hint = allowed, hint
        super().__init__(what)


@dataclass(frozen=True)
class Document:
    """A YAML document as plain data, with the line on which each key stands.

    Arguments: the file's name for messages, the data (dicts, lists, strings, numbers, booleans, None),
    and the lines by key path.
    """

    file: str
    data: Any
    lines: Mapping[Key, int]

    def line_of(self, key: Key) -> int | None:
        """Return the line of the key, or of the nearest key above it that stands in the file."""
        for length in range(len(key), -1, -1):
            if key[:length] in self.lines:
                return self.lines[key[:length]]
        return None

    def problem(self, key: Key, what: str, *, allowed: str | None = None, hint: str | None = None) -> Problem:
        """Return a problem placed at a key of this document."""
        dotted = dotted_key(key)
        return Problem(what, Place(self.file, self.line_of(key), dotted or None), allowed, hint)


def dotted_key(key: Key) -> str:
    """Return a key path as people write it: `arms[1].regimen`."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text


def read_document(path: Path) -> Document:
    """Read a YAML file as data.

    Raises InputError when the file is missing, not text, not YAML, empty, or refers to objects.
    """
    text = read_text_file(path, LARGEST_DOCUMENT_BYTES)
    return parse_document(text, str(path))


def parse_document(text: str, file: str) -> Document:
    """Parse YAML text as data; `file` is its name in messages. Raises InputError."""
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor may be set again; the last one counts
            node = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join((error.problem or error.context or "is malformed").split())
        raise InputError.of(
            f"is not YAML: {what}",
            file=file,
            line=mark.line + 1 if mark else None,
            hint="look for a missing colon, an odd indent or an unclosed quote",
        ) from None
    except TypeError:
        raise InputError.of("has a list or a mapping as a key", file=file, allowed="keys of text") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise InputError.of(f"is not YAML: {' '.join(str(error).split())[:200]}", file=file) from None
    if node is None:
        raise InputError.of("is empty", file=file, hint="a document needs at least one key")
    lines: dict[Key, int] = {(): 1}
    data = _plain(node, (), lines, file, set())
    return Document(file, data, lines)


def _plain(node: Any, key: Key, lines: dict[Key, int], file: str, open_nodes: set[int]) -> Any:
    """Return a ruamel node as plain data, noting the line of every key."""
    if isinstance(node, CommentedMap | CommentedSeq | TaggedScalar) and node.tag.value is not None:
        raise InputError.of(
            f"has the tag {node.tag.value}", file=file, line=lines.get(key), key=dotted_key(key) or None,
            allowed="plain data", hint="remove the tag: nothing in a document is built or run",
        )  # fmt: skip
    if isinstance(node, CommentedMap | CommentedSeq):
        if id(node) in open_nodes:
            raise InputError.of("an alias contains itself", file=file, key=dotted_key(key) or None)
        if len(lines) > LARGEST_DOCUMENT_BYTES // 8:
            raise InputError.of("aliases expand to too much data", file=file)
        open_nodes.add(id(node))
        plain: Any
        if isinstance(node, CommentedMap):
            plain = {}
            for name, value in node.items():
                inner = (*key, str(name))
                lines[inner] = node.lc.key(name)[0] + 1 if name in node.lc.data else node.lc.line + 1
                plain[str(name)] = _plain(value, inner, lines, file, open_nodes)
        else:
            plain = []
            for index, value in enumerate(node):
                inner = (*key, index)
                lines[inner] = node.lc.item(index)[0] + 1
                plain.append(_plain(value, inner, lines, file, open_nodes))
        open_nodes.discard(id(node))
        return plain
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return str(node)  # dates, which our documents hold as text


def validate(document: Document, schema: type[Schema], *, prefix: Key = ()) -> Schema:
    """Return the document as an instance of a pydantic schema.

    Arguments: the document, the schema, and the key path under which the checked part stands.
    Raises InputError with one problem for everything that is wrong, each with file, line and key.
    """
    data = document.data
    for part in prefix:
        data = data[part]
    if not isinstance(data, dict):
        raise InputError(
            [document.problem(prefix, f"is {kind_of(data)}", allowed="keys with values (key: value)")]
        )
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        from calor.core.schema_errors import problems_of  # which builds on this module

        raise InputError(problems_of(error.errors(), document, prefix, schema)) from None


def kind_of(value: object) -> str:
    """Return what a value of a document is, in words."""
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true/false", type(None): "empty"}
    return names.get(type(value), "a number")
