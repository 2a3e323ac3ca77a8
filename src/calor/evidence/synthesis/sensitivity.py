"""How a meta-analysis changes when studies are left out, or are added one after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from calor.core.errors import InputError, ReportedError
from calor.core.progress import Progress, Silent, stop_if_requested
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.pooling import MetaAnalysis, labels_of, pool

Value = TypeVar("Value")


@dataclass(frozen=True)
class Reanalysis:
    """A meta-analysis without one study (`study` is the one left out), or after adding `study`."""

    study: str
    analysis: MetaAnalysis


def leave_one_out(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    method: Method = Method.REML,
    knapp_hartung: bool = False,
    moderators: Mapping[str, Sequence[float]] | None = None,
    studies: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Reanalysis, ...]:
    """Return the meta-analyses that leave out each study in turn, in the order of the studies.

    Arguments as for `pool`. `progress` hears of every step. Raises InputError, naming the study left out,
    where the others are too few or cannot be pooled; Stopped when the watcher asks for it.
    """
    labels = labels_of(studies, len(estimates))
    _refuse_too_few(len(estimates), 1 + len(moderators or {}), method, knapp_hartung)
    steps = []
    for out in _watched(range(len(estimates)), "leaving out", progress or Silent()):
        with _naming(f"without {labels[out]}"):
            analysis = pool(
                _without(estimates, out),
                _without(variances, out),
                method=method,
                knapp_hartung=knapp_hartung,
                moderators={name: _without(values, out) for name, values in (moderators or {}).items()},
                studies=_without(labels, out),
            )
        steps.append(Reanalysis(labels[out], analysis))
    return tuple(steps)


def _refuse_too_few(k: int, coefficients: int, method: Method, knapp_hartung: bool) -> None:
    """Raise InputError where the studies that remain without one cannot be pooled."""
    freedom = 0 if method is Method.FE and not knapp_hartung else 1
    needed = coefficients + freedom + 1
    if k < needed:
        left = ("none", "one")[k - 1] if k <= 2 else str(k - 1)
        raise InputError.of(
            f"leaving one of {k} {'study' if k == 1 else 'studies'} out leaves {left}",
            allowed=f"at least {needed} studies for {coefficients} "
            f"{'coefficient' if coefficients == 1 else 'coefficients'}",
            hint="pool them without leaving one out",
        )


@contextmanager
def _naming(step: str) -> Iterator[None]:
    """Say in an error which of many analyses it is about."""
    try:
        yield
    except ReportedError as error:
        raise type(error)(
            [replace(problem, what=f"{step}: {problem.what}") for problem in error.problems]
        ) from None


def cumulative(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    method: Method = Method.REML,
    knapp_hartung: bool = False,
    studies: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Reanalysis, ...]:
    """Return the meta-analyses of the first two studies, the first three, and so on to all.

    Arguments and errors as for `pool`; the order is the one given (by year, say). `progress` hears of every
    step. Raises InputError for fewer than two studies, Stopped when the watcher asks for it.
    """
    labels = labels_of(studies, len(estimates))
    if len(estimates) < 2:
        raise InputError.of(f"{len(estimates)} study cannot be accumulated", allowed="at least 2 studies")
    steps = []
    for k in _watched(range(2, len(estimates) + 1), "adding", progress or Silent()):
        with _naming(f"after adding {labels[k - 1]}"):
            analysis = pool(
                estimates[:k], variances[:k], method=method, knapp_hartung=knapp_hartung, studies=labels[:k]
            )
        steps.append(Reanalysis(labels[k - 1], analysis))
    return tuple(steps)


def _watched(numbers: range, stage: str, progress: Progress) -> Iterator[int]:
    """Yield the numbers, telling the watcher after each and stopping where it asks for it."""
    progress.start(stage, len(numbers))
    for number in numbers:
        stop_if_requested(progress)
        yield number
        progress.advance()


def _without(values: Sequence[Value], index: int) -> list[Value]:
    return [*values[:index], *values[index + 1 :]]
