"""The disease composed with drugs: one compiled model for each set of drugs, and all their parameters."""

from __future__ import annotations

from collections.abc import Iterable

from calor.engine import compile_persistent_kernel
from calor.engine.batch import Kernel
from calor.engine.symbolic.system import System
from calor.model.disease import Disease
from calor.model.parameters import ParameterTable
from calor.population.measurement import load_measurement
from calor.therapy.compose import compose
from calor.therapy.drug import Drug

Drugs = tuple[str, ...]
"""The drugs of a model, by id and sorted; empty for the untreated disease."""


class TreatedModels:
    """Compiles a model when a set of drugs is first asked for, and keeps it.

    `kernels`, `systems` (their equations) and `texts` (Antimony) are by set of drugs.
    """

    def __init__(self, disease: Disease) -> None:
        self._disease = disease
        self._rows = {
            row.identifier: row for table in (disease.parameters, load_measurement()) for row in table
        }
        self.kernels: dict[Drugs, Kernel] = {}
        self.systems: dict[Drugs, System] = {}
        self.texts: dict[Drugs, str] = {}

    def kernel(self, drugs: Iterable[Drug]) -> Kernel:
        """Return the kernel of the disease with some drugs; a drug that stands twice counts once."""
        by_id = {drug.id: drug for drug in drugs}
        needed = tuple(sorted(by_id))
        if needed not in self.kernels:
            from calor.engine.importers.sbml import system_of  # libSBML takes long to load

            composed = compose(self._disease, [by_id[name] for name in needed])
            self._rows |= {row.identifier: row for row in composed.parameters}
            self.texts[needed] = composed.antimony
            self.systems[needed] = system_of(composed.sbml)
            self.kernels[needed] = compile_persistent_kernel(self.systems[needed])
        return self.kernels[needed]

    def text(self, drugs: Iterable[Drug]) -> str:
        """Return the text (Antimony) of the disease with some drugs, whose kernel was asked for."""
        return self.texts[tuple(sorted({drug.id for drug in drugs}))]

    @property
    def table(self) -> ParameterTable:
        """The parameters of disease, measurement and every drug asked for so far."""
        return ParameterTable(tuple(self._rows.values()))
