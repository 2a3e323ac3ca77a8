"""What does not fit in a study: parts that are sound each and break a rule together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from calor.core.documents import Key
from calor.core.errors import InputError, Problem, UnsupportedError


@dataclass(frozen=True)
class Misfit:
    """One rule that is broken: what, at which key of the study, what is allowed, and a hint.

    `unsupported`: such a study could be done; calor does not simulate it.
    """

    what: str
    key: Key
    allowed: str | None = None
    unsupported: bool = False
    hint: str | None = None


def refuse(
    misfits: Iterable[Misfit], problem_of: Callable[[Misfit], Problem], others: Iterable[Problem] = ()
) -> None:
    """Raise InputError with all that is wrong, UnsupportedError where nothing else is than what calor lacks.

    Arguments: the rules that are broken; the problem to report of each; and other problems, all of them wrong
    input.
    """
    broken, wrong = list(misfits), list(others)
    if wrong or any(not each.unsupported for each in broken):
        raise InputError([*map(problem_of, broken), *wrong])
    if broken:
        raise UnsupportedError([problem_of(each) for each in broken])
