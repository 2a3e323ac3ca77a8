"""Records (dataclasses of names, numbers, tuples and records) as data that JSON can hold, and back.

A record becomes [class name, field, ...], a tuple ["", item, ...], and what only the caller knows becomes
{"": what the caller made of it}. Reading looks nothing up but in the classes that it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any


def plain_record(value: Any, leaf: Callable[[Any], Any] | None = None) -> Any:
    """Return a value as plain data.

    Arguments: a name, truth value, number, None, tuple or record; what makes plain data of anything else.
    Raises TypeError for what none of these is.
    """
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple):
        return ["", *(plain_record(item, leaf) for item in value)]
    if is_dataclass(value) and not isinstance(value, type):
        own = (getattr(value, field.name) for field in fields(value))
        return [type(value).__name__, *(plain_record(item, leaf) for item in own)]
    if leaf is None:
        raise TypeError(f"{type(value).__name__} is no plain data")
    return {"": leaf(value)}


def record_of(
    plain: Any, classes: Mapping[str, Callable[..., Any]], leaf: Callable[[Any], Any] | None = None
) -> Any:
    """Return the value that `plain_record` made this of, given the classes of records by name.

    `leaf` takes back what the writer's own made. Raises KeyError for another class, TypeError where there is
    something of a leaf and nothing to take it back.
    """
    if isinstance(plain, list):
        items = [record_of(item, classes, leaf) for item in plain[1:]]
        return classes[plain[0]](*items) if plain[0] else tuple(items)
    if isinstance(plain, dict):
        if leaf is None:
            raise TypeError("a leaf, and nothing that reads it")
        return leaf(plain[""])
    return plain
