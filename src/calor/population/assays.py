"""Laboratory assays: cytokines in blister fluid and plasma, total IgG, and autoantibody titre.

    blister = scale(assay) * level * exp(limb + error),   limb-to-limb correlation < 1 by sampling
    plasma  = (baseline * person + spill * tissue) * exp(error)

A value below the limit of quantification is reported as the limit and flagged: it is known to lie below.
Different assays have different scales (A11), so their numbers must not be pooled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.population.patients import Identifiers

BLISTER_CYTOKINES = ("tnf", "il1b", "il6")
PLASMA_CYTOKINES = ("tnf", "il6")


class Assay(StrEnum):
    """How a cytokine is measured; a multiplex reads several times the number of an ELISA (A11)."""

    ELISA = "elisa"
    MULTIPLEX = "multiplex"


class Limb(StrEnum):
    """Which side the fluid comes from."""

    AFFECTED = "affected"
    SOUND = "sound"


@dataclass(frozen=True)
class Reading:
    """Results of one assay: the values (n,) in its unit, and which lie below the limit of quantification."""

    value: Numbers
    below_limit: NDArray[np.bool_]
    unit: str


class Laboratory:
    """Measures people's samples of one visit.

    Arguments: true outputs at the visit (n,); the people's parameters of disease and measurement (n,); their
    numbers; and the stream of the visit.
    """

    def __init__(
        self,
        outputs: Mapping[str, Numbers],
        values: Mapping[str, Numbers],
        identifiers: Identifiers,
        visit: Stream,
    ) -> None:
        self._outputs = outputs
        self._values = values
        self._identifiers = identifiers
        self._visit = visit

    def blister(self, cytokine: str, limb: Limb = Limb.AFFECTED, assay: Assay = Assay.ELISA) -> Reading:
        """Return a cytokine of `BLISTER_CYTOKINES` in blister fluid of one limb, in pg/mL of that assay.

        The sound limb has the person's level without the rise by innate activation.
        """
        level = self._outputs[f"{cytokine}_tissue"]
        if limb is Limb.SOUND:
            level = self._values[f"{cytokine}_baseline"] * self._values["cytokine_trait"]
        sampling = self._scores("blister sample", limb) * self._values["blister_sampling_sd"]
        error = self._scores("blister", cytokine, limb, assay) * self._values["cytokine_assay_sd"]
        scale = self._values["multiplex_scale"] if assay is Assay.MULTIPLEX else 1.0
        limit = self._values[f"{cytokine}_quantification_limit"]
        return _reading(scale * level * np.exp(sampling + error), scale * limit, "pg/mL")

    def plasma(self, cytokine: str) -> Reading:
        """Return a cytokine of `PLASMA_CYTOKINES` in plasma by ELISA, in pg/mL."""
        own = self._values[f"plasma_{cytokine}_baseline"] * self._values["plasma_cytokine_trait"]
        spilled = self._values["plasma_spill_share"] * self._outputs[f"{cytokine}_tissue"]
        error = self._scores("plasma", cytokine) * self._values["cytokine_assay_sd"]
        limit = self._values[f"{cytokine}_quantification_limit"]
        return _reading((own + spilled) * np.exp(error), limit, "pg/mL")

    def igg(self) -> Reading:
        """Return total IgG in plasma, in g/L."""
        error = self._scores("igg") * self._values["igg_assay_sd"]
        value = self._outputs["igg_concentration"] * np.exp(error)
        return _reading(value, np.zeros_like(value), "g/L")

    def autoantibody(self, isotype: str) -> Reading:
        """Return the titre of autoantibody of isotype `igg` or `igm`, relative to a full response."""
        name = {"igg": "autoantibody_igg_titre", "igm": "autoantibody_igm"}[isotype]
        error = self._scores("autoantibody", isotype) * self._values["titre_assay_sd"]
        return _reading(self._outputs[name] * np.exp(error), self._values["titre_quantification_limit"], "1")

    def _scores(self, *purpose: str) -> Numbers:
        return self._visit.child(*purpose).normals(self._identifiers, 1)[:, 0]


def _reading(value: Numbers, limit: Numbers, unit: str) -> Reading:
    below = value < limit
    return Reading(np.where(below, limit, value), np.asarray(below), unit)
