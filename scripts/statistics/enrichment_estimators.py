"""Bias and root mean squared error of the estimates that can follow adaptive enrichment.

    python scripts/statistics/enrichment_estimators.py [REPLICATES] [WORLDS]

Simulated trials of the disease model under the priors, with the drugs' effect replaced by one that is
assumed, in everybody and on top of it in the subgroup, so that the true value is known. Each scenario names
the effects, the subgroup (time since injury below a cut), the patients of stage 1, the margin and the noise
of the diaries.

The rule that chooses the estimate that calor reports: among those whose bias is in every scenario at most a
tenth of their root mean squared error (the bias then costs an interval next to nothing; Cochran, 1977,
Sampling Techniques, section 1.8), the one of the least root mean squared error on average.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from calor.core.documents import parse_document
from calor.core.executors import Threads
from calor.core.progress import Silent
from calor.study import Enrichment, Protocol
from calor.trial.bank.bank import Bank
from calor.trial.bank.preparation import Prepared, prepare_trial
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.conduct.roster import Stage, subgroup_of
from calor.trial.designs.enrichment import EnrichmentConductor
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from calor.trial.protocols.reading import check_protocol
from calor.trial.results.truth import truth_of

Numbers = NDArray[np.float64]

TEXT = """\
id: enrichment-estimators
title: Estimates after adaptive enrichment
population: {duration_months: {at_least: 1, at_most: 48}, pain_nrs: {at_least: 4}}
arms: [{name: active, treatments: [{drug: ivig, regimen: "0.5 g/kg iv at day 1"}]}, {name: placebo}]
design: {type: adaptive-enrichment, subgroup: {by: duration, below: %(below)g}, interim_patients: %(first)d,
         margin: %(margin)g}
