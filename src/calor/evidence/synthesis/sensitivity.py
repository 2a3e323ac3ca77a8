"""How a meta-analysis changes when studies are left out, or are added one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calor.core.errors import InputError
from calor.evidence.synthesis.heterogeneity import Method
from calor.evidence.synthesis.pooling import MetaAnalysis, labels_of, pool


@dataclass(frozen=True)
class Step:
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
) -> tuple[Step, ...]:
    """Return the meta-analyses that leave out each study in turn, in the order of the studies.

    Arguments and errors as for `pool`; the studies left must themselves be enough to pool.
    """
    labels = labels_of(studies, len(estimates))
    return tuple(
        Step(
            labels[out],
            pool(
                _without(estimates, out),
                _without(variances, out),
                method=method,
                knapp_hartung=knapp_hartung,
                moderators={name: _without(values, out) for name, values in (moderators or {}).items()},
                studies=[*labels[:out], *labels[out + 1 :]],
            ),
        )
        for out in range(len(estimates))
    )


def cumulative(
    estimates: Sequence[float],
    variances: Sequence[float],
    *,
    method: Method = Method.REML,
    knapp_hartung: bool = False,
    studies: Sequence[str] | None = None,
) -> tuple[Step, ...]:
    """Return the meta-analyses of the first two studies, the first three, and so on to all.

    Arguments and errors as for `pool`; the order is the one given (by year, say). Raises InputError for fewer
    than two studies.
    """
    labels = labels_of(studies, len(estimates))
    if len(estimates) < 2:
        raise InputError.of(f"{len(estimates)} study cannot be accumulated", allowed="at least 2 studies")
    return tuple(
        Step(
            labels[k - 1],
            pool(
                estimates[:k],
                variances[:k],
                method=method,
                knapp_hartung=knapp_hartung,
                studies=labels[:k],
            ),
        )
        for k in range(2, len(estimates) + 1)
    )


def _without(values: Sequence[float], index: int) -> list[float]:
    return [*values[:index], *values[index + 1 :]]
