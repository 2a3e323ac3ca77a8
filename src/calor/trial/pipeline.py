"""From a protocol to its prediction: the stages, spelled once.

protocol -> courses (one compiled model per sequence) -> bank (lives, screening, potential courses)
-> replicates (allocation, events, diary, analysis by the design) -> prediction and operating characteristics.
"""

from __future__ import annotations

from dataclasses import dataclass

from calor.core.progress import Progress, Silent
from calor.model.disease import Disease, load_disease
from calor.model.rivals import Rival, load_rivals
from calor.population.patients import Numbers
from calor.trial.bank import Bank, BankBuilder
from calor.trial.basis import Basis, basis_of
from calor.trial.characteristics import Characteristics, burden, performance, power_of, type_one_error
from calor.trial.courses import prepare_courses
from calor.trial.prediction import Prediction, predict
from calor.trial.protocol import Protocol
from calor.trial.replicates import Replicates, ReplicateSimulator
from calor.trial.scenario import Scenario, Status
from calor.trial.settings import RunSettings
from calor.trial.subgroups import subgroup_effects
from calor.trial.truth import truth_of

MOST_REPLICATES = 1_000_000
"""A search for a small Monte Carlo error stops here."""


@dataclass(frozen=True)
class TrialRun:
    """A finished run: prediction, characteristics, what it rests on, the rivals' weights and more."""

    prediction: Prediction
    characteristics: Characteristics
    scenario: Scenario
    basis: Basis
    weights: Numbers
    disease: Disease
    warnings: tuple[str, ...]
    model_sha256: str
    settings: RunSettings


@dataclass(frozen=True)
class Prepared:
    """A protocol with its bank, ready to be replicated under a scenario."""

    protocol: Protocol
    scenario: Scenario
    basis: Basis
    bank: Bank
    weights: Numbers
    rivals: tuple[Rival, ...]
    disease: Disease
    warnings: tuple[str, ...]
    model_sha256: str


def prepare_trial(
    protocol: Protocol, settings: RunSettings, progress: Progress, scenario: Scenario | None = None
) -> Prepared:
    """Return a protocol with its bank.

    Raises InputError for what is wrong with the protocol, UnsupportedError for what calor cannot do, and
    Stopped when the watcher asked to stop.
    """
    scenario = scenario or Scenario()
    disease = load_disease()
    rivals = load_rivals()
    courses = prepare_courses(protocol, disease)
    drugs = [given.drug for treatments in courses.treatments for given in treatments]
    basis = basis_of(scenario, courses.table, disease, drugs)
    bank = BankBuilder(protocol, courses, settings, progress, scenario.worlds).build(rivals)
    return Prepared(
        protocol,
        scenario,
        basis,
        scenario.apply(protocol, bank),
        scenario.weights(rivals),
        rivals,
        disease,
        (*basis.misfits, *courses.warnings),
        courses.model_sha256,
    )


def run_trial(
    protocol: Protocol,
    settings: RunSettings,
    progress: Progress | None = None,
    scenario: Scenario | None = None,
) -> TrialRun:
    """Predict a trial, under the priors or another scenario; raises as `prepare_trial` does."""
    watcher = progress or Silent()
    ready = prepare_trial(protocol, settings, watcher, scenario)
    bank, weights = ready.bank, ready.weights
    simulator = ReplicateSimulator(protocol, bank, settings.seed, weights)
    replicates = enough_replicates(simulator, settings, watcher)
    truth = truth_of(protocol, bank, settings.seed)
    prediction = predict(protocol, bank, truth, replicates, ready.rivals, weights)
    null = null_replicates(protocol, bank, settings, weights, watcher)
    characteristics = Characteristics(
        power=None if ready.scenario.status is Status.PRIOR else power_of(replicates),
        type_one_error=type_one_error(null),
        null_replicates=len(null),
        estimator=performance(protocol, bank, replicates, truth),
        burden=burden(protocol, bank, replicates),
        subgroups=subgroup_effects(bank, truth, weights),
    )
    return TrialRun(
        prediction,
        characteristics,
        ready.scenario,
        ready.basis,
        weights,
        ready.disease,
        ready.warnings,
        ready.model_sha256,
        settings,
    )


def null_replicates(
    protocol: Protocol, bank: Bank, settings: RunSettings, weights: Numbers, progress: Progress
) -> Replicates:
    """Return replicates of the trial in which every arm does what the control arm does."""
    control = [sequence[0] for sequence in protocol.sequences].index(protocol.control_position)
    off = bank.mechanism_off(control)
    simulator = ReplicateSimulator(protocol, off, settings.seed, weights)
    return enough_replicates(simulator, settings, progress)


def enough_replicates(simulator: ReplicateSimulator, settings: RunSettings, progress: Progress) -> Replicates:
    """Return as many replicates as the settings ask for, doubled until decisions are known well enough.

    The error of a share p of n trials is sqrt(p (1 - p) / n). At most 1,000,000 trials are simulated.
    """
    count = settings.replicates
    while True:
        replicates = simulator.run(count, progress, settings.workers)
        share = float(replicates.rejected.any(axis=1).mean())
        error = (share * (1 - share) / count) ** 0.5
        if settings.decision_error is None or error <= settings.decision_error or count >= MOST_REPLICATES:
            return replicates
        count = min(2 * count, MOST_REPLICATES)
