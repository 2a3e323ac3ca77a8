"""The calibration: every rival fitted in turn, kept as it goes, joined into one posterior.

studies -> targets and arms (one compiled model per set of drugs) -> a fit per rival -> further studies weigh
its draws -> weights of the rivals -> posterior.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.calibration.arms import Arms, prepare_arms
from calor.calibration.batches import Batches
from calor.calibration.checkpoints import Checkpoints
from calor.calibration.fit import FitSettings, RivalFit, RivalFitter
from calor.calibration.inputs import inputs_of
from calor.calibration.problem import Mask, Problem
from calor.calibration.report import calibration_document, rival_weights
from calor.calibration.simulator import CohortSizes, SummarySimulator
from calor.calibration.studies import FittedStudies, load_studies
from calor.calibration.targets import Target, items_of, observations_of, targets_of
from calor.calibration.update import Further, joined_names, updated
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
from calor.population.posterior import STUDIES, Posterior
from calor.population.simulation import ACCURACY
from calor.therapy.library import load_drug

DRAWS_KEPT = 400
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


@dataclass(frozen=True)
class _Evidence:
    """Studies with their targets and arms."""

    studies: FittedStudies
    targets: tuple[Target, ...]
    arms: Arms

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the scores: the uncertain parameters in the order of their table."""
        return tuple(row.identifier for row in self.arms.table.uncertain)


def calibrate(
    studies: FittedStudies,
    further: FittedStudies,
    purpose: str,
    settings: FitSettings,
    workers: int,
    checkpoints: Path,
    progress: Progress,
) -> Calibration:
    """Fit every rival to the untreated course and some studies, then weigh the draws by further studies.

    Arguments: the studies of the fit; the further ones (there may be none); the posterior's name (it goes
    into what the posterior is made of); the size of the fits; the number of threads (it changes no number);
    the folder that keeps each finished piece; and who watches. Raises Stopped when the watcher asked to
    stop; finished pieces are kept, and those of the fit serve whatever studies come further.
    """
    disease, rivals = load_disease(), load_rivals()
    progress.start("compiling", 1)
    fitted = _Evidence(studies, targets_of(studies), prepare_arms(studies, disease))
    added = _Evidence(further, items_of(further), prepare_arms(further, disease))
    everything = _made_of(settings, [fitted, added], disease)
    fitting = _Fitting(
        fitted=fitted,
        further=added,
        settings=settings,
        workers=workers,
        kept=Checkpoints(checkpoints, sha256_of_data(_made_of(settings, [fitted], disease))),
        kept_further=Checkpoints(checkpoints, sha256_of_data(everything)),
        progress=progress,
    )
    fits = fitting.of_all(rivals)
    names = joined_names(fitted.names, added.names)
    targets = (*fitted.targets, *added.targets)
    draws = {fit.rival: fit.draws[kept_rows(fit, settings.seed)] for fit in fits}
    origin = {"kind": purpose, STUDIES: _by_study(targets), **everything}
    posterior = Posterior(names=names, draws=draws, weights=rival_weights(fits), made_of=origin)
    document = calibration_document(fits, targets, names) | {"made_of": dict(posterior.made_of)}
    table = ParameterTable(
        tuple({row.identifier: row for each in (added, fitted) for row in each.arms.table}.values())
    )
    return Calibration(
        posterior=posterior,
        fits=tuple(fits),
        rivals=rivals,
        targets=targets,
        table=table,
        seed=settings.seed,
        document=document,
    )


