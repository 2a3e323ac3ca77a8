"""Completed data sets: what patients who left might have reported, under a stated assumption."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.study.analysis import Assumption
from calor.trial.analysis.columns import arm_indicators, centred, stratum_indicators
from calor.trial.analysis.data import Flags, Integers, LongitudinalData
from calor.trial.analysis.estimate import Contrast
from calor.trial.analysis.sequential_regression import (
    ChainParameters,
    VisitRegression,
    draw_chain,
    draw_gaps,
    fit_chain,
    marginal_means,
)

BURN_IN = 20
SPACING = 5
"""Rounds before the first imputation, and between later ones, where outcomes before the last are missing."""

PATIENTS_MOST = 1 << 20
"""Patients a replicate can have without two of them sharing random numbers."""


@dataclass(frozen=True)
class Completed:
    """Completed outcomes at one visit.

    Arguments: outcomes (n_imputations, n_replicates, n_patients); which of them were missing, who counts
    (n_replicates, n_patients); and which replicates have data enough to impute from (n_replicates,).
    """

    outcome: Numbers
    missing: Flags
    used: Flags
    enough: Flags


@dataclass(frozen=True)
class _FollowUp:
    """The data of the replicates to impute: covariates under the own and the reference arm, and follow-up."""

    own: Numbers
    reference: Numbers
    outcome: Numbers
    last: Integers
    used: Flags
    replicates: Integers
    n_arm_columns: int

    def rows(self, which: Flags) -> _FollowUp:
        return _FollowUp(
            own=self.own[which],
            reference=self.reference[which],
            outcome=self.outcome[which],
            last=self.last[which],
            used=self.used[which],
            replicates=self.replicates[which],
            n_arm_columns=self.n_arm_columns,
        )


def complete(
    data: LongitudinalData,
    contrast: Contrast,
    assumption: Assumption,
    visit: int,
    n_imputations: int,
    stream: Stream,
) -> Completed:
    """Return completed outcomes at a visit, drawn from the posterior predictive distribution.

    Model: sequential regressions with arm, baseline and strata at every visit. The reference is the
    contrast's control. Gaps before a patient's last visit are missing at random under every assumption.
    Source: Carpenter, Roger and Kenward (2013), J Biopharm Stat 23:1352-71.
    """
    course = _course(data, contrast)
    seen = ~np.isnan(data.outcome)
    owed = course.used[:, :, None] & (np.arange(seen.shape[2]) < course.last[:, :, None])
    gapped: Flags = np.asarray((owed & ~seen).any(axis=(1, 2)))
    outcome = np.full((n_imputations, *course.used.shape), np.nan)
    enough: Flags = np.zeros(len(gapped), dtype=np.bool_)
    for group, draws in ((~gapped, _impute_monotone), (gapped, _impute_with_gaps)):
        if group.any():
            outcome[:, group], enough[group] = draws(
                course.rows(group), assumption, visit, n_imputations, stream
            )
    return Completed(outcome, ~seen[:, :, visit] & course.used, course.used, enough)


def _course(data: LongitudinalData, contrast: Contrast) -> _FollowUp:
    used = data.randomised & ~np.isnan(data.baseline)
    shared = [used * 1.0, centred(data.baseline, used), *stratum_indicators(data.stratum, used)]
    arms = arm_indicators(data.arm, contrast)
    seen = ~np.isnan(data.outcome)
    last = np.where(seen.any(axis=2), seen.shape[2] - seen[:, :, ::-1].argmax(axis=2), 0)
    return _FollowUp(
        own=np.stack([*shared, *arms], axis=2),
        reference=np.stack([*shared, *(np.zeros_like(column) for column in arms)], axis=2),
        outcome=data.outcome,
        last=last,
        used=used,
        replicates=data.replicates,
        n_arm_columns=len(arms),
    )


def _impute_monotone(
    course: _FollowUp, assumption: Assumption, visit: int, n_imputations: int, stream: Stream
) -> tuple[Numbers, Flags]:
    """Return completed outcomes where every patient was seen until a last visit: draws are independent."""
    regressions = fit_chain(course.own, course.outcome, course.last, course.used)
    enough = _enough(regressions, course)
    completed = np.full((n_imputations, *course.used.shape), np.nan)
    if enough.any():
        part = course.rows(enough)
        regressions = fit_chain(part.own, part.outcome, part.last, part.used)
        for imputation in range(n_imputations):
            branch = stream.child("imputation", imputation)
            parameters = draw_chain(regressions, branch, part.replicates)
            completed[imputation, enough] = _follow(part, part.outcome, parameters, assumption, visit, branch)
    return completed, enough


def _enough(regressions: list[VisitRegression], course: _FollowUp) -> Flags:
    """Return which replicates have at every visit a residual variance and patients of each of their arms."""
    arms = slice(course.own.shape[2] - course.n_arm_columns, course.own.shape[2])
    absent = ~((course.own[:, :, arms] > 0) & course.used[:, :, None]).any(axis=1)
    each = [(one.degrees > 0) & (one.kept[:, arms] | absent).all(axis=1) for one in regressions]
    return np.asarray(np.stack(each).all(axis=0))


def _impute_with_gaps(
    course: _FollowUp, assumption: Assumption, visit: int, n_imputations: int, stream: Stream
) -> tuple[Numbers, Flags]:
    """Return completed outcomes where some patients have gaps: parameters and gaps are drawn in turn."""
    outcome = _with_gaps_filled(course)
    regressions = fit_chain(course.own, outcome, course.last, course.used)
    enough = _enough(regressions, course)
    completed = np.full((n_imputations, *course.used.shape), np.nan)
    part, outcome = course.rows(enough), outcome[enough]
    replicate, patient = np.nonzero(part.used & (part.last > 0))
    rows = _row_identifiers(part, replicate, patient)
    gaps = np.isnan(part.outcome[replicate, patient])
    for imputation in range(n_imputations if enough.any() else 0):
        for turn in range(BURN_IN if imputation == 0 else SPACING):
            branch = stream.child("gaps", imputation, turn)
            parameters = draw_chain(
                fit_chain(part.own, outcome, part.last, part.used), branch, part.replicates
            )
            outcome[replicate, patient] = draw_gaps(
                _by_row(parameters, replicate), part.own[replicate, patient], outcome[replicate, patient],
                gaps, part.last[replicate, patient], branch.child("outcome").normals(rows, gaps.shape[1]),
            )  # fmt: skip
        branch = stream.child("imputation", imputation)
        parameters = draw_chain(fit_chain(part.own, outcome, part.last, part.used), branch, part.replicates)
        completed[imputation, enough] = _follow(part, outcome, parameters, assumption, visit, branch)
    return completed, enough


def _with_gaps_filled(course: _FollowUp) -> Numbers:
    """Return outcomes whose gaps hold the patient's last value before, or the next one: a start for Gibbs."""
    outcome = course.outcome.copy()
    for visit in range(1, outcome.shape[2]):
        hole = np.isnan(outcome[:, :, visit]) & (visit < course.last)
        outcome[:, :, visit] = np.where(hole, outcome[:, :, visit - 1], outcome[:, :, visit])
    for visit in range(outcome.shape[2] - 2, -1, -1):
        hole = np.isnan(outcome[:, :, visit]) & (visit < course.last)
        outcome[:, :, visit] = np.where(hole, outcome[:, :, visit + 1], outcome[:, :, visit])
    return outcome


