"""The calibration: every rival fitted in turn, kept as it goes, joined into one posterior.

targets + studies -> arms (one compiled model per set of drugs) -> a fit per rival -> weights -> posterior.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.calibration.arms import Arms, prepare_arms
from calor.calibration.checkpoints import Checkpoints
from calor.calibration.fit import FitSettings, RivalFit, RivalFitter
from calor.calibration.inputs import inputs_of
from calor.calibration.problem import Mask, Problem
from calor.calibration.report import calibration_document, rival_weights
from calor.calibration.simulator import CohortSizes, SummarySimulator
from calor.calibration.studies import Studies
from calor.calibration.targets import Target, observations_of, targets_of
from calor.calibration.weights import resampled
from calor.core.progress import Progress, StopOnly
from calor.core.provenance import sha256_of_data, sha256_of_text
from calor.core.streams import Stream
from calor.core.versions import versions
from calor.engine.batch import Options
from calor.model.disease import Disease, load_disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival, load_rivals
from calor.population.fingerprint import FINGERPRINT, fingerprint
from calor.population.posterior import Posterior
from calor.therapy.library import load_drug

COARSE = Options(rtol=1e-3, atol=1e-4)
"""Far below the Monte Carlo error of any summary: no arm's pain is off by more than 0.003 of 10."""

DRAWS_KEPT = 200
"""Equally weighted draws kept of each rival's posterior."""

CODE = ("calibration", "population", "model", "therapy", "engine", "regimen")
"""The packages whose code a fit's numbers depend on; what they read is hashed by what it says."""


@dataclass(frozen=True)
class Calibration:
    """A finished calibration: the posterior, what it was made of, and the report."""

    posterior: Posterior
    fits: tuple[RivalFit, ...]
    rivals: tuple[Rival, ...]
    targets: tuple[Target, ...]
    table: ParameterTable
    seed: int
    document: dict[str, Any]


def calibrate(
    studies: Studies, purpose: str, settings: FitSettings, workers: int, checkpoints: Path, progress: Progress
) -> Calibration:
    """Fit every rival to the untreated course and some studies.

    Arguments: the studies; the posterior's name (it goes into what the posterior is made of); the size of the
    fits; the number of threads (it changes no number); the folder that keeps each finished piece; and who
    watches. Raises Stopped when the watcher asked to stop; finished pieces are kept.
    """
    targets, rivals, disease = targets_of(studies), load_rivals(), load_disease()
    progress.start("compiling", 1)
    arms = prepare_arms(studies, disease)
    made_of = _made_of(purpose, settings, studies, arms, disease)
    kept = Checkpoints(checkpoints, sha256_of_data(made_of))
    progress.start("fitting", len(rivals) * settings.steps)
    fits = []
    for rival in rivals:

        def problem(sizes: CohortSizes, rival: Rival = rival) -> Problem:
            options = Options(COARSE.rtol, COARSE.atol, COARSE.max_steps, workers)
            people = Stream(settings.seed).child("calibration", rival.name)
            simulator = SummarySimulator(
                targets, studies, arms, rival, sizes, people, options, StopOnly(progress)
            )
            return Problem(observations_of(targets), simulator, _inputs(targets, arms, rival))

        fitter = RivalFitter(
            rival.name,
            problem(settings.sizes),
            problem(settings.fresh_sizes),
            settings,
            kept.under(rival.name),
            progress,
        )
        fits.append(fitter.fit())
    names = names_of(arms)
    weights, _ = rival_weights(fits)
    draws = {fit.rival: fit.draws[kept_rows(fit, settings.seed)] for fit in fits}
    posterior = Posterior(names, draws, weights, made_of)
    document = calibration_document(fits, targets, names) | {"made_of": made_of}
    return Calibration(posterior, tuple(fits), rivals, targets, arms.table, settings.seed, document)


def kept_rows(fit: RivalFit, seed: int) -> NDArray[np.int64]:
    """Return the rows of a rival's draws that are kept, `DRAWS_KEPT` of equal weight, heavy ones repeated."""
    offset = float(Stream(seed).child("resampling", fit.rival).uniforms(1, 1)[0, 0])
    return resampled(fit.weights.shares, DRAWS_KEPT, offset)


def names_of(arms: Arms) -> tuple[str, ...]:
    """Return the names of the scores: the uncertain parameters in the order of their table."""
    return tuple(row.identifier for row in arms.table.uncertain)


def _inputs(targets: tuple[Target, ...], arms: Arms, rival: Rival) -> Mask:
    """Return which scores can move which target (n_targets, n_scores) under a rival."""
    names = names_of(arms)
    rows = [set(inputs_of(target, arms, rival.sets)) for target in targets]
    return np.array([[name in row for name in names] for row in rows])


def _made_of(
    purpose: str, settings: FitSettings, studies: Studies, arms: Arms, disease: Disease
) -> dict[str, Any]:
    """Return what a calibration depends on: settings, hashes of model, evidence and code, versions."""
    drugs = sorted({drug for together in arms.kernels for drug in together})
    evidence = [asdict(target) for target in targets_of(studies)], studies.model_dump(mode="json")
    return {
        "kind": purpose,
        "settings": asdict(settings),
        "evidence_sha256": sha256_of_data(evidence),
        FINGERPRINT: fingerprint(disease, [load_drug(drug) for drug in drugs]),
        "code_sha256": _code_sha256(),
        "versions": versions(),
    }


def _code_sha256() -> str:
    """Return the hash of the code that the numbers of a fit depend on."""
    root = Path(str(files("calor")))
    found = [path for package in CODE for path in sorted((root / package).rglob("*.py"))]
    return sha256_of_text("\n".join(f"{path.relative_to(root)}\n{path.read_text('utf-8')}" for path in found))
