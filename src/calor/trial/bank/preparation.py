"""From a protocol to its bank: all that replicates need, under the scenario that was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from calor.core.arrays import Numbers
from calor.core.progress import Progress
from calor.core.provenance import sha256_of_data
from calor.model.disease import Disease, load_disease
from calor.model.rivals import Rival, load_rivals
from calor.population.changes import check_changes
from calor.store.pieces import NOT_KEPT, Pieces
from calor.study import Protocol
from calor.trial.bank.bank import Bank, BankBuilder, held_by
from calor.trial.bank.basis import Basis, basis_of
from calor.trial.bank.courses import Courses, prepare_courses
from calor.trial.bank.run_in import after_run_in
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.bank.size_limits import check_size
from calor.trial.protocols.idle_rules import idle_rules
from calor.trial.protocols.plan import Plan, at_margin, plan_of

HASH_DIGITS = 16
"""Of the hashes that tell the trials of one run apart."""


@dataclass(frozen=True)
class Prepared:
    """A trial with its bank, ready to be replicated under a scenario in a run of some size.

    `pieces` keeps what is finished of it; each variant of the trial has its own. `entered`: the bank of all
    who begin a run-in, where the design has one; `bank` has those who respond.
    """

    plan: Plan
    settings: RunSettings
    scenario: Scenario
    basis: Basis
    courses: Courses
    bank: Bank
    weights: Numbers
    rivals: tuple[Rival, ...]
    disease: Disease
    warnings: tuple[str, ...]
    model_sha256: str
    pieces: Pieces = NOT_KEPT
    entered: Bank | None = None

    @property
    def protocol(self) -> Protocol:
        """The trial as it was written."""
        return self.plan.protocol

    def mechanism_off(self) -> Prepared:
        """Return the same trial with the mechanism off: every arm does what the control arm does.

        After a run-in those who responded all get the control. A trial against a margin is put at its margin:
        the active arm is measured worse by it.
        """
        layout = self.plan.layout
        bank = self.bank.mechanism_off(int(layout.by_itself[layout.control, 0]))
        pieces = self.pieces.under("mechanism off")
        return replace(self, bank=bank, plan=at_margin(self.plan), pieces=pieces)

    def under(self, rival: int) -> Prepared:
        """Return the same trial under one rival alone, by the index that cells carry."""
        alone = np.zeros(len(self.rivals))
        alone[rival] = 1.0
        return replace(self, weights=alone, pieces=self.pieces.under(f"rival {rival}"))

    def conducted_as(self, protocol: Protocol) -> Prepared:
        """Return a trial of another protocol in the same people, who follow the same courses."""
        pieces = self.pieces.under(_hash_of(protocol))
        return replace(self, plan=plan_of(protocol), pieces=pieces)


def prepare_trial(
    protocol: Protocol, settings: RunSettings, progress: Progress, scenario: Scenario | None = None
) -> Prepared:
    """Return a trial with its bank.

    Raises InputError for what is wrong with the protocol, UnsupportedError for what calor cannot do, and
    Stopped when the watcher asked to stop.
    """
    plan = plan_of(protocol)
    scenario = scenario or Scenario()
    scenario.check(plan)
    disease = load_disease()
    rivals = load_rivals()
    courses = prepare_courses(plan, disease)
    drugs = [given.drug for treatments in plan.given.by_arm for given in treatments]
    check_changes(scenario.changes, courses.table, rivals, held_by(protocol.conduct))
    basis = basis_of(scenario, courses.table, disease, drugs, {protocol.record or protocol.id, protocol.id})
    asked, most = settings.worlds, scenario.most_worlds or settings.worlds
    drawn = replace(settings, worlds=min(asked, most))
    check_size(plan, drawn, courses, len(rivals))
    pieces = settings.pieces.under(_hash_of(protocol), _hash_of_scenario(scenario))
    builder = BankBuilder(plan, courses, replace(drawn, pieces=pieces), progress, scenario.worlds)
    bank = scenario.apply(plan, builder.build(rivals))
    return Prepared(
        plan=plan,
        settings=settings,
        scenario=scenario,
        basis=basis,
        courses=courses,
        bank=after_run_in(plan, bank),
        entered=None if protocol.design.run_in is None else bank,
        weights=scenario.weights(rivals),
        rivals=rivals,
        disease=disease,
        warnings=(
            *basis.misfits,
            *courses.warnings,
            *idle_rules(plan),
            *(_few_draws(asked, most) if asked > most else ()),
        ),
        model_sha256=courses.model_sha256,
        pieces=pieces.under(f"{drawn.worlds} worlds"),
    )


def _hash_of(protocol: Protocol) -> str:
    return sha256_of_data(protocol.model_dump(mode="json"))[:HASH_DIGITS]


def _hash_of_scenario(scenario: Scenario) -> str:
    return sha256_of_data(scenario.origin())[:HASH_DIGITS]


def _few_draws(asked: int, most: int) -> tuple[str, ...]:
    return (f"the posterior has {most} draws under a rival, so {most} worlds are used and not {asked}",)
