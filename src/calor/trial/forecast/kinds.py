"""The words of registered scales."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What is compared: a number, or whether the result was significant and for whom."""

    NUMERIC = "numeric"
    DIRECTION = "direction"


class Of(StrEnum):
    """Which figure of a trial is compared.

    `contrast`: active minus control. `size-of-contrast`: without its sign. `level`: the endpoint's mean over
    everybody. `control`, `active`: its mean in that arm.
    """

    CONTRAST = "contrast"
    SIZE_OF_CONTRAST = "size-of-contrast"
    LEVEL = "level"
    CONTROL = "control"
    ACTIVE = "active"

    @property
    def is_signed(self) -> bool:
        """Whether a plus sign says something: the figure is a difference."""
        return self is Of.CONTRAST


class CourseFigure(StrEnum):
    """Which figure of an untreated cohort is forecast at a visit.

    `pain-mean`, `pain-sd`: of the pain reported that day. `score-mean`, `score-sd`: of the CRPS severity
    score. `still`: the share that meets the criteria of the first visit.
    """

    PAIN_MEAN = "pain-mean"
    PAIN_SD = "pain-sd"
    SCORE_MEAN = "score-mean"
    SCORE_SD = "score-sd"
    STILL = "still"
