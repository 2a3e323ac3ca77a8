"""How the contrast is estimated and tested, active minus control."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from calor.core.part import Part


class Assumption(StrEnum):
    """What happens to patients after their last visit.

    `missing-at-random`: they go on as the patients of their arm who looked like them. `jump-to-reference`:
    their mean jumps to the control arm's, their own deviation so far is kept. `copy-reference`: they are as
    if they had been in the control arm from the start.
    """

    MISSING_AT_RANDOM = "missing-at-random"
    JUMP_TO_REFERENCE = "jump-to-reference"
    COPY_REFERENCE = "copy-reference"


class Multiplicity(StrEnum):
    """How the familywise error is kept over several hypotheses."""

    BONFERRONI = "bonferroni"
    HOLM = "holm"
    HOCHBERG = "hochberg"
    FIXED_SEQUENCE = "fixed-sequence"


class Prior(Part):
    """A normal prior on the contrast, made robust by a vague component of some weight."""

    mean: float = Field(ge=-100, le=100)
    sd: float = Field(gt=0, le=100)
    vague_weight: float = Field(default=0.0, ge=0, lt=1)
    vague_sd: float = Field(default=10.0, gt=0, le=1000)


class Wins(Part):
    """What decides a pair in the win ratio: first the events, in this order, later is better.

    Then the endpoint decides; two patients are alike whose endpoints differ by at most `tie_within`.
    """

    first: tuple[Literal["stopping", "rescue", "loss"], ...] = ()
    tie_within: float = Field(default=0.0, ge=0, le=100)


class TippingPoint(Part):
    """How far to look for the shift of imputed outcomes, in units of the endpoint, at which a trial tips."""

    largest: float = Field(gt=0, le=100)


class Claim(StrEnum):
    """What is claimed against a margin.

    `non-inferiority`: the active arm is worse by less than the margin. `equivalence`: it is neither worse nor
    better by as much (two one-sided tests).
    """

    NON_INFERIORITY = "non-inferiority"
    EQUIVALENCE = "equivalence"


class Margin(Part):
    """A claim, and the margin that it keeps, in units of the effect."""

    claim: Claim
    size: float = Field(gt=0, le=100)

    @property
    def words(self) -> str:
        """The claim in words: `non-inferiority by a margin of 1`."""
        return f"{self.claim} by a margin of {self.size:g}"


class Analysis(Part):
    """How the contrast is estimated, active minus control.

    `method` names an estimator, which says beside itself what it needs (`trial/analysis`).
    `prior` turns the analysis Bayesian: significant then means that the posterior probability of no benefit
    is below alpha. `multiplicity` keeps the familywise error where several arms meet one control. `missing`
    says what is assumed about patients who left: other than at random it means multiple imputation, which
    needs visits and ancova. `margin` tests that the active arm is not worse (or not different) by a margin,
    instead of better: significant then means that the interval of the level 1 - 2 alpha (two-sided alpha: 1 -
    alpha) lies within it. `delta` is added to every imputed outcome outside the control arm.
    `tipping_point` asks how large that shift may become before significance is lost. `wins` says what decides
    a pair in the win ratio.
    """

    method: str = Field(min_length=1)
    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    sided: Literal[1, 2] = 2
    prior: Prior | None = None
    margin: Margin | None = None
    multiplicity: Multiplicity = Multiplicity.HOLM
    missing: Assumption = Assumption.MISSING_AT_RANDOM
    delta: float = Field(default=0.0, ge=-100, le=100)
    tipping_point: TippingPoint | None = None
    wins: Wins = Wins()

    @property
    def imputes(self) -> bool:
        """Whether missing outcomes are imputed before the analysis."""
        return self.missing is not Assumption.MISSING_AT_RANDOM or self.delta != 0
