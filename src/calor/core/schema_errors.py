"""What a schema refuses, said in calor's words at the line of its key.

The schema library reports every member of a union, the length of a list whose items are wrong, and speaks
its own English; none of that reaches people.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from calor.core.documents import Document, Key, MisfitError, kind_of
from calor.core.errors import Problem

Context = Mapping[str, Any]

ALLOWED: dict[str, Callable[[Context], str]] = {
    "greater_than": lambda context: f"greater than {context['gt']:g}",
    "greater_than_equal": lambda context: f"at least {context['ge']:g}",
    "less_than": lambda context: f"less than {context['lt']:g}",
    "less_than_equal": lambda context: f"at most {context['le']:g}",
    "finite_number": lambda _: "a finite number",
    "float_type": lambda _: "a number",
    "float_parsing": lambda _: "a number",
    "int_type": lambda _: "a whole number",
    "int_parsing": lambda _: "a whole number",
    "int_parsing_size": lambda _: "a whole number of fewer digits",
    "int_from_float": lambda _: "a whole number",
    "bool_type": lambda _: "true or false",
    "bool_parsing": lambda _: "true or false",
    "string_type": lambda _: "text",
    "string_too_short": lambda context: _text_of_length("least", context["min_length"]),
    "string_too_long": lambda context: _text_of_length("most", context["max_length"]),
    "string_pattern_mismatch": lambda context: _in_words(context["pattern"]),
    "string_unicode": lambda _: "text",
    "enum": lambda context: _values(context["expected"]),
    "literal_error": lambda context: _values(context["expected"]),
    "dict_type": lambda _: "keys with values (key: value)",
    "model_attributes_type": lambda _: "keys with values (key: value)",
    "model_type": lambda _: "keys with values (key: value)",
    "list_type": lambda _: "a list",
    "tuple_type": lambda _: "a list",
    "too_short": lambda context: _entries("least", context["min_length"]),
    "too_long": lambda context: _entries("most", context["max_length"]),
    "union_tag_invalid": lambda context: str(context["expected_tags"]),
}
"""What is allowed, by the schema library's type of error."""

STRUCTURAL = {"extra_forbidden", "missing", "model_type", "dict_type"}
"""Errors that say that the data means another member of a union."""

_PATTERNS = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "lower-case letters and digits, joined by hyphens, as my-trial",
    r"^[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$": "letters, digits and hyphens, beginning with a letter",
    r"^[a-z][a-z0-9_]*$": "lower-case letters, digits and underscores, beginning with a letter",
    r"^20\d\d-\d\d-\d\d$": "a day, as 2026-11-28",
    r"^https?://[^\s<>]+$": "an address that begins with http:// or https://",
    r"^10\.\d{4,9}/\S+$": "a DOI, as 10.7326/M17-0509",
    r"\S": "text that is not blank",
    r"^PMC\d+$": "a PubMed Central id, as PMC123456",
}
"""Patterns that our schemas share, in words."""
_MEMBER = re.compile(r"<\w+\.\w+: ([^>]*)>")
"""How the schema library writes a member of an enumeration."""


def problems_of(
    errors: Iterable[ErrorDetails], document: Document, prefix: Key, schema: type[BaseModel]
) -> list[Problem]:
    """Return one problem for everything that is wrong, without repeats, at file, line and key.

    Arguments: the schema library's errors, the document, the key path under which the checked part stands,
    and the schema.
    """
    said = [error for error in _of_best_members(errors, document, prefix) if not _follows(error)]
    return list(dict.fromkeys(_problem(document, prefix, error, schema) for error in said))


def _follows(error: ErrorDetails) -> bool:
    """Return whether a list is called too short only because some of its items are wrong."""
    if error["type"] != "too_short":
        return False
    given = error["input"]
    return isinstance(given, Sequence | Mapping) and len(given) >= error.get("ctx", {})["min_length"]


def _of_best_members(errors: Iterable[ErrorDetails], document: Document, prefix: Key) -> list[ErrorDetails]:
    """Return the errors without those of union members that the data was not meant to be."""
    by_union: dict[tuple[str | int, ...], dict[str | int, list[ErrorDetails]]] = defaultdict(dict)
    kept: list[ErrorDetails] = []
    for error in errors:
        position = _member_position(error, document, prefix)
        if position is None:
            kept.append(error)
        else:
            loc = error["loc"]
            by_union[loc[:position]].setdefault(loc[position], []).append(error)
    for place, members in by_union.items():
        kept.extend(min(members.values(), key=partial(_distance, len(place) + 1)))
    return kept


def _distance(depth: int, errors: Iterable[ErrorDetails]) -> tuple[bool, int, int]:
    """Return how far data is from a union's member.

    Data of another kind altogether is farthest, then what has other keys, then what has more errors.
    Arguments: how long the location of the member itself is, and the errors in it.
    """
    found = list(errors)
    other_kind = any(len(error["loc"]) == depth and error["type"].endswith("_type") for error in found)
    return other_kind, sum(error["type"] in STRUCTURAL for error in found), len(found)


