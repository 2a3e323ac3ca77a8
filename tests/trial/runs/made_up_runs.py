"""Prepared trials of made-up patients: their documents rest on no number of the disease model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calor.core.arrays import Numbers
from calor.core.executors import Threads
from calor.model.disease import load_disease
from calor.model.rivals import Answer, Rival
from calor.population.posterior import Posterior
from calor.study import Protocol
from calor.trial.bank.bank import Bank, Cell
from calor.trial.bank.basis import Basis
from calor.trial.bank.preparation import Prepared
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.plan import plan_of
from tests.trial.made_up import bank_of, protocol, with_level

VISITS = """\
design: {type: parallel}
patients: 24
visits: [7, 14]
endpoint: {variable: pain-diary, from_day: 12, to_day: 14}
analysis: {method: mmrm, tipping_point: {largest: 2}}
conduct: {stopping: {per_month: 0.5}, accrual: {sites: 2, patients_per_site_per_month: 1}}
cost: {fixed: 1000, per_patient: 100, per_site: 10}
"""
ENRICHED = """\
design: {type: adaptive-enrichment, subgroup: {by: duration, below: 12}, interim_patients: 24}
patients: 48
endpoint: {variable: pain-diary, from_day: 8, to_day: 10}
analysis: {method: ancova, alpha: 0.025, sided: 1}
"""
SETTINGS = RunSettings(worlds=2, replicates=40, executor=Threads(2))
RIVALS = tuple(Rival((Answer(name, f"it is {name}", {}, ()),)) for name in ("central", "peripheral"))
ONE = np.ones(1)
WEIGHTS = {"central": 0.7, "peripheral": 0.3}
SCENARIOS = {
    "prior": Scenario(),
    "assumed": Scenario(assumed_effect=-1.0),
    "posterior": Scenario(
        Posterior(
            ("x",), {rival.name: np.zeros((30, 1)) for rival in RIVALS}, WEIGHTS, {}, "mine", "abc", "2026"
        )
    ),
}
PROTOCOLS = {"prior": VISITS, "assumed": VISITS, "posterior": ENRICHED}


def made_up_bank(trial: Protocol) -> Bank:
    """Return two worlds of 40 people under each of two rivals, the effect twice as large under the second."""
    bank = bank_of(trial, {"active": -0.6}, n=160, n_cells=4, loss_per_day=0.01, subgroup_effect=-0.3)
    pain = bank.pain.copy()
    pain[0, 80:] -= 0.6
    cells = tuple(Cell(place // 2, place % 2, 40 * place, 40 * (place + 1)) for place in range(4))
    return replace(with_level(bank, pain), cells=cells)


def prepared(
    trial: Protocol,
    bank: Bank,
    settings: RunSettings = SETTINGS,
    scenario: Scenario = SCENARIOS["prior"],
    weights: Numbers = ONE,
) -> Prepared:
    """Return a trial of made-up patients, ready to be simulated."""
    basis = Basis(
        scenario=scenario,
        uncertain=4,
        narrowed=("a",),
        left_to_prior=("b", "c"),
        misfits=(),
        judged_drugs=("ivig",),
        changes=(),
        seen=None if scenario.posterior is None else ("level",),
    )
    return Prepared(
        plan=plan_of(trial),
        settings=settings,
        scenario=scenario,
        basis=basis,
        courses=None,  # type: ignore[arg-type]
        bank=bank,
        weights=weights,
        rivals=RIVALS,
        disease=load_disease(),
        warnings=("a warning",),
        model_sha256="abc",
    )


def made_up(name: str) -> Prepared:
    """Return a made-up trial under two rivals, by what its effect rests on."""
    trial = protocol(PROTOCOLS[name])
    weights = np.array([0.7, 0.3])
    return prepared(trial, made_up_bank(trial), scenario=SCENARIOS[name], weights=weights)
