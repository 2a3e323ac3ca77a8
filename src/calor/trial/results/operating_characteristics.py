"""The operating characteristics of a design, as one result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calor.trial.bank.scenario import ResultStatus, Scenario
from calor.trial.protocols.plan import Plan
from calor.trial.results.caution import NO_POWER, BesidePower, given_of
from calor.trial.results.characteristics import Assurance, Burden, EstimatorPerformance
from calor.trial.results.conflict import BorrowedControl
from calor.trial.results.controls import NonConcurrentControls
from calor.trial.results.corners import TypeOneError
from calor.trial.results.individuals import IndividualEffectsFound
from calor.trial.results.monte_carlo import WithError
from calor.trial.results.moving_shares import MovingShares
from calor.trial.results.run_in import RunInFound
from calor.trial.results.sites import SitesFound
from calor.trial.results.subgroups import SubgroupEffect, SubgroupLeftOut
from calor.trial.results.tipping import TippingPoints

NO_ASSURANCE = "one effect is assumed, so there is nothing to average the power over"


@dataclass(frozen=True)
class Characteristics:
    """What a design does over many trials.

    Arguments: the plan and where its effect comes from; the power, None where that is priors set by hand;
    the assurance, None where an effect is assumed; what stands beside both; the type I error; how the
    estimator does, for each contrast; what the trial takes; the true effect in subgroups, and the subgroups
    that are left out; the tipping points, None where the protocol asks for none; what is found out about
    single patients, None where the analysis tells nothing of them; what the sites do, and the run-in, None
    without; the numbers that the design gives of its own; what the control arm borrows, what shares that
    move rest on, and what controls do that are not concurrent, each None where there is nothing of it.
    """

    plan: Plan
    scenario: Scenario
    power: WithError | None
    assurance: Assurance | None
    beside_power: BesidePower
    type_one_error: TypeOneError
    estimator: tuple[EstimatorPerformance, ...]
    burden: Burden
    subgroups: tuple[SubgroupEffect, ...]
    subgroups_left_out: tuple[SubgroupLeftOut, ...]
    tipping: TippingPoints | None
    individuals: IndividualEffectsFound | None
    sites: SitesFound | None
    run_in: RunInFound | None
    own_numbers: Mapping[str, WithError]
    borrowed: BorrowedControl | None = None
    moving_shares: MovingShares | None = None
    controls: NonConcurrentControls | None = None

    def to_document(self) -> dict[str, Any]:
        """Return them as JSON-like data, each number with its Monte Carlo error."""
        return {
            "power": self._power(),
            "assurance": self._assurance(),
            "type_one_error": self.type_one_error.to_document(),
            "estimator": [each.to_document() for each in self.estimator],
            **self.burden.to_document(),
            "estimate": self.plan.protocol.design.estimate,
            "borrowed_control": self.borrowed.to_document() if self.borrowed else None,
            "moving_shares": self.moving_shares.to_document() if self.moving_shares else None,
            "non_concurrent_controls": self.controls.to_document() if self.controls else None,
            "of_the_design": {name: each.to_document() for name, each in self.own_numbers.items()},
            "subgroups": [group.to_document() for group in self.subgroups],
            "subgroups_left_out": [group.to_document() for group in self.subgroups_left_out],
            "tipping_point": {"unit": self.plan.analysis.unit, **self.tipping.to_document()}
            if self.tipping
            else None,
            "individual_effects": self.individuals.to_document() if self.individuals else None,
            "run_in": self.run_in.to_document() if self.run_in else None,
            "sites": self.sites.to_document() if self.sites else None,
        }

    def _power(self) -> dict[str, Any]:
        """Return the power with what it is given; empty while the effect rests on priors set by hand."""
        if self.power is None:
            return {"value": None, "mc_error": None, "reason": NO_POWER}
        return {
            **self.power.to_document(),
            "given": given_of(self.plan, self.scenario),
            **self.beside_power.to_document(),
        }

    def _assurance(self) -> dict[str, Any]:
        """Return the power averaged over draws; empty where an effect is assumed."""
        if self.assurance is None:
            return {"estimate": None, "mc_error": None, "interval": None, "reason": NO_ASSURANCE}
        return {
            **self.assurance.to_document(),
            "over": "the prior" if self.scenario.status is ResultStatus.PRIOR else "the posterior",
            **self.beside_power.to_document(),
        }
