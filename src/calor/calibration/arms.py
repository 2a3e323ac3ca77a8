"""The arms of the fitted studies: their drugs composed with the disease, compiled once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calor.calibration.studies import FittedStudies
from calor.engine.batch import Kernel
from calor.engine.symbolic.system import System
from calor.model.disease import Disease
from calor.model.parameters import ParameterTable
from calor.population.treated_models import Drugs, TreatedModels
from calor.study.treatments import ArmTreatment, treatments_of
from calor.therapy.library import load_drug


@dataclass(frozen=True)
class Arms:
    """Everything the fitted studies give to their patients.

    Arguments: the kernel for each set of drugs; the parameters of disease, measurement and all these drugs;
    and the systems of equations and the texts of the models, by set of drugs.
    """

    kernels: Mapping[Drugs, Kernel]
    table: ParameterTable
    systems: Mapping[Drugs, System]
    texts: Mapping[Drugs, str]

    def kernel(self, given: tuple[ArmTreatment, ...]) -> Kernel:
        """Return the kernel of an arm."""
        return self.kernels[drugs_of(given)]


def drugs_of(given: tuple[ArmTreatment, ...]) -> Drugs:
    """Return the drugs of an arm."""
    return tuple(sorted({each.drug.id for each in given}))


def prepare_arms(studies: FittedStudies, disease: Disease) -> Arms:
    """Compile the model of every arm of the studies, and the untreated one."""
    wanted = {drugs_of(treatments_of(arm)) for study in studies.studies for arm in study.arms} | {()}
    models = TreatedModels(disease)
    for drugs in sorted(wanted):
        models.kernel(load_drug(drug) for drug in drugs)
    return Arms(models.kernels, models.table, models.systems, models.texts)
