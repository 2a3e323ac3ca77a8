"""Outcome variables, one row each: what a trial can measure, in the words and codes that reports use.

How a variable is read from the true outputs of the model stands beside the instruments, in
`population/readings.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Variable(StrEnum):
    """What is measured.

    `pain-diary`: daily rating of pain, 0 to 10, less is better. `temperature-difference`: size of the skin
    temperature difference between the sides, degrees Celsius, less is better. `grip`: grip strength in
    percent of the sound side, more is better. `css`: the CRPS severity score, how many of sixteen symptoms
    and signs are present, less is better. `shoulder-hand-score`: pain, swelling and passive motion of the
    arm, 0 to 14, less is better.
    """

    PAIN_DIARY = "pain-diary"
    TEMPERATURE = "temperature-difference"
    GRIP = "grip"
    CSS = "css"
    SHOULDER_HAND = "shoulder-hand-score"

    @property
    def row(self) -> VariableRow:
        """What is known about the variable."""
        return VARIABLES[self]


@dataclass(frozen=True)
class VariableRow:
    """What is known about an outcome variable whoever measures it.

    Arguments: its name in words; its unit; whether less is better; PARAMCD and PARAM of its ADaM data set;
    the size of its scale (infinite: open); whether a diary holds it daily, or an instrument reads it once a
    visit; what a responder has by some percent, None where no responder rule is made of it; and the
    parameters of the measurement table that scatter a reading, each with its words.
    """

    words: str
    unit: str
    less_is_better: bool
    code: str
    label: str
    span: float = math.inf
    daily: bool = False
    response: str | None = None
    scatter: tuple[tuple[str, str], ...] = ()


VARIABLES: dict[Variable, VariableRow] = {
    Variable.PAIN_DIARY: VariableRow(
        words="mean pain diary",
        unit="NRS points (0-10)",
        less_is_better=True,
        code="PAINAVG",
        label="Mean of the pain diary (NRS 0-10)",
        span=10.0,
        daily=True,
        response="less pain",
    ),
    Variable.TEMPERATURE: VariableRow(
        words="temperature difference of the limbs",
        unit="degrees Celsius",
        less_is_better=True,
        code="TEMPDIFF",
        label="Skin temperature difference of the limbs (deg C)",
        scatter=(("temperature_visit_sd", "scatter of a reading (deg C)"),),
    ),
    Variable.GRIP: VariableRow(
        words="grip strength",
        unit="percent of the sound side",
        less_is_better=False,
        code="GRIP",
        label="Grip strength (percent of the sound side)",
        scatter=(("grip_visit_sd", "scatter of a reading (share)"),),
    ),
    Variable.CSS: VariableRow(
        words="CRPS severity score",
        unit="items of 16",
        less_is_better=True,
        code="CSS",
        label="CRPS severity score (items of 16)",
        span=16.0,
        scatter=(
            ("item_visit_sd", "scatter of an item between visits (log)"),
            ("item_visit_shared_sd", "scatter of all items together between visits (log)"),
        ),
    ),
    Variable.SHOULDER_HAND: VariableRow(
        words="shoulder-hand score",
        unit="points of 14",
        less_is_better=True,
        code="SHSCORE",
        label="Shoulder-hand score (points of 14)",
        span=14.0,
        scatter=(("shoulder_hand_visit_sd", "scatter of a score (points)"),),
    ),
}
