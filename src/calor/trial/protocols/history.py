"""What earlier studies say of a control arm, as the prior of a design that borrows from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from calor.core.errors import InputError, ReportedError
from calor.core.provenance import Grade
from calor.evidence.lookup import usable_grade
from calor.study import Borrowing, HistoricalControl, Misfit, Protocol
from calor.study.published import Published, published_number
from calor.trial.analysis.map_prior import MixturePrior

COMPONENTS = 32
"""Normals that stand for the prediction of a new study; more change its worth by less than 1 %."""

VAGUE_SDS = 100.0
"""The SD of the prior of the mean over studies, in SDs between patients: it says nothing."""


@dataclass(frozen=True)
class History:
    """The control arm of an earlier study: mean and SD in the endpoint's unit, patients, grade, source."""

    mean: float
    sd: float
    patients: int
    grade: Grade
    source: str


def history_of(control: HistoricalControl) -> History:
    """Return the numbers of an earlier control arm.

    Raises InputError for one that is not in the evidence, has no SD there, or is only recalled.
    """
    if control.record is not None:
        mean = published_number(control.record, Published(at=control.at))
        spread = published_number(control.record, Published(at=control.at, spread=True))
        return History(mean.value, spread.value, control.patients, mean.grade, mean.source)
    if control.mean is None or control.sd is None:
        raise InputError.of("has no mean", key="design.controls")
    grade = usable_grade(control.grade, control.words)
    return History(control.mean, control.sd, control.patients, grade, control.words)


@lru_cache(maxsize=32)
def map_prior_of(design: Borrowing) -> MixturePrior:
    """Return what earlier studies predict of the control's mean, before it is made robust.

    The standard error of an earlier mean is the SD between patients that the design names, over the root of
    its patients. Raises InputError as `history_of` does.
    """
    from calor.evidence.synthesis.bayes import predict_new_study  # takes long to load

    histories = [history_of(control) for control in design.controls]
    found = predict_new_study(
        [each.mean for each in histories],
        [design.sd**2 / each.patients for each in histories],
        tau_scale=design.heterogeneity,
        prior_mean=float(np.mean([each.mean for each in histories])),
        prior_sd=VAGUE_SDS * design.sd,
        components=COMPONENTS,
    )
    return MixturePrior(found.weights, found.means, found.sds)


def robust_prior_of(design: Borrowing) -> MixturePrior:
    """Return the prior of the analysis: the prediction, and a component that is worth one patient, last."""
    return map_prior_of(design).robust(design.vague_weight, design.sd)


def misfits_of_history(trial: Protocol) -> Iterator[Misfit]:
    """Yield what of an earlier control arm cannot be read."""
    if not isinstance(trial.design, Borrowing):
        return
    for place, control in enumerate(trial.design.controls):
        try:
            history_of(control)
        except ReportedError as error:
            for problem in error.problems:
                where = f"{problem.place}: " if str(problem.place) else ""
                key = ("design", "controls", place)
                yield Misfit(f"{where}{problem.what}", key, problem.allowed, hint=problem.hint)
