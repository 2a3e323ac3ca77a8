"""Values of a system that somebody gives: parameters, and initial values in place of their formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from calor.core.errors import InputError
from calor.engine.symbolic.system import System
from calor.engine.symbolic.varying import start_of, with_given_start


def set_values(system: System, settings: Sequence[tuple[str, float]]) -> System:
    """Return the system with parameters and initial values as the person set them. Raises InputError."""
    names = [name for name, _ in settings]
    check_settable(system, names, "--set")
    given = with_given_start(system, [name for name in names if name not in system.parameter_names])
    values = dict(zip(parameters_of(system, names), (value for _, value in settings), strict=True))
    return replace(
        given,
        parameters=tuple(replace(item, value=values.get(item.name, item.value)) for item in given.parameters),
    )


def check_settable(system: System, names: Sequence[str], where: str) -> None:
    """Raise InputError for a name without a value to set, and for two names of the same value."""
    starting = {item.name for item in system.species if item.amount in system.state_names}
    settable = (*system.parameter_names, *system.state_names, *sorted(starting - set(system.state_names)))
    meant = [system.amount_of(name) for name in names]
    twice = [name for name, amount in zip(names, meant, strict=True) if meant.count(amount) > 1]
    if twice:
        raise InputError.of(f"{' and '.join(twice)} give one value twice", key=where, allowed="each once")
    for name in names:
        if name in settable:
            continue
        if name in system.output_names:
            raise InputError.of(
                f"{name} follows from a rule of the model, so it cannot be set", key=where,
                hint="set what it is computed from",
            )  # fmt: skip
        by_lower_case = {known.lower(): known for known in settable}
        close = [by_lower_case[found] for found in get_close_matches(name.lower(), list(by_lower_case), n=3)]
        shown = ", ".join(settable[:20]) + (", ..." if len(settable) > 20 else "")
        raise InputError.of(
            f"the model has no parameter or initial value {name}", key=where, allowed=shown,
            hint=f"did you mean {' or '.join(close)}?" if close else None,
        )  # fmt: skip


def parameters_of(system: System, names: Sequence[str]) -> tuple[str, ...]:
    """Return the parameters that hold the values of settable names, once initial values are given."""
    return tuple(name if name in system.parameter_names else start_of(name) for name in names)
