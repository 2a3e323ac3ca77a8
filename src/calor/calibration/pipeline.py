"""The calibration: every rival fitted in turn, kept as it goes, joined into one posterior.

targets + studies -> arms (one compiled model per set of drugs) -> a fit per rival -> weights -> posterior.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calor.calibration.arms import prepare_arms
from calor.calibration.checkpoints import Checkpoints
from calor.calibration.fit import FitSettings, RivalFit, fit_rival
from calor.calibration.report import calibration_document, rival_weights
from calor.calibration.simulator import SummarySimulator
from calor.calibration.studies import load_studies
from calor.calibration.targets import Target, load_targets
from calor.core.progress import Progress, StopOnly
from calor.core.provenance import sha256_of_data
from calor.core.streams import Stream
from calor.core.versions import versions
from calor.engine.batch import Options
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.posterior import Posterior
from calor.population.treated_models import Drugs

DRAWS_KEPT = 200
"""Equally weighted draws kept of each rival's posterior."""

COARSE = Options(rtol=1e-4, atol=1e-6)
"""Far below the Monte Carlo error of any summary."""


@dataclass(frozen=True)
class Calibration:
    """A finished calibration: the posterior, the fits it was made of, and the report."""

    posterior: Posterior
    fits: tuple[RivalFit, ...]
    document: dict[str, Any]


def calibrate(settings: FitSettings, workers: int, checkpoints: Path, progress: Progress) -> Calibration:
    """Fit every rival and return the validation posterior.

    Arguments: the size of the fits, the number of threads (it changes no number), the folder that keeps each
    rival's fit, and who watches. Raises Stopped when the watcher asked to stop; finished rivals are kept.
    """
    studies, targets, rivals = load_studies(), load_targets(), load_rivals()
    progress.start("compiling", 1)
    arms = prepare_arms(studies, load_disease())
    made_of = _made_of(settings, targets, arms.texts)
    kept = Checkpoints(checkpoints, sha256_of_data(made_of))
    fits = []
    for rival in rivals:
        fit = kept.load(rival.name)
        if fit is None:
            options = Options(COARSE.rtol, COARSE.atol, COARSE.max_steps, workers)
            simulator = SummarySimulator(
                targets,
                studies,
                arms,
                rival,
                settings.sizes,
                Stream(settings.seed),
                options,
                StopOnly(progress),
            )
            fit = fit_rival(simulator, settings, progress)
            kept.save(fit)
        fits.append(fit)
    document = calibration_document(fits, targets) | {"made_of": made_of}
    return Calibration(_posterior(fits, settings.seed, made_of), tuple(fits), document)


def _made_of(
    settings: FitSettings, targets: tuple[Target, ...], texts: Mapping[Drugs, str]
) -> dict[str, Any]:
    """Return what a calibration depends on: settings, hashes of models and targets, versions."""
    return {
        "kind": "validation",
        "settings": asdict(settings),
        "targets_sha256": sha256_of_data([asdict(target) for target in targets]),
        "models_sha256": sha256_of_data(sorted(texts.values())),
        "versions": versions(),
    }


def _posterior(fits: list[RivalFit], seed: int, made_of: dict[str, Any]) -> Posterior:
    """Return equally weighted draws of every rival, by systematic resampling."""
    weights, _ = rival_weights(fits)
    draws = {}
    for fit in fits:
        first = Stream(seed).child("resampling", fit.rival).uniforms(1, 1)[0, 0]
        draws[fit.rival] = fit.draws.resampled((np.arange(DRAWS_KEPT) + first) / DRAWS_KEPT)
    return Posterior(fits[0].names, draws, weights, made_of)
