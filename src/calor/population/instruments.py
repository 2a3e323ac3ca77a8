"""Instruments of a clinic visit: skin temperature, volume of the limb, grip.

Each reads a true output with the scatter of one visit; a reading is keyed by the visit and the person.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.population.patients import Identifiers


def measured_temperature(
    outputs: Mapping[str, Numbers], values: Mapping[str, Numbers], identifiers: Identifiers, visit: Stream
) -> Numbers:
    """Return the measured temperature of the affected minus the sound side, (n,), in deg C.

    A single reading scatters widely within a day (D08).
    """
    noise = visit.child("temperature").normals(identifiers, 1)[:, 0] * values["temperature_visit_sd"]
    return np.asarray(outputs["temperature_difference"] + noise)


def measured_volume(
    outputs: Mapping[str, Numbers], values: Mapping[str, Numbers], identifiers: Identifiers, visit: Stream
) -> Numbers:
    """Return the volume of the affected limb above the sound one, (n,), in percent of the sound side.

    excess = oedema * volume at full oedema + scatter; it may be below zero, as a thinner limb is.
    """
    noise = visit.child("volume").normals(identifiers, 1)[:, 0] * values["volume_visit_sd"]
    return np.asarray(outputs["oedema"] * values["oedema_full_volume"] + noise)


def measured_grip(
    outputs: Mapping[str, Numbers], values: Mapping[str, Numbers], identifiers: Identifiers, visit: Stream
) -> Numbers:
    """Return grip strength as a share of the sound side, (n,), with proportional scatter."""
    scores = visit.child("grip").normals(identifiers, 1)[:, 0]
    return np.asarray(outputs["grip_share"] * np.exp(scores * values["grip_visit_sd"]))
