"""What a fit takes from a study: the summaries it matches, and what it simulates otherwise, and why."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from calor.core.documents import MisfitError
from calor.core.part import Part
from calor.study.published import Published

FINEST = 1e-4
"""The smallest standard error that a study can have, as a part of what its statistic spans."""

LONGEST_DAYS = 3653
"""The longest course that a fit simulates in reasonable time."""

FEWEST_PEOPLE = 12
"""Smallest number of people of a study that a fit may simulate in a world."""

CONTRASTS = frozenset({"contrast_mean", "score_contrast", "responder_contrast"})
"""The statistics that compare two arms."""

SPANS: dict[str, tuple[float, float]] = {
    "change_mean": (-10, 10),
    "change_sd": (0, 10),
    "responder_share": (0, 1),
    "contrast_mean": (-10, 10),
    "score_contrast": (-14, 14),
    "responder_contrast": (-1, 1),
    "share_above": (0, 1),
}
"""What each statistic can be: points of pain of 10, points of the score of 14, shares."""

TargetName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class TargetEntry(Part):
    """One published summary of one arm or one pair of arms, to be matched.

    `change_mean`, `change_sd`: measured pain minus baseline. `responder_share`: at least 30 % less measured
    pain. `contrast_mean`: true pain, arm minus control. `score_contrast`: the 14-point score of signs and
    symptoms, arm minus control. `responder_contrast`: share of responders, arm minus control. `share_above`:
    share with a variable above a value.

    `standard_error` is that of the published number (`error_from` says how it was derived), `bias_sd` the SD
    of the study's own bias, frozen before any fit. `before_unblinding` marks what of a held-back study every
    fit may know, with the reason.
    """

    id: TargetName
    statistic: Literal[
        "change_mean",
        "change_sd",
        "responder_share",
        "contrast_mean",
        "score_contrast",
        "responder_contrast",
        "share_above",
    ]
    arm: str
    control: str | None = None
    variable: Literal["pain_nrs", "autoantibody_igg_titre", "autoantibody_igm"] | None = None
    above: FiniteFloat | None = None
    days: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(le=LONGEST_DAYS)]]
    published: Published
    standard_error: FiniteFloat = Field(gt=0)
    bias_sd: FiniteFloat = Field(ge=0)
    error_from: str
    says: str
    before_unblinding: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> TargetEntry:
        if (self.statistic in CONTRASTS) != (self.control is not None):
            raise MisfitError("a contrast needs a control, and nothing else has one", "statistic")
        if (self.statistic == "share_above") != (self.variable is not None and self.above is not None):
            raise MisfitError(
                "share_above needs a variable and above, and nothing else has them", "statistic"
            )
        if self.published.not_significant is not None and self.control is None:
            raise MisfitError("what is known as not significant is a contrast", "published")
        if self.days[1] < self.days[0]:
            raise MisfitError("days must not run backwards", "days")
        self._within_its_span()
        return self

    def _within_its_span(self) -> None:
        """Refuse a number that its statistic cannot be, and errors wider than all that it can be."""
        low, high = SPANS[self.statistic]
        for key, number in (("printed", self.published.printed), ("derived", self.published.derived)):
            if number is not None and not low <= number <= high:
                raise MisfitError(
                    f"is {number:g}: {self.statistic} lies from {low:g} to {high:g}", "published", key
                )
        for name, error in (("standard_error", self.standard_error), ("bias_sd", self.bias_sd)):
            if error > high - low:
                raise MisfitError(f"is {error:g}: {self.statistic} spans {high - low:g} in all", name)
        if self.standard_error < FINEST * (high - low):
            what = f"is {self.standard_error:g}: no study knows a {self.statistic} as well as that"
            raise MisfitError(what, "standard_error")


class Reasons(Part):
    """Why a fit simulates a study otherwise than it was: the cohort it shares, the people it leaves out."""

    cohort: str | None = None
    people: str | None = None


class Fitted(Part):
    """What a fit takes from a study.

    `cohort`: the name of a cohort that several studies share for cost (without: the study's own population).
    `people`: how many of those enrolled are simulated (without: all). `screened`: how many times the usual
    number of candidates is screened, where few qualify. `because` gives the reason for leaving people out,
    and for a cohort that was enrolled otherwise.
    """

    targets: tuple[TargetEntry, ...] = Field(min_length=1)
    cohort: str | None = None
    people: int | None = Field(default=None, ge=FEWEST_PEOPLE)
    screened: int = Field(default=1, ge=1, le=10)
    because: Reasons = Reasons()

    @model_validator(mode="after")
    def _reasons_given(self) -> Fitted:
        if (self.people is None) != (self.because.people is None):
            raise MisfitError("people needs its reason in because, and a reason its people", "because")
        return self
