"""Every analysis that a protocol can name: each is found in the file of its estimator.

A file of this folder that holds an estimator for protocols has a tuple `METHODS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from calor.study import Protocol
from calor.trial import analysis
from calor.trial.analysis.method import Method


@cache
def methods() -> dict[str, Method]:
    """Return every analysis by name. Raises ValueError where two have the same name."""
    found: dict[str, Method] = {}
    for method in _declared():
        if method.name in found:
            raise ValueError(f"two analyses are named {method.name!r}")
        found[method.name] = method
    return found


def _declared() -> Iterator[Method]:
    for module in iter_modules(analysis.__path__, f"{analysis.__name__}."):
        yield from getattr(import_module(module.name), "METHODS", ())


def method_of(trial: Protocol) -> Method:
    """Return the analysis of a protocol. Raises KeyError for one that does not exist."""
    return methods()[trial.analysis.method]
