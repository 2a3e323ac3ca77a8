"""How intercurrent events enter the question: a strategy for each kind of event (ICH E9(R1))."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from calor.core.part import Part


class Strategy(StrEnum):
    """What the question makes of an intercurrent event.

    `treatment-policy`: the outcome whatever happened. `hypothetical`: the outcome had the event not happened.
    `composite`: the event is an outcome by itself, a failure. `while-on-treatment`: the outcome up to the
    event.
    """

    TREATMENT_POLICY = "treatment-policy"
    HYPOTHETICAL = "hypothetical"
    COMPOSITE = "composite"
    WHILE_ON_TREATMENT = "while-on-treatment"


class Estimand(Part):
    """The strategy for each kind of event.

    `stopping`: the treatment is stopped, for pain or side effects. `rescue`: a rescue analgesic is taken.
    `loss`: the patient is lost to follow-up; nobody can see what follows, so its strategies are the ones that
    need no later measurement. A failure counts as no response, or as the measured baseline (no change).
    """

    stopping: Strategy = Strategy.TREATMENT_POLICY
    rescue: Strategy = Strategy.TREATMENT_POLICY
    loss: Literal[Strategy.HYPOTHETICAL, Strategy.COMPOSITE] = Strategy.HYPOTHETICAL

    @property
    def while_on_treatment(self) -> bool:
        """Whether some event ends the outcome."""
        return Strategy.WHILE_ON_TREATMENT in (self.stopping, self.rescue)
