"""Settings of the functions, checked by the rules that the command line has for its options."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from calor.core.bounds import SEED, WORKERS
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
    return SEED.whole(seed, "seed")


def workers_of(workers: int | None) -> int:
    """Return a number of threads, all cores for None. Raises InputError for what is none."""
    return os.cpu_count() or 1 if workers is None else WORKERS.whole(workers, "workers")


def posterior_from(
    given: Posterior | str | Path | None, roles: Collection[str] = ()
) -> files.Posterior | None:
    """Return the posterior that is meant, None for the priors.

    Without one it is the one that trials of some roles take. Raises InputError for what is no posterior.
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
    changes: Mapping[str, float] | None = None,
) -> Scenario:
    """Return where effects come from: a posterior, an assumed effect, numbers held at other values."""
    from calor.trial.bank.scenario import Scenario
    from calor.trial.bank.settings import ASSUMED_EFFECT

    if assume_effect is not None:
        assume_effect = ASSUMED_EFFECT.number(assume_effect, "assume_effect")
    held = {name: numbers_of(value, f"values {name}") for name, value in (changes or {}).items()}
    return Scenario(posterior_from(posterior, roles), assume_effect, held)


def numbers_of(value: float, key: str) -> float:
    """Return a finite number. Raises InputError for anything else."""
    from calor.core.bounds import ANY_NUMBER

    return ANY_NUMBER.number(value, key)
