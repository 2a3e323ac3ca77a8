"""The value of a study to a decision (EVSI), at any size, by moment matching."""

from __future__ import annotations

from collections.abc import Sequence

from calor.decision.information.decision import Decision
from calor.decision.information.draws import Draws, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.resampling import Resamples


def evsi(draws: Draws, decision: Decision, study: Study, resamples: Resamples) -> Estimate:
    """Return the expected value of the study's information, a person."""
    raise NotImplementedError


def evsi_over_sizes(
    draws: Draws,
    decision: Decision,
    study: Study,
    resamples: Resamples,
    *,
    patients: float,
    sizes: Sequence[int],
) -> tuple[Estimate, ...]:
    """Return the EVSI, a person, at each size of a study that has `patients` as it stands."""
    raise NotImplementedError
