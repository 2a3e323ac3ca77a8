"""Looks at people on the day of screening: studies that treat nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from calor.core.arrays import Numbers
from calor.core.provenance import sha256_of_data
from calor.core.streams import Stream
from calor.decision.bank.looks import Look
from calor.decision.bank.outlook import Outlook, outlook_of_people
from calor.decision.bank.spread import Places
from calor.population.assays import Assay, Laboratory
from calor.population.screening import Screened
from calor.study import Covariate
from calor.study.population import PopulationPart

TYPICAL_LOG_LEVEL = 3.0
"""Where log levels (pg/mL) are centred before they are multiplied with pain: about 20 pg/mL."""
TYPICAL_PAIN = 5.0


class Measure(StrEnum):
    """What a study without treatment measures.

    `blister-tnf`, `blister-il6`, `plasma-tnf`, `plasma-il6`: the level of a cytokine and how it goes with
    pain. `antibody-prevalence`: who has IgG and who IgM autoantibody above the assay's limit.
    `assay-comparison`: the same blister fluid by ELISA and by multiplex. `natural-history`: pain, untreated,
    from inclusion to a later week.
    """

    BLISTER_TNF = "blister-tnf"
    BLISTER_IL6 = "blister-il6"
    PLASMA_TNF = "plasma-tnf"
    PLASMA_IL6 = "plasma-il6"
    ANTIBODY_PREVALENCE = "antibody-prevalence"
    ASSAY_COMPARISON = "assay-comparison"
    NATURAL_HISTORY = "natural-history"

    @property
    def statistics(self) -> tuple[str, ...]:
        """What the study reports, in the order of its result."""
        return _STATISTICS[self]


_CYTOKINE = ("mean log level (pg/mL)", "mean of (log level - 3) (pain - 5)")
_STATISTICS: dict[Measure, tuple[str, ...]] = {
    Measure.BLISTER_TNF: _CYTOKINE,
    Measure.BLISTER_IL6: _CYTOKINE,
    Measure.PLASMA_TNF: _CYTOKINE,
    Measure.PLASMA_IL6: _CYTOKINE,
    Measure.ANTIBODY_PREVALENCE: ("share with IgG autoantibody", "share with IgM autoantibody"),
    Measure.ASSAY_COMPARISON: ("mean log ratio of TNF, multiplex to ELISA",),
    Measure.NATURAL_HISTORY: ("mean change of pain (NRS)", "mean square of the change"),
}


@dataclass(frozen=True)
class ScreeningLook(Look):
    """What a study sees of people on one day, untreated."""

    population: PopulationPart
    measure: Measure

    @property
    def key(self) -> str:
        """The hash of who is measured how."""
        return sha256_of_data([self.population.model_dump(mode="json"), str(self.measure)])

    def outlook(self, read: Sequence[Numbers], people: Screened, places: Places, stream: Stream) -> Outlook:
        """Return the statistics of the day and their spread for one person."""
        del read
        return outlook_of_people(np.stack(self._columns(people, stream), axis=-1)[None], places)

    def _columns(self, people: Screened, stream: Stream) -> list[Numbers]:
        true, values = people.history.at_screening, people.patients.values
        laboratory = Laboratory(true, values, people.patients.identifiers, stream.child("screening"))
        if self.measure is Measure.ANTIBODY_PREVALENCE:
            return [
                (~laboratory.autoantibody(isotype).below_limit).astype(np.float64)
                for isotype in ("igg", "igm")
            ]
        if self.measure is Measure.ASSAY_COMPARISON:
            plain, multiplex = (laboratory.blister("tnf", assay=assay).value for assay in Assay)
            return [np.log(multiplex / plain)]
        level = np.log(people.covariates[Covariate(str(self.measure))])
        return [level, (level - TYPICAL_LOG_LEVEL) * (people.pain - TYPICAL_PAIN)]
