"""Settings as the command line's options name them, checked by the same rules."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from calor.core.bounds import ANY_NUMBER, SEED, WORKERS
from calor.core.errors import InputError

if TYPE_CHECKING:
    from calor.api.posteriors import Posterior
    from calor.population import posterior as files
    from calor.trial.bank.scenario import Scenario

Word = TypeVar("Word", bound=StrEnum)


def one_of(words: type[Word], value: str, option: str) -> Word:
    """Return a word of a vocabulary. Raises InputError, naming the option, for any other."""
    if value not in list(words):
        raise InputError.of(f"is {value!r}", key=option, allowed=", ".join(words))
    return words(value)


def texts_of(value: str | Path | Collection[str | Path]) -> tuple[str, ...]:
    """Return one text or several as a tuple."""
    return (str(value),) if isinstance(value, str | Path) else tuple(map(str, value))


def seed_of(seed: int) -> int:
    """Return a seed. Raises InputError for anything but a whole number from 0 on."""
    return SEED.whole(seed, "--seed")


def workers_of(workers: int | None) -> int:
    """Return a number of threads, all cores for None. Raises InputError for what is none."""
    return os.cpu_count() or 1 if workers is None else WORKERS.whole(workers, "--workers")


def held_values(given: Mapping[str, float] | None) -> dict[str, float]:
    """Return the numbers that are held at a value. Raises InputError for a value that is no finite number."""
    if not isinstance(given, Mapping | None):
        raise InputError.of(
            f"is {str(given)!r}", key="--set", allowed="values by name, as {'clearance': 0.2}"
        )
    return {name: ANY_NUMBER.number(value, f"--set {name}") for name, value in (given or {}).items()}


def posterior_from(
    given: Posterior | str | Path | None, roles: Collection[str] = ()
) -> files.Posterior | None:
    """Return the posterior that is meant, None for the priors.

    Arguments: a posterior, the name of one that ships, `prior`, the path of a file, or None for the one that
    trials of some roles take; and those roles. Raises InputError for what is no posterior.
    """
    from calor.api.posteriors import Posterior
    from calor.trial.runs.named import posterior_of

    if isinstance(given, Posterior):
        return given.draws
    return posterior_of(None if given is None else str(given), roles)


def scenario_from(
    posterior: Posterior | str | Path | None,
    roles: Collection[str] = (),
    assume_effect: float | None = None,
    held: Mapping[str, float] | None = None,
) -> Scenario:
    """Return where effects come from: a posterior, an assumed effect, numbers held at other values."""
    from calor.trial.bank.run_bounds import ASSUMED_EFFECT
    from calor.trial.bank.scenario import Scenario

    if assume_effect is not None:
        assume_effect = ASSUMED_EFFECT.number(assume_effect, "--assume-effect")
    return Scenario(posterior_from(posterior, roles), assume_effect, held_values(held))
