"""The shoulder-hand score of 14 points, read from the true pain, swelling and guarding of a limb.

    score = 5 pain/10 + 3 min(oedema, 1) + 6 min(guarding, 1)

That it rates pain, swelling, passive abduction and passive external rotation is printed in the registry entry
NCT02574000; how many points each has (5, 3, 3 and 3) was not read and is assumed. Guarding, the fast part of
motor impairment, stands for both passive motions: a stiff and painful shoulder, not a trophic hand. The score
with equal thirds of pain, swelling and loss of grip is the alternative, shown in concepts/calibration.md.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.population.patients import Identifiers

NEEDED_OUTPUTS = ("pain_nrs", "oedema", "guarding")
"""The true outputs that the score rests on."""

PAIN_POINTS, OEDEMA_POINTS, MOTION_POINTS = 5.0, 3.0, 6.0
LARGEST = PAIN_POINTS + OEDEMA_POINTS + MOTION_POINTS


def shoulder_hand_score(pain_nrs: Numbers, oedema: Numbers, guarding: Numbers) -> Numbers:
    """Return the score without scatter (any shape), from pain (0 to 10) and shares of the other two."""
    return np.asarray(
        PAIN_POINTS * pain_nrs / 10
        + OEDEMA_POINTS * np.minimum(oedema, 1.0)
        + MOTION_POINTS * np.minimum(guarding, 1.0)
    )


def measured_shoulder_hand_score(
    outputs: Mapping[str, Numbers], values: Mapping[str, Numbers], identifiers: Identifiers, visit: Stream
) -> Numbers:
    """Return the score that an examiner gives at one visit, (n,), within its scale."""
    noise = visit.child("shoulder-hand").normals(identifiers, 1)[:, 0] * values["shoulder_hand_visit_sd"]
    true = shoulder_hand_score(*(outputs[name] for name in NEEDED_OUTPUTS))
    return np.clip(true + noise, 0.0, LARGEST)
