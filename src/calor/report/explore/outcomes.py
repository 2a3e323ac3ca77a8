"""The six outcomes, and how a change of each within the same person is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers


@dataclass(frozen=True)
class Outcome:
    """An outcome.

    Arguments: the output of the model behind it; its name and unit; by what factor the output is multiplied;
    whether its size matters and not its sign; whether a change is a ratio, and whether more of it is better.
    """

    output: str
    name: str
    unit: str
    factor: float = 1.0
    of_size: bool = False
    as_ratio: bool = False
    more_is_better: bool = False

    def level(self, outputs: Mapping[str, Numbers]) -> Numbers:
        """Return the outcome of true outputs, (n, n_times)."""
        values = self.factor * outputs[self.output]
        return np.abs(values) if self.of_size else values

    def change(self, treated: Mapping[str, Numbers], untreated: Mapping[str, Numbers]) -> Numbers:
        """Return what a treatment changes within the same person, (n, n_times): a difference or a ratio."""
        if self.as_ratio:
            return np.asarray(self.level(treated) / self.level(untreated))
        return self.level(treated) - self.level(untreated)

    @property
    def no_change(self) -> float:
        """The change that is none."""
        return 1.0 if self.as_ratio else 0.0


PAIN = Outcome(output="pain_nrs", name="Pain", unit="points of 0 to 10")
OUTCOMES = (
    PAIN,
    Outcome(
        output="temperature_difference",
        name="Temperature difference of the limbs",
        unit="°C, either way",
        of_size=True,
    ),
    Outcome(output="oedema", name="Swelling", unit="model units"),
    Outcome(
        output="grip_share",
        name="Grip strength",
        unit="% of the sound side",
        factor=100.0,
        more_is_better=True,
    ),
    Outcome(output="tnf_tissue", name="TNF in the limb", unit="times", as_ratio=True),
    Outcome(output="il6_tissue", name="IL-6 in the limb", unit="times", as_ratio=True),
)
NEEDED = tuple(outcome.output for outcome in OUTCOMES)
