"""Who conducts which design: each is found in the file of its conductor.

A file of this folder that conducts a design has a table `CONDUCTORS`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from calor.study import DesignPart
from calor.trial import designs
from calor.trial.conduct.observation import Observer
from calor.trial.designs.conductor import Conductor
from calor.trial.designs.estimation import Analyst

Conducts = Callable[[Observer, Analyst, Any], Conductor]


@cache
def conductors() -> dict[type[DesignPart], Conducts]:
    """Return what conducts each design. Raises ValueError where a design has two conductors."""
    found: dict[type[DesignPart], Conducts] = {}
    for module in iter_modules(designs.__path__, f"{designs.__name__}."):
        for design, conducts in getattr(import_module(module.name), "CONDUCTORS", {}).items():
            if design in found:
                raise ValueError(f"two files conduct {design.__name__}")
            found[design] = conducts
    return found


def conductor_of(observer: Observer, analyst: Analyst, conducts: Conducts | None = None) -> Conductor:
    """Return the conductor of a trial's design, or what another one makes of it."""
    design = observer.plan.protocol.design
    return (conducts or conductors()[type(design)])(observer, analyst, design)
