"""Enriched enrolment, randomised withdrawal: all are treated openly, and who responds goes on or stops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from calor.study.design_part import DesignPart, RunIn
from calor.study.misfit import Misfit
from calor.study.sequences import Sequences
from calor.study.variables import Variable

if TYPE_CHECKING:
    from calor.study.protocol import Protocol


class RandomisedWithdrawal(DesignPart):
    """An open run-in with the active arm; its responders are randomised to go on or to the control.

    The days of the endpoint count from randomisation, and each arm's regimen begins anew there. The question
    is of the people who responded: what going on does to them beyond stopping.
    """

    type: Literal["randomised-withdrawal"]
    open_run_in: RunIn

    @property
    def run_in(self) -> RunIn:
        """The period before randomisation, and who goes on."""
        return self.open_run_in

    @property
    def days_from_period_to_period(self) -> int:
        """The days of the run-in."""
        return self.open_run_in.days

    def sequences_of(self, arms: Sequence[str], control: str) -> Sequences:
        """Return the active arm and then each arm."""
        active = next((place for place, arm in enumerate(arms) if arm != control), 0)
        return tuple((active, place) for place in range(len(arms)))

    def misfits_of_arms(self, arms: Sequence[str]) -> Iterator[Misfit]:
        """Yield that going on is compared with one control."""
        if len(arms) != 2:
            yield Misfit(f"a {self.type} design has two arms, not {len(arms)}", ("arms",))

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what does not fit a run-in."""
        yield from super().misfits(trial)
        named, conduct = f"a {self.type} design", trial.conduct
        if trial.endpoint.variable is not Variable.PAIN_DIARY or trial.endpoint.responder is not None:
            what = f"{named} compares the pain diary, without a responder rule"
            yield Misfit(what, ("endpoint",))
        if trial.visits:
            what = f"{named} takes no visits: its endpoint counts from randomisation"
            yield Misfit(what, ("visits",), unsupported=True)
        for name in ("stopping", "rescue", "unblinding"):
            if getattr(conduct, name) is not None:
                what = f"{named} does not know who stops, takes rescue or guesses in the run-in"
                yield Misfit(what, ("conduct", name), unsupported=True)
        if conduct.dropout_log_hazard_per_point:
            what = f"{named} loses people whatever their pain, from randomisation on"
            yield Misfit(what, ("conduct", "dropout_log_hazard_per_point"), unsupported=True)
