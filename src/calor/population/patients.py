"""Virtual patients: what differs between people in one world.

A patient is a number; its normal scores are keyed by that number and the parameter's name, so the same
patient is the same person under every rival, arm and design.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.special import ndtr
from calor.core.streams import Stream
from calor.model.parameters import Parameter, ParameterTable, Variation

Identifiers = NDArray[np.int64]


@dataclass(frozen=True)
class Patients:
    """Virtual patients and everything that is fixed about them.

    Arguments: their numbers (n,), the draw (world) each lives in (n,), and their parameter values by name
    (n,), in the parameter's unit.
    """

    identifiers: Identifiers
    draws: Identifiers
    values: Mapping[str, Numbers]

    def __len__(self) -> int:
        return len(self.identifiers)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Patients:
        """Return some of the patients, by position or by a mask."""
        values = {name: column[rows] for name, column in self.values.items()}
        return Patients(self.identifiers[rows], self.draws[rows], values)

    @classmethod
    def joined(cls, parts: Sequence[Patients]) -> Patients:
        """Return the people of several parts in one."""
        return cls(
            np.concatenate([part.identifiers for part in parts]),
            np.concatenate([part.draws for part in parts]),
            {name: np.concatenate([part.values[name] for part in parts]) for name in parts[0].values},
        )

    def matrix(self, names: tuple[str, ...]) -> Numbers:
        """Return the values of some parameters as an array (n, n_names)."""
        return np.column_stack([self.values[name] for name in names])


def draw_patients(
    table: ParameterTable,
    worlds: Mapping[str, Numbers],
    stream: Stream,
    identifiers: Identifiers,
    draws: Identifiers,
) -> Patients:
    """Return virtual patients: each parameter varies around its value in the patient's world.

    Log-normal: v = m exp(s z). Normal: v = m + s z. Bernoulli: 1 with probability m, else 0.

    Arguments: the parameter table; population values (n_draws,) by parameter; the random stream of the
    study; patient numbers (n,), each a different person; and the position of each one's world (n,).
    """
    values = {
        parameter.identifier: _between_patients(
            parameter, worlds[parameter.identifier][draws], stream, identifiers
        )
        for parameter in table
    }
    return Patients(identifiers, draws, values)


def _between_patients(
    parameter: Parameter, middle: Numbers, stream: Stream, identifiers: Identifiers
) -> Numbers:
    if parameter.variation is Variation.NONE:
        return middle
    scores = stream.child("patient", parameter.identifier).normals(identifiers, 1)[:, 0]
    if parameter.variation is Variation.LOGNORMAL:
        return np.asarray(middle * np.exp(parameter.patient_sd * scores))
    if parameter.variation is Variation.NORMAL:
        return np.asarray(middle + parameter.patient_sd * scores)
    return np.asarray(ndtr(scores) < middle, dtype=np.float64)