def _member_position(error: ErrorDetails, document: Document, prefix: Key) -> int | None:
    """Return where in an error's location the name of a union's member stands, or None."""
    node = _at(document.data, prefix)
    for position, part in enumerate(error["loc"]):
        if _holds(node, part):
            node = node[part]
        elif position < len(error["loc"]) - 1 or error["type"] != "missing":
            return position
    return None


def _problem(document: Document, prefix: Key, error: ErrorDetails, schema: type[BaseModel]) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    key = prefix + _key_in_data(error["loc"], document, prefix, absent=kind == "missing")
    if kind == "extra_forbidden":
        return _unknown_key(document, key, error, schema)
    if kind == "missing":
        return document.problem(key, "is missing")
    if kind == "union_tag_not_found":
        name = _discriminator(context)
        return document.problem((*key, name), "is missing", allowed=_values_at((*error["loc"], name), schema))
    if kind == "union_tag_invalid":
        key = (*key, _discriminator(context))
        return document.problem(key, f"is {context['tag']!r}", allowed=ALLOWED[kind](context))
    if kind in {"value_error", "assertion_error"}:
        found = context.get("error", "does not fit")
        if isinstance(found, MisfitError):
            where = (*key, *found.key)
            return document.problem(where, str(found), allowed=found.allowed, hint=found.hint)
        return document.problem(key, str(found))
    return document.problem(key, _shown(error), allowed=ALLOWED[kind](context) if kind in ALLOWED else None)


def _shown(error: ErrorDetails) -> str:
    """Return what was given, in words."""
    given = error["input"]
    if error["type"] in {"too_short", "too_long"}:
        return f"has {len(given)} {'entry' if len(given) == 1 else 'entries'}"
    return f"is {given!r}" if isinstance(given, str | int | float | bool) else f"is {kind_of(given)}"


def _unknown_key(document: Document, key: Key, error: ErrorDetails, schema: type[BaseModel]) -> Problem:
    names = sorted(_field_names_at(error["loc"][:-1], schema))
    close = get_close_matches(str(error["loc"][-1]), names, n=1)
    return document.problem(
        key,
        "is not a known key",
        allowed=", ".join(names) or None,
        hint=f"did you mean {close[0]}?" if close else None,
    )


def _discriminator(context: Context) -> str:
    return str(context["discriminator"]).strip("'")


def _text_of_length(which: str, count: int) -> str:
    return (
        "text that is not empty"
        if (which, count) == ("least", 1)
        else f"text of at {which} {count} characters"
    )


def _entries(which: str, count: int) -> str:
    return f"at {which} {count} {'entry' if count == 1 else 'entries'}"


def _values(expected: object) -> str:
    """Return the values that are allowed; a member of an enumeration is written as its value."""
    return _MEMBER.sub(r"\1", str(expected))


def _in_words(pattern: str) -> str:
    return _PATTERNS.get(pattern, f"text of the form {pattern}")


def _holds(node: Any, part: str | int) -> bool:
    if isinstance(node, dict):
        return part in node
    return isinstance(node, list) and isinstance(part, int) and part < len(node)


def _at(data: Any, key: Key) -> Any:
    for part in key:
        data = data[part]
    return data


def _key_in_data(loc: Key, document: Document, prefix: Key, *, absent: bool) -> Key:
    """Return a location without the names of union members that stand in between.

    `absent` says that the last part names a key that the document lacks.
    """
    key: list[str | int] = []
    node = _at(document.data, prefix)
    for position, part in enumerate(loc):
        if _holds(node, part):
            node = node[part]
            key.append(part)
        elif position == len(loc) - 1 and absent and isinstance(node, dict):
            key.append(part)
    return tuple(key)


def _field_names_at(loc: Key, schema: type[BaseModel]) -> set[str]:
    """Return the names allowed in the mapping at a location of the schema."""
    models = _models_at(loc, schema)
    return {info.alias or name for model in models for name, info in model.model_fields.items()}


def _values_at(loc: Key, schema: type[BaseModel]) -> str:
    """Return the values of the key that tells the members of a union apart, at a location of the schema."""
    name = str(loc[-1])
    return ", ".join(
        repr(value)
        for model in _models_at(loc[:-1], schema)
        if name in model.model_fields
        for value in get_args(model.model_fields[name].annotation)
    )


def _models_at(loc: Key, schema: type[BaseModel]) -> list[type[BaseModel]]:
    """Return the parts of the schema that may stand at a location."""
    models: list[type[BaseModel]] = [schema]
    for part in loc:
        deeper: list[type[BaseModel]] = []
        for model in models:
            for name, info in model.model_fields.items():
                if part in {name, info.alias}:
                    deeper.extend(_models_in(info.annotation))
            if model.__name__ == part or _is_tagged(model, part):
                deeper.append(model)
        models = deeper or models
    return models


def _is_tagged(model: type[BaseModel], tag: str | int) -> bool:
    """Return whether a model is the member of a union that a tag names."""
    return any(tag in get_args(info.annotation) for info in model.model_fields.values())


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the pydantic models that occur in a type annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
