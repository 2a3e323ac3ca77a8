"""Frozen dataclasses as arrays by name and back, so that they can be kept and sent without running anything.

Fields may be numbers, truth values, texts, arrays, tuples of texts, maps from names to arrays of one shape,
other such dataclasses, and None. A field of a field is named with dots.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Collection, Hashable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from calor.store.piece_files import Arrays

Packed = TypeVar("Packed")
NAMES = ".names"
"""What stands behind the name of a map, for the array of its names."""


def packed(value: Any, *, without: Collection[str] = ()) -> Arrays:
    """Return a dataclass as arrays by name, without some of its fields.

    Raises TypeError for a field of another kind.
    """
    fields = [field.name for field in dataclasses.fields(value) if field.name not in without]
    return {key: array for name in fields for key, array in _arrays(name, getattr(value, name))}


def unpacked(kind: type[Packed], arrays: Arrays, **others: Any) -> Packed:
    """Return what `packed` took apart. Arguments: its class, the arrays, the fields that were left out."""
    named: Any = kind
    hints = {name: hint for name, hint in _hints(named).items() if name not in others}
    return kind(**{name: _value(name, hint, arrays) for name, hint in hints.items()}, **others)


def _arrays(name: str, value: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    if value is None:
        return
    if dataclasses.is_dataclass(value):
        yield from ((f"{name}.{key}", array) for key, array in packed(value).items())
    elif isinstance(value, Mapping):
        yield name, np.array(list(value.values()))
        yield f"{name}{NAMES}", np.array([str(each) for each in value], dtype=np.str_)
    elif isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        yield name, np.array(value, dtype=np.str_)
    elif isinstance(value, bool | int | float | str | np.ndarray | np.generic):
        yield name, np.asarray(value)
    else:
        raise TypeError(f"{name} is a {type(value).__name__}, which is not kept")


def _value(name: str, hint: Any, arrays: Arrays) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
        if name not in arrays and not any(key.startswith(f"{name}.") for key in arrays):
            return None
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        inside = {key[len(name) + 1 :]: each for key, each in arrays.items() if key.startswith(f"{name}.")}
        return unpacked(hint, inside)
    origin, found = get_origin(hint), arrays[name]
    if origin is tuple:
        return tuple(map(str, found))
    # The origin of an array's type is a class or, from NumPy 2.5 on, an alias.
    if isinstance(origin, type) and issubclass(origin, Mapping):
        kind = get_args(hint)[0]
        return {kind(str(key)): row for key, row in zip(arrays[f"{name}{NAMES}"], found, strict=True)}
    return hint(found[()]) if hint in (bool, int, float, str) else found


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    """Return the type of each field."""
    known: Any = kind
    hints = get_type_hints(known)
    return {field.name: hints[field.name] for field in dataclasses.fields(known)}
