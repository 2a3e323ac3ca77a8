"""What defines a group-sequential test: its spending family, looks, type I error and sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.errors import InputError, UnsupportedError
from calor.study.spending import Spending

MOST_LOOKS = 20
SMALLEST_STEP = 0.001
"""The least information between looks, as a fraction of all, that the integration grid is made for."""


DESCRIPTIONS = {
    Spending.OBRIEN_FLEMING: "O'Brien and Fleming",
    Spending.POCOCK: "Pocock",
    Spending.WANG_TSIATIS: "Wang and Tsiatis",
    Spending.HAYBITTLE_PETO: "Haybittle and Peto",
    Spending.OBRIEN_FLEMING_TYPE_SPENDING: "alpha spending, O'Brien-Fleming type",
    Spending.POCOCK_TYPE_SPENDING: "alpha spending, Pocock type",
    Spending.KIM_DEMETS: "alpha spending, Kim and DeMets",
}

PARAMETERS: dict[Spending, tuple[str, float, float, float | None]] = {
    # what the parameter is, its least and largest value, and its default (None: it must be given)
    Spending.WANG_TSIATIS: ("shape delta", -0.5, 1.0, None),
    Spending.KIM_DEMETS: ("power gamma", 0.1, 10.0, None),
    Spending.HAYBITTLE_PETO: ("constant z before the last look", 1.0, 8.0, 3.0),
}

FIXED_SHAPES = {Spending.OBRIEN_FLEMING: 0.0, Spending.POCOCK: 0.5}
"""The Wang-Tsiatis shape that these families stand for."""

KNOWN_ELSEWHERE = ("PT", "WToptimum", "asHSD", "asUser", "noEarlyEfficacy")
"""Families that other tools offer and calor does not."""


@dataclass(frozen=True)
class SequentialPlan:
    """What defines a group-sequential test.

    Arguments: the spending family and its parameter; the information fraction of each look, rising to 1;
    the total type I error; 1 or 2 sides. Raises InputError where one of them is out of range.
    """

    spending: Spending
    information: tuple[float, ...]
    alpha: float
    sided: int = 1
    parameter: float | None = None

    def __post_init__(self) -> None:
        check_alpha(self.alpha, self.sided)
        _check_information(self.information)
        _check_parameter(self.spending, self.parameter)

    @property
    def shape(self) -> float:
        """The family's parameter, its default, or the value that its name fixes."""
        if self.spending in FIXED_SHAPES:
            return FIXED_SHAPES[self.spending]
        value = self.parameter if self.parameter is not None else PARAMETERS[self.spending][3]
        if value is None:
            raise InputError.of(f"has no parameter: {self.spending}", key="spending")
        return value


def check_alpha(alpha: float, sided: int) -> None:
    """Raise InputError unless alpha is a type I error and the test has one or two sides."""
    if sided not in {1, 2}:
        raise InputError.of(f"is {sided}", key="sided", allowed="1 or 2")
    if not 1e-6 <= alpha < 0.5:
        raise InputError.of(
            f"is {alpha:g}", key="alpha", allowed="from 0.000001 to below 0.5",
            hint="0.025 one-sided and 0.05 two-sided are usual",
        )  # fmt: skip


def equal_information(looks: int) -> tuple[float, ...]:
    """Return the information fractions of equally spaced looks; InputError for a count out of range."""
    if not 1 <= looks <= MOST_LOOKS:
        raise InputError.of(f"is {looks}", key="looks", allowed=f"1 to {MOST_LOOKS}")
    return tuple(look / looks for look in range(1, looks + 1))


def _check_information(information: tuple[float, ...]) -> None:
    shown = ",".join(f"{fraction:g}" for fraction in information)
    if not 1 <= len(information) <= MOST_LOOKS:
        raise InputError.of(f"has {len(information)} looks", key="information", allowed=f"1 to {MOST_LOOKS}")
    if not np.isfinite(information).all() or information[0] <= 0 or abs(information[-1] - 1) > 1e-12:
        raise InputError.of(f"is {shown}", key="information", allowed="fractions above 0; the last is 1")
    steps = np.diff(np.array(information), prepend=0.0)
    if steps.min() <= 0:
        raise InputError.of(f"is {shown}", key="information", allowed="fractions that rise", hint="0.5,1")
    if steps.min() < SMALLEST_STEP:
        raise UnsupportedError.of(
            f"has a step of {steps.min():.2g}", key="information", hint=f"steps of {SMALLEST_STEP} or more"
        )


def _check_parameter(spending: Spending, parameter: float | None) -> None:
    if spending not in PARAMETERS:
        if parameter is not None:
            takers = ", ".join(sorted(PARAMETERS))
            raise InputError.of(f"{spending} has no parameter", key="parameter", hint=f"{takers} have one")
        return
    name, least, largest, default = PARAMETERS[spending]
    allowed = f"{name} from {least:g} to {largest:g}"
    if parameter is None and default is None:
        raise InputError.of(f"is missing: {spending} needs its {name}", key="parameter", allowed=allowed)
    if parameter is not None and not least <= parameter <= largest:
        raise InputError.of(f"is {parameter:g}", key="parameter", allowed=allowed)
