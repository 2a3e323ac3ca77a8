"""How the type I error of a sequential test is distributed over its looks."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

from calor.core.documents import MisfitError


class Spending(StrEnum):
    """How the type I error is distributed over the looks."""

    OBRIEN_FLEMING = "OF"
    POCOCK = "P"
    WANG_TSIATIS = "WT"
    HAYBITTLE_PETO = "HP"
    OBRIEN_FLEMING_TYPE_SPENDING = "asOF"
    POCOCK_TYPE_SPENDING = "asP"
    KIM_DEMETS = "KD"


def check_looks(looks: Sequence[float], of_what: str, **before_last: Sequence[float] | None) -> None:
    """Raise MisfitError where looks do not rise to 1, or what is said of all but the last has another length.

    Arguments: the looks, of what they are fractions, and by name what has an entry for each but the last.
    """
    if looks[-1] != 1 or any(second <= first for first, second in pairwise((0.0, *looks))):
        given = ", ".join(f"{look:g}" for look in looks)
        allowed = f"rising fractions of {of_what}, above 0, the last one 1"
        raise MisfitError(f"are {given}", "looks", allowed=allowed)
    needed = len(looks) - 1
    for name, given_ in before_last.items():
        if given_ is not None and len(given_) != needed:
            numbers = "number" if needed == 1 else "numbers"
            allowed = f"{needed} {numbers}, one for every look but the last"
            raise MisfitError(f"has {len(given_)}", name, allowed=allowed)
