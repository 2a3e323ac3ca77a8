"""From a protocol to its prediction: the stages, spelled once.

protocol -> courses (one compiled model per sequence) -> bank (lives, screening, potential courses)
-> replicates (allocation, diary, loss, analysis) -> prediction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.progress import Progress, Silent
from calor.model.disease import Disease, load_disease
from calor.model.rivals import load_rivals
from calor.trial.bank import BankBuilder
from calor.trial.courses import prepare_courses
from calor.trial.prediction import Prediction, predict
from calor.trial.protocol import Protocol
from calor.trial.replicates import ReplicateSimulator
from calor.trial.settings import RunSettings


@dataclass(frozen=True)
class TrialRun:
    """A finished run: the prediction, the disease it rests on, what to warn of, and the models' hash."""

    prediction: Prediction
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
    replicates = ReplicateSimulator(protocol, bank, settings.seed, weights).run(
        settings.replicates, watcher, settings.workers
    )
    prediction = predict(protocol, bank, replicates, rivals, weights)
    return TrialRun(prediction, disease, courses.warnings, courses.model_sha256, settings)