@dataclass(frozen=True)
class _Fitting:
    """What the fit of every rival takes.

    Arguments: the evidence of the fit and the further one; the size of the fits; the number of threads; where
    the finished pieces of both are kept; and who watches.
    """

    fitted: _Evidence
    further: _Evidence
    settings: FitSettings
    workers: int
    kept: Checkpoints
    kept_further: Checkpoints
    progress: Progress

    def of_all(self, rivals: tuple[Rival, ...]) -> list[RivalFit]:
        """Return every rival's fit."""
        problems = [self.problem(rival) for rival in rivals]
        further_steps = bool(self.further.targets) * self.settings.further_steps
        steps = sum(self.settings.steps(each.movable) + further_steps for each in problems)
        self.progress.start("fitting", steps)
        return [self.of(rival, problem) for rival, problem in zip(rivals, problems, strict=True)]

    def problem(self, rival: Rival) -> Problem:
        """Return the problem of fitting a rival, on people of training size."""
        simulator = self._simulators(rival)(self.fitted, self.settings.sizes)
        return Problem(observations_of(self.fitted.targets), simulator, _inputs(self.fitted, rival))

    def of(self, rival: Rival, problem: Problem) -> RivalFit:
        """Return a rival's fit, its draws weighed by the further evidence where there is any."""
        settings, progress, simulator = self.settings, self.progress, self._simulators(rival)
        fit = RivalFitter(
            rival.name,
            problem,
            simulator(self.fitted, settings.sizes, shared=True),
            simulator(self.fitted, settings.fresh_sizes),
            settings,
            self.kept.under(rival.name),
            progress,
        ).fit()
        if not self.further.targets:
            return fit
        more = Further(
            observations_of(self.further.targets),
            simulator(self.further, settings.fresh_sizes),
            self.further.names,
        )
        batches = Batches(settings.batch, self.kept_further.under(rival.name), progress)
        return updated(fit, self.fitted.names, more, settings, batches)

    def _simulators(self, rival: Rival) -> Callable[..., SummarySimulator]:
        """Return what makes the simulators of a rival's summaries, from evidence and sizes."""
        options = replace(ACCURACY, threads=self.workers)
        return partial(_simulator, rival, Stream(self.settings.seed), options, StopOnly(self.progress))


def rival_problem(
    rival: Rival, settings: FitSettings, workers: int, progress: Progress, shared: bool = False
) -> Problem:
    """Return the problem of fitting one rival for the validation, on people of training size.

    Arguments: the rival; the size of the fit and its seed; threads; who watches; and whether all points of a
    call of the simulator share their people.
    """
    studies = load_studies("validation")
    evidence = _Evidence(studies, targets_of(studies), prepare_arms(studies, load_disease()))
    options = replace(ACCURACY, threads=workers)
    simulator = _simulator(
        rival, Stream(settings.seed), options, StopOnly(progress), evidence, settings.sizes, shared
    )
    return Problem(observations_of(evidence.targets), simulator, _inputs(evidence, rival))


def _simulator(
    rival: Rival,
    stream: Stream,
    options: Options,
    progress: Progress,
    evidence: _Evidence,
    sizes: CohortSizes,
    shared: bool = False,
) -> SummarySimulator:
    """Return the simulator of a rival's summaries."""
    people = stream.child("calibration", rival.name)
    return SummarySimulator(
        evidence.targets, evidence.studies, evidence.arms, rival, sizes, people, options, progress, shared
    )


def kept_rows(fit: RivalFit, seed: int) -> NDArray[np.int64]:
    """Return the rows of a rival's draws that are kept, `DRAWS_KEPT` of equal weight, heavy ones repeated."""
    offset = float(Stream(seed).child("resampling", fit.rival).uniforms(1, 1)[0, 0])
    return resampled(fit.weights.shares, DRAWS_KEPT, offset)


def _inputs(evidence: _Evidence, rival: Rival) -> Mask:
    """Return which scores can move which target (n_targets, n_scores) under a rival."""
    rows = [set(inputs_of(target, evidence.arms, rival.sets)) for target in evidence.targets]
    return np.array([[name in row for name in evidence.names] for row in rows])


def _made_of(settings: FitSettings, evidence: list[_Evidence], disease: Disease) -> dict[str, Any]:
    """Return what a calibration depends on: settings, hashes of model, evidence and code, versions."""
    drugs = sorted({drug for each in evidence for together in each.arms.kernels for drug in together})
    said = [
        [
            [asdict(target) for target in each.targets],
            [[one.cohort, one.study.model_dump(mode="json")] for one in each.studies.studies],
            {name: part.model_dump(mode="json") for name, part in each.studies.cohorts.items()},
        ]
        for each in evidence
    ]
    return {
        "settings": asdict(settings),
        "evidence_sha256": sha256_of_data(said),
        FINGERPRINT: fingerprint(disease, [load_drug(drug) for drug in drugs]),
        "code_sha256": _code_sha256(),
        "versions": versions(),
    }


def _by_study(targets: tuple[Target, ...]) -> dict[str, list[str]]:
    """Return the targets' ids by the study that each comes from."""
    studies = dict.fromkeys(target.study_id for target in targets)
    return {study: [target.id for target in targets if target.study_id == study] for study in studies}


def _code_sha256() -> str:
    """Return the hash of the code that the numbers of a fit depend on."""
    root = Path(str(files("calor")))
    found = [path for package in CODE for path in sorted((root / package).rglob("*.py"))]
    return sha256_of_text("\n".join(f"{path.relative_to(root)}\n{path.read_text('utf-8')}" for path in found))
