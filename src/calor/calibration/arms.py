"""The arms of the fitted studies: their drugs composed with the disease, compiled once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calor.calibration.studies import FittedStudies
from calor.engine.batch import Kernel
from calor.engine.calendar import Calendar, Calendars, in_turn
from calor.engine.symbolic.system import System
from calor.model.disease import Disease
from calor.model.parameters import ParameterTable
from calor.population.patients import Numbers
from calor.population.treated_models import Drugs, TreatedModels
from calor.regimen import parse_regimen
from calor.study.arms import Treatment
from calor.therapy.dosing import dosing
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

    def kernel(self, given: tuple[Treatment, ...]) -> Kernel:
        """Return the kernel of an arm."""
        return self.kernels[drugs_of(given)]


def drugs_of(given: tuple[Treatment, ...]) -> Drugs:
    """Return the drugs of an arm."""
    return tuple(sorted({each.drug for each in given}))


def prepare_arms(studies: FittedStudies, disease: Disease) -> Arms:
    """Compile the model of every arm of the studies, and the untreated one."""
    wanted = {drugs_of(arm.treatments) for study in studies.studies for arm in study.arms} | {()}
    models = TreatedModels(disease)
    for drugs in sorted(wanted):
        models.kernel(load_drug(drug) for drug in drugs)
    return Arms(models.kernels, models.table, models.systems, models.texts)


def calendars_of(given: tuple[Treatment, ...], weights: Numbers) -> Sequence[Calendar]:
    """Return what an arm gives to each patient; weights in kg (n,)."""
    calendars: Sequence[Calendar] = Calendars.shared(Calendar.empty(), len(weights))
    for each in given:
        doses = dosing(parse_regimen(each.regimen), load_drug(each.drug), weights)
        calendars = in_turn(calendars, doses)
    return calendars