def _follow(
    course: _FollowUp,
    outcome: Numbers,
    parameters: ChainParameters,
    assumption: Assumption,
    visit: int,
    stream: Stream,
) -> Numbers:
    """Return the outcomes at a visit, drawn for the patients who left before it."""
    replicate, patient = np.nonzero(course.used & (course.last <= visit))
    drawn = _by_row(parameters, replicate)
    own = marginal_means(drawn.fixed, drawn.carried, course.own[replicate, patient])
    reference = marginal_means(drawn.fixed, drawn.carried, course.reference[replicate, patient])
    n_visits = own.shape[1]
    before = np.arange(n_visits) < course.last[replicate, patient][:, None]
    centre = {
        Assumption.MISSING_AT_RANDOM: own,
        Assumption.COPY_REFERENCE: reference,
        Assumption.JUMP_TO_REFERENCE: np.where(before, own, reference),
    }[assumption]
    deviations = np.where(before, outcome[replicate, patient] - centre, 0.0)
    noise = stream.child("outcome").normals(_row_identifiers(course, replicate, patient), n_visits)
    for later in range(visit + 1):
        following = (
            np.einsum("is,is->i", drawn.carried[:, later], deviations) + drawn.sd[:, later] * noise[:, later]
        )
        deviations[:, later] = np.where(before[:, later], deviations[:, later], following)
    completed = outcome[:, :, visit].copy()
    completed[replicate, patient] = centre[:, visit] + deviations[:, visit]
    return completed


def _by_row(parameters: ChainParameters, replicate: Integers) -> ChainParameters:
    return ChainParameters(
        parameters.fixed[replicate], parameters.carried[replicate], parameters.sd[replicate]
    )


def _row_identifiers(course: _FollowUp, replicate: Integers, patient: Integers) -> Integers:
    return course.replicates[replicate] * PATIENTS_MOST + patient
