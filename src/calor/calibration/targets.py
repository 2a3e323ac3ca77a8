"""The calibration targets: what is known of the untreated course, and of the arms of studies."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from calor.calibration.problem import Observations
from calor.calibration.studies import SHIPPED, FittedStudies, FittedStudy, Purpose, load_studies
from calor.core.provenance import Grade
from calor.population.facts import Fact
from calor.study import Covariate
from calor.study.fitted import TargetEntry
from calor.study.published import published_number

BETWEEN_STUDIES = 0.5
"""SD of a fact's own study bias as a share of its standard error, where no other is given: cohorts of one
clinic differ from each other by more than chance, and one study per fact cannot say by how much."""

UNTREATED = "untreated"
"""The kind of a target that is a fact of the untreated course."""


@dataclass(frozen=True)
class Target:
    """One number to match.

    Arguments: its id; the study or finding it is from; its role (what a prior alone carries is no target, see
    `prior_only`); what it is in words; the statistic that is simulated for it; the value and its standard
    error (of the logarithm where `on_log_scale`); the SD of the study's bias on the same scale; grade; where
    the published number stands; where the error comes from; why the bias is not the usual share of the error,
    empty where it is; the kind of its likelihood; the kind of statistic
    (`untreated` for a fact of the course); the drugs given in the arms it rests on; what limits entry besides
    duration and pain; and its source (`calor`, or the hash of a user's file).

    The likelihood of what is `nonsignificant`, with SE the standard error, b the SD of the bias and d the
    simulated difference: P(|d'| < 1.96 SE) for d' ~ N(d, SE^2 + b^2).
    """

    id: str
    study_id: str
    role: Literal["calibration"]
    says: str
    statistic: str
    value: float
    standard_error: float
    bias_sd: float
    on_log_scale: bool
    grade: Grade
    published_at: str
    error_from: str
    bias_from: str
    likelihood: Literal["normal", "nonsignificant"]
    kind: str
    drugs: tuple[str, ...]
    limited: tuple[Covariate, ...]
    source: str

    @property
    def observed(self) -> float:
        """The value on the scale of the likelihood."""
        return math.log(self.value) if self.on_log_scale else self.value

    @property
    def variance(self) -> float:
        """The variance of the value on the scale of the likelihood: its error and the study's bias."""
        return self.standard_error**2 + self.bias_sd**2


def load_targets(purpose: Purpose = "validation") -> tuple[Target, ...]:
    """Return the targets of a fit, in a fixed order; no held-out trial is among those of the validation."""
    return targets_of(load_studies(purpose))


def targets_of(studies: FittedStudies) -> tuple[Target, ...]:
    """Return the targets of a fit to some studies: those of the untreated course, then of every study."""
    return (*(_of_fact(fact) for fact in studies.facts), *items_of(studies))


def items_of(studies: FittedStudies) -> tuple[Target, ...]:
    """Return the targets that some studies add to the untreated course."""
    return tuple(_of_entry(study, entry) for study in studies.studies for entry in study.targets)


def _of_fact(fact: Fact) -> Target:
    return Target(
        id=fact.statistic.replace("_", "-"),
        study_id=fact.finding,
        role="calibration",
        says=fact.means,
        statistic=fact.statistic,
        value=fact.value,
        standard_error=fact.standard_error,
        bias_sd=BETWEEN_STUDIES * fact.standard_error if fact.bias_sd is None else fact.bias_sd,
        on_log_scale=fact.on_log_scale,
        grade=fact.grade,
        published_at=f"{fact.finding}: {fact.number or 'in words'}",
        error_from=fact.error_from,
        bias_from=fact.bias_from or "",
        likelihood="normal",
        kind=UNTREATED,
        drugs=(),
        limited=(),
        source=SHIPPED,
    )


def _of_entry(study: FittedStudy, entry: TargetEntry) -> Target:
    published = published_number(study.study.record, entry.published)
    return Target(
        id=entry.id,
        study_id=study.id,
        role="calibration",
        says=entry.says,
        statistic=entry.id,
        value=published.value,
        standard_error=entry.standard_error,
        bias_sd=entry.bias_sd,
        on_log_scale=False,
        grade=published.grade,
        published_at=published.source,
        error_from=entry.error_from,
        bias_from="",
        likelihood="normal" if entry.published.not_significant is None else "nonsignificant",
        kind=entry.statistic,
        drugs=study.drugs_of(entry),
        limited=study.limited,
        source=study.source,
    )


def observations_of(targets: Iterable[Target]) -> Observations:
    """Return the published values of targets on the scale of the likelihood."""
    targets = tuple(targets)
    return Observations(
        np.array([target.observed for target in targets]),
        np.array([target.standard_error for target in targets]),
        np.array([target.bias_sd for target in targets]),
        np.array([target.likelihood == "nonsignificant" for target in targets]),
    )