patients: 100
endpoint: {variable: pain-diary, from_day: 15, to_day: 21}
analysis: {method: ancova, alpha: 0.025, sided: 1}
acknowledge: [thrombosis]
"""
SEED = 1
WORST_BIAS = 0.1
"""Share of the root mean squared error that a bias may reach."""


@dataclass(frozen=True)
class Case:
    """One scenario: the effect in everybody, what the subgroup has on top, and the design."""

    effect: float
    more: float
    below: float = 24.0
    first: int = 50
    margin: float = 0.0
    noise: float = 1.0

    @property
    def words(self) -> str:
        """The scenario in a line."""
        return (
            f"{self.effect:+.1f}{self.more:+.1f}, < {self.below:g} mo, {self.first} first, "
            f"margin {self.margin:g}, noise x {self.noise:g}"
        )


CASES = (
    *(Case(effect, more) for effect, more in product((0.0, -0.5, -1.0), (0.0, -0.5, -1.0))),
    *(Case(0.0, 0.0, below, first) for below, first in product((12.0, 36.0), (30, 70))),
    *(Case(effect, -0.5, 24.0, 50, 0.3) for effect in (0.0, -0.5)),
    *(Case(0.0, 0.0, noise=noise) for noise in (0.5, 2.0)),
)


def protocol_of(case: Case) -> Protocol:
    """Return the protocol of a scenario."""
    return check_protocol(parse_document(TEXT % vars(case), "enrichment_estimators.py"))


def bank_under(case: Case, protocol: Protocol, ready: Prepared) -> Bank:
    """Return the bank with the effects of a scenario."""
    bank = ready.bank
    control = bank.pain[bank.course_of[layout_of(protocol).control_throughout, 0, 0]]
    effect = case.effect + case.more * subgroup_of(protocol, bank)
    pain = np.array([np.clip(control + effect[:, None], 0.0, 10.0), control])
    habits = replace(bank.habits, day_noise=case.noise * bank.habits.day_noise)
    return replace(bank, habits=habits).with_courses(pain, pain, np.array([[[0]], [[1]]]))


def stage_estimates(
    conductor: EnrichmentConductor, plain: Numbers, numbers: NDArray[np.int64]
) -> list[Numbers]:
    """Return the estimates of stage 2 alone, and the conditionally unbiased ones, (r,) each.

    The latter is E[stage 2 | the pooled estimate, the choice] for normal estimates with known variances, the
    best of those without bias given the choice. In trials that go on in everybody they are those of stage 2
    and the plain ones. Source: Kimani, Todd and Stallard (2015), Stat Med 34:1805-21.
    """
    design, protocol = conductor.design, conductor.observer.protocol
    rest = protocol.patients - design.interim_patients
    analyst, observe = conductor.analyst, conductor.observer.observe
    stage_1 = observe(numbers, Stage("stage 1", design.interim_patients))
    in_all, in_subgroup = analyst.estimate(stage_1)[0], analyst.estimate(stage_1, stage_1.in_subgroup)[0]
    of_all = analyst.estimate(observe(numbers, Stage("stage 2", rest)))[0]
    alone = analyst.estimate(observe(numbers, Stage("stage 2, enriched", rest, subgroup_only=True)))[0]
    enriched = in_all.effect - in_subgroup.effect > design.margin
    # Where nobody or everybody of stage 1 is in the subgroup nothing is chosen.
    share = np.clip(stage_1.in_subgroup.mean(axis=1), 0.5 / design.interim_patients, 1 - 1e-6)
    variance_1 = in_all.standard_error**2 / share
    variance_2 = variance_1 * share * design.interim_patients / rest
    others = (in_all.effect - share * in_subgroup.effect) / (1 - share)
    bound = others - design.margin / (1 - share)
    distance = (bound - plain) * np.sqrt(variance_1 + variance_2) / variance_1
    ratio = np.exp(-(distance**2) / 2 - log_ndtr(distance)) / np.sqrt(2 * np.pi)
    unbiased = plain + variance_2 / np.sqrt(variance_1 + variance_2) * ratio
    return [np.where(enriched, alone.effect, of_all.effect), np.where(enriched, unbiased, plain)]


def measured(case: Case, ready: Prepared, replicates: int) -> dict[str, tuple[float, float, float]]:
    """Return bias, its error and the root mean squared error of each estimate in a scenario."""
    protocol = protocol_of(case)
    bank = bank_under(case, protocol, ready)
    simulator = ReplicateSimulator(plan_of(protocol), bank, SEED, ready.weights)
    found = simulator.run(replicates, Silent(), os.cpu_count() or 1)
    truth = truth_of(plan_of(protocol), bank, SEED)
    own = [truth.by_cell(bank, chosen)[found.cells, 0] for chosen in (None, subgroup_of(protocol, bank))]
    true = np.where(found.enriched, own[1], own[0])
    estimates = {"reported": found.effects[:, 0]}
    for place, name in enumerate(Enrichment.alternatives):
        estimates[name] = found.alternative_effects[:, 0, place]
    assert isinstance(simulator.conductor, EnrichmentConductor)
    chunks = np.array_split(np.arange(replicates), max(1, replicates // simulator.chunk))
    staged = [stage_estimates(simulator.conductor, estimates["plain"][chunk], chunk) for chunk in chunks]
    for name, columns in zip(
        ("stage 2 alone", "conditionally unbiased"), zip(*staged, strict=True), strict=True
    ):
        estimates[name] = np.concatenate(columns)
    result = {"went on in the subgroup": (float(found.enriched.mean()), 0.0, 0.0)}
    for name, values in estimates.items():
        error = (values - true)[np.isfinite(values - true)]
        spread = float(error.std() / np.sqrt(len(error)))
        result[name] = (float(error.mean()), spread, float(np.sqrt((error**2).mean())))
    return result


def main() -> None:
    """Print the table, and what the rule chooses."""
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    worlds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    settings = RunSettings(seed=SEED, worlds=worlds, executor=Threads(os.cpu_count() or 1))
    ready = prepare_trial(protocol_of(CASES[0]), settings, Silent(), Scenario())
    worst: dict[str, float] = {}
    relative: dict[str, list[float]] = {}
    for case in CASES:
        found = measured(case, ready, replicates)
        share = found.pop("went on in the subgroup")[0]
        print(f"{case.words}: {share:.2f} go on in the subgroup")
        for name, (bias, error, root) in found.items():
            print(f"  {name:24s} bias {bias:+.3f} +- {error:.3f}   rmse {root:.3f}")
            worst[name] = max(worst.get(name, 0.0), abs(bias) / root)
            relative.setdefault(name, []).append(root / found["plain"][2])
    print("\nlargest |bias| / rmse, and rmse over that of the plain estimate on average:")
    for name, share in worst.items():
        print(f"  {name:24s} {share:.3f}  {np.mean(relative[name]):.3f}")
    allowed = {name: float(np.mean(relative[name])) for name, share in worst.items() if share <= WORST_BIAS}
    print(f"the rule chooses: {min(allowed, key=lambda name: allowed[name]) if allowed else 'none'}")


if __name__ == "__main__":
    main()
