"""How a trial is analysed: the method that its protocol names, and what its effect means there."""

from __future__ import annotations

from dataclasses import dataclass

from calor.study import Analysis, Protocol
from calor.trial.analysis import Direction
from calor.trial.analysis.method import Method
from calor.trial.analysis.methods import method_of


@dataclass(frozen=True)
class AnalysisPlan:
    """The analysis of a trial.

    Arguments: what the protocol asks for; the method that it names; on which side of no effect benefit lies;
    and the unit of the effect.
    """

    asked: Analysis
    method: Method
    direction: Direction
    unit: str

    @property
    def less_is_better(self) -> bool:
        """Whether a negative effect is benefit."""
        return self.direction is Direction.LESS

    @property
    def level(self) -> float:
        """The level of a one-sided test towards benefit."""
        return self.asked.alpha / self.asked.sided


def analysis_plan_of(protocol: Protocol) -> AnalysisPlan:
    """Return how a protocol is analysed. Raises KeyError for a method that does not exist."""
    method = method_of(protocol)
    return AnalysisPlan(
        asked=protocol.analysis,
        method=method,
        direction=method.direction(protocol),
        unit=method.unit(protocol),
    )
