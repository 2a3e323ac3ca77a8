"""From a protocol to its prediction: the stages, spelled once.

protocol -> courses (one compiled model per sequence) -> bank (lives, screening, potential courses)
-> replicates (allocation, events, diary, analysis by the design) -> prediction and operating characteristics.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.progress import Progress, Silent
from calor.model.disease import Disease, load_disease
from calor.model.rivals import load_rivals
from calor.population.patients import Numbers
from calor.trial.bank import Bank, BankBuilder
from calor.trial.characteristics import Characteristics, burden, performance, type_one_error
from calor.trial.courses import prepare_courses
from calor.trial.prediction import Prediction, predict
from calor.trial.protocol import Protocol
from calor.trial.replicates import Replicates, ReplicateSimulator
from calor.trial.settings import RunSettings
from calor.trial.subgroups import subgroup_effects
from calor.trial.truth import truth_of


@dataclass(frozen=True)
class TrialRun:
    """A finished run: prediction, operating characteristics, the disease, warnings, and the models' hash."""

    prediction: Prediction
    characteristics: Characteristics
    disease: Disease
    warnings: tuple[str, ...]
    model_sha256: str
    settings: RunSettings


def run_trial(protocol: Protocol, settings: RunSettings, progress: Progress | None = None) -> TrialRun:
    """Predict a trial.

    Raises InputError for what is wrong with the protocol, UnsupportedError for what calor cannot do, and
    Stopped when the watcher asked to stop.
    """
    watcher = progress or Silent()
    disease = load_disease()
    rivals = load_rivals()
    weights = np.full(len(rivals), 1 / len(rivals))
    courses = prepare_courses(protocol, disease)
    bank = BankBuilder(protocol, courses, settings, watcher).build(rivals)
    simulator = ReplicateSimulator(protocol, bank, settings.seed, weights)
    replicates = simulator.run(settings.replicates, watcher, settings.workers)
    truth = truth_of(protocol, bank, settings.seed)
    prediction = predict(protocol, bank, truth, replicates, rivals, weights)
    null = null_replicates(protocol, bank, settings, weights, watcher)
    characteristics = Characteristics(
        type_one_error=type_one_error(null),
        null_replicates=len(null),
        estimator=performance(protocol, bank, replicates, truth),
        burden=burden(protocol, bank, replicates),
        subgroups=subgroup_effects(bank, truth, weights),
    )
    return TrialRun(prediction, characteristics, disease, courses.warnings, courses.model_sha256, settings)


def null_replicates(
    protocol: Protocol, bank: Bank, settings: RunSettings, weights: Numbers, progress: Progress
) -> Replicates:
    """Return replicates of the trial in which every arm does what the control arm does."""
    control = [sequence[0] for sequence in protocol.sequences].index(protocol.control_position)
    off = bank.mechanism_off(control)
    simulator = ReplicateSimulator(protocol, off, settings.seed, weights)
    return simulator.run(settings.replicates, progress, settings.workers)
