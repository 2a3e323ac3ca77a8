"""What the store says of a run, as visitors are told: by the run's name, without the command line's advice.

Where a run lies on this machine is nobody's business, and a hint that names its folder helps nobody here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from calor.core.errors import Problem, ReportedError

OF_THE_COMMAND_LINE = ("calor ", "--out")
"""What a hint holds that is meant for who types commands."""


@contextmanager
def told_by_name(runs: Path) -> Iterator[None]:
    """Tell what goes wrong inside by the names of runs. Arguments: the folder of runs."""
    try:
        yield
    except ReportedError as error:
        raise type(error)([_by_name(problem, runs) for problem in error.problems]) from None


def without_folder(text: str, runs: Path) -> str:
    """Return a text in which runs of a folder go by their names."""
    return text.replace(f"{runs}/", "")


def _by_name(problem: Problem, runs: Path) -> Problem:
    file, hint = problem.place.file, problem.hint
    if file is None or not Path(file).is_relative_to(runs):
        return problem
    if hint is not None and any(word in hint for word in OF_THE_COMMAND_LINE):
        hint = None
    place = replace(problem.place, file=without_folder(file, runs))
    return replace(problem, what=without_folder(problem.what, runs), place=place, hint=hint)
