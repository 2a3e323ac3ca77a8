"""What is believed after a result was seen: worlds reweighted by their normal law."""

from __future__ import annotations

from dataclasses import dataclass

from calor.decision.information.draws import Draws, Numbers, Study

LEAST_EFFECTIVE = 50.0
"""Fewer effective worlds than this cannot carry a posterior."""


@dataclass(frozen=True)
class Updated:
    """The draws under the weights that a result gives them, and the effective number of worlds."""

    draws: Draws
    effective: float


def observe(
    draws: Draws,
    study: Study,
    result: Numbers,
    *,
    left_out: int | None = None,
    least_effective: float = LEAST_EFFECTIVE,
) -> Updated:
    """Return what is believed after a study's result, (n_statistics,).

    Raises UnsupportedError where fewer than `least_effective` effective worlds are left.
    """
    raise NotImplementedError
