"""What the numbers of a run rest on: a posterior, whether it fits the model, what its prior alone decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from calor.model.disease import Disease
from calor.model.parameters import ParameterTable
from calor.population.changes import changes_document
from calor.population.fingerprint import FINGERPRINT, misfits
from calor.therapy.drug import Drug
from calor.therapy.equations import action_identifiers
from calor.trial.bank.scenario import Scenario

PRIOR = "prior"
EQUAL_WEIGHTS = "equal weights, and the range over rivals leads"
BY_EVIDENCE = "weights by the evidence of each rival"
UNWEIGHED = "equal weights, and the range over rivals leads: no data have weighed the rivals"


@dataclass(frozen=True)
class Basis:
    """What a run rests on.

    Arguments: where the effect comes from; the number of uncertain parameters of the run; those that the
    data narrowed by a tenth or more, and those that took no part in a fit; in words, what differs between the
    model at hand and the one that the posterior was made of; the drugs of which no data have narrowed what
    they do; the numbers that are held at another value, as JSON-like data; and the targets of the fit that
    come from the trial itself, None where the posterior does not say what it was fitted to.
    """

    scenario: Scenario
    uncertain: int
    narrowed: tuple[str, ...]
    left_to_prior: tuple[str, ...]
    misfits: tuple[str, ...]
    judged_drugs: tuple[str, ...]
    changes: tuple[dict[str, Any], ...]
    seen: tuple[str, ...] | None

    @property
    def share_resting_on_prior(self) -> float:
        """The share of the run's uncertain numbers that no data have narrowed by a tenth or more."""
        return 1.0 - len(self.narrowed) / self.uncertain if self.uncertain else 0.0

    @property
    def name(self) -> str:
        """The posterior's name, or `prior`."""
        return self.scenario.posterior.name if self.scenario.posterior else PRIOR

    @property
    def weights_rule(self) -> str:
        """How the rivals' weights came about, in words."""
        posterior = self.scenario.posterior
        if posterior is None:
            return UNWEIGHED
        return str(
            posterior.made_of.get("weights_rule", EQUAL_WEIGHTS if posterior.equal_weights else BY_EVIDENCE)
        )

    @property
    def rivals_lead(self) -> bool:
        """Whether the range over rivals says more than their weighted interval: their weights are equal."""
        posterior = self.scenario.posterior
        return posterior is None or posterior.equal_weights

    def to_document(self) -> dict[str, Any]:
        """Return what a run rests on as JSON-like data."""
        return {
            **self.origin(),
            "weights_rule": self.weights_rule,
            "uncertain": self.uncertain,
            "narrowed": list(self.narrowed),
            "left_to_prior": list(self.left_to_prior),
            "share_resting_on_prior": self.share_resting_on_prior,
            "drugs_resting_on_prior": list(self.judged_drugs),
            "misfits": list(self.misfits),
            "has_seen_this_trial": None if self.seen is None else bool(self.seen),
            "targets_from_this_trial": None if self.seen is None else list(self.seen),
        }

    def origin(self) -> dict[str, Any]:
        """Return the posterior's name, file hash, date, the hashes it was made of, and what was changed."""
        posterior = self.scenario.posterior
        made_of = posterior.made_of if posterior else {}
        return {
            "name": self.name,
            "file_sha256": posterior.file_sha256 if posterior else None,
            "date": posterior.date or None if posterior else None,
            "fingerprint": made_of.get(FINGERPRINT),
            "changed": list(self.changes),
        }


def basis_of(
    scenario: Scenario,
    table: ParameterTable,
    disease: Disease,
    drugs: Iterable[Drug],
    names: Collection[str] = (),
) -> Basis:
    """Return what a run rests on.

    Arguments: where the effect comes from; the parameters of the run's disease, measurement and drugs; the
    disease; the drugs; and the names by which a fit would know the trial (its record, its id).
    """
    posterior, drugs = scenario.posterior, tuple(drugs)
    open_rows = ParameterTable(tuple(row for row in table if row.identifier not in scenario.changes))
    uncertain = tuple(row.identifier for row in open_rows.uncertain)
    narrowed = () if posterior is None else posterior.narrowed(open_rows)
    return Basis(
        scenario=scenario,
        uncertain=len(uncertain),
        narrowed=narrowed,
        left_to_prior=uncertain if posterior is None else posterior.left_to_prior(open_rows),
        misfits=() if posterior is None else tuple(misfits(posterior, disease, drugs)),
        judged_drugs=tuple(dict.fromkeys(drug.id for drug in drugs if _is_judged(drug, uncertain, narrowed))),
        changes=tuple(changes_document(scenario.changes, table)),
        seen=() if posterior is None else posterior.seen_of(names),
    )


def _is_judged(drug: Drug, uncertain: Iterable[str], narrowed: Iterable[str]) -> bool:
    """Whether numbers of what a drug does are uncertain, and no data have narrowed any of them."""
    own = action_identifiers(drug)
    return not own.isdisjoint(uncertain) and own.isdisjoint(narrowed)
