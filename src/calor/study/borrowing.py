"""A control arm that borrows from the control arms of earlier studies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, FiniteFloat, model_validator

from calor.core.part import Part
from calor.core.provenance import Grade
from calor.study.design_part import DesignPart
from calor.study.misfit import Misfit

if TYPE_CHECKING:
    from calor.study.protocol import Protocol

ANALYSIS = "ancova"


class HistoricalControl(Part):
    """The control arm of an earlier study: its mean endpoint with its SD, and how many patients it rests on.

    Either `record` and `at`, an evidence record and the path of a mean with its SD in it; or `mean` and `sd`
    of a source of one's own, with its `grade` and where they stand (`from`). Simulated patients are no study.
    """

    record: str | None = None
    at: str | None = None
    mean: FiniteFloat | None = None
    sd: float | None = Field(default=None, gt=0, le=1000)
    patients: int = Field(ge=2, le=100_000)
    grade: Grade | None = None
    source_part: str | None = Field(default=None, alias="from")

    @model_validator(mode="after")
    def _one_of(self) -> HistoricalControl:
        looked_up = (self.record, self.at)
        own = (self.mean, self.sd, self.grade, self.source_part)
        if all(each is not None for each in looked_up) and not any(each is not None for each in own):
            return self
        if all(each is not None for each in own) and not any(each is not None for each in looked_up):
            return self
        raise ValueError("give either record and at, or mean and sd with their grade and from")

    @property
    def words(self) -> str:
        """Where it stands, for people."""
        return f"{self.record}: {self.at}" if self.record else str(self.source_part)


class Borrowing(DesignPart):
    """Two arms of a fixed size; the control's mean has a robust meta-analytic-predictive prior.

    The mean of a new study's control arm is predicted from `controls` (normal, half-normal heterogeneity of
    scale `heterogeneity`), and made robust by a component of `vague_weight` about the same mean that is worth
    one patient. `sd` is the endpoint's SD between patients, by which the prior is counted in patients. The
    active arm borrows nothing. Significant: the posterior probability of no benefit is below alpha.
    Source: Neuenschwander et al. (2010), Clin Trials 7:5-18; Schmidli et al. (2014), Biometrics 70:1023-32.
    """

    estimate: ClassVar[str] = "the posterior mean, whose control borrows; its interval is a posterior one"
    alternatives: ClassVar[tuple[str, ...]] = ("plain",)
    own_numbers: ClassVar[tuple[str, ...]] = ("weight_of_history",)
    supposes: ClassVar[tuple[str, ...]] = ("sd", "heterogeneity", "vague_weight")
    at_sites: ClassVar[bool] = False
    most_arms: ClassVar[int] = 2
    type: Literal["borrowed-control"]
    controls: tuple[HistoricalControl, ...] = Field(min_length=1, max_length=40)
    sd: float = Field(gt=0, le=1000)
    heterogeneity: float = Field(gt=0, le=1000)
    vague_weight: float = Field(default=0.2, gt=0, lt=1)

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit a control arm that borrows."""
        yield from super().misfits(trial)
        named = f"a {self.type} design"
        if trial.analysis.method != ANALYSIS:
            what = f"{named} is analysed by {ANALYSIS}, not {trial.analysis.method!r}"
            yield Misfit(what, ("analysis", "method"), allowed=ANALYSIS, unsupported=True)
        if trial.analysis.sided == 2:
            yield Misfit(f"{named} needs a one-sided test", ("analysis", "sided"), allowed="1")
        if trial.analysis.prior is not None:
            what = f"the prior of {named} is on its control arm: leave out analysis.prior"
            yield Misfit(what, ("analysis", "prior"), unsupported=True)
        if trial.analysis.imputes or trial.analysis.tipping_point is not None:
            what = f"{named} does not impute: leave out missing and delta"
            yield Misfit(what, ("analysis", "missing"), unsupported=True)
