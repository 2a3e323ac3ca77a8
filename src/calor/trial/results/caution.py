"""What must stand beside a power: what it is the power of, its range over rivals, what rests on the prior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calor.trial.bank.basis import Basis
from calor.trial.bank.intervals import Interval
from calor.trial.bank.scenario import ResultStatus, Scenario
from calor.trial.protocols.plan import Plan

NO_POWER = "no power is quoted from priors that were set by hand; the range over rivals is given instead"


def hypothesis_of(plan: Plan) -> str:
    """Return what a trial must show to count as a success: its contrast, or any one of several."""
    layout, margin = plan.layout, plan.analysis.asked.margin
    labels = [label for label, tested in zip(layout.contrasts, layout.tested, strict=True) if tested]
    if margin is not None:
        return f"{labels[0]} ({margin.words})"
    return labels[0] if len(labels) == 1 else f"at least one of: {'; '.join(labels)}"


@dataclass(frozen=True)
class BesidePower:
    """What stands beside a power or an assurance: what it is the power of, its range over rivals, and which
    share of the run's uncertain numbers rests on the prior."""

    of: str
    rival_range: Interval
    share_resting_on_prior: float

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "of": self.of,
            "range_over_rivals": self.rival_range.pair(),
            "share_resting_on_prior": self.share_resting_on_prior,
        }


def beside_power(plan: Plan, by_rival: Mapping[int, float], basis: Basis) -> BesidePower:
    """Return what stands beside a power or an assurance.

    Arguments: the plan; the power under each rival; and what the run rests on.
    """
    lowest, highest = min(by_rival.values()), max(by_rival.values())
    return BesidePower(hypothesis_of(plan), Interval(lowest, highest), basis.share_resting_on_prior)


def given_of(plan: Plan, scenario: Scenario) -> str:
    """Return in words what a power is given: an assumed effect, or a posterior."""
    if scenario.assumed_effect is not None:
        unit = plan.assessments.endpoint.variable.row.unit
        return f"an assumed effect of {scenario.assumed_effect:+g} {unit}"
    return "the posterior, averaged over it (assurance)"


def power_warnings(basis: Basis) -> Sequence[str]:
    """Return the warning that a power calls for: no data have narrowed what a drug of the trial does."""
    if basis.scenario.status is ResultStatus.ASSUMED:
        return ()
    consequence = "any power, assurance or size is that of a judgement about the drug"
    return tuple(f"{warning}: {consequence}" for warning in effect_warnings(basis))


def effect_warnings(basis: Basis) -> Sequence[str]:
    """Return the warning that an effect calls for: no data have narrowed what a drug of the run does."""
    if not basis.judged_drugs:
        return ()
    names = ", ".join(basis.judged_drugs)
    return (f"no data have narrowed what {names} does here (potency, largest effects)",)
