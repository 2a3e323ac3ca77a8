"""What is asked: a kind of patient, up to three treatments, and for how long they are followed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from calor.core.errors import InputError, UnsupportedError
from calor.population.traits import Traits
from calor.study.arms import Treatment
from calor.study.treatments import ArmTreatment, treatment_of
from calor.therapy.library import is_drug_file, load_drug

PEOPLE, SEED = 400, 1
"""How many virtual people answer, and the seed of every number."""
MOST_TREATMENTS = 3
WEEKS = (12, 26, 52)
"""For how many weeks people may be followed."""


@dataclass(frozen=True)
class Question:
    """What is asked. Arguments: the kind of patient; the treatments; for how many weeks."""

    traits: Traits
    treatments: tuple[ArmTreatment, ...]
    weeks: int

    def command(self, treatment: ArmTreatment | None) -> str:
        """Return the command that follows the same people under a treatment, or untreated."""
        traits = self.traits
        words = ["calor", "patient", "--duration-months", f"{traits.duration_months:g}"]
        for option, value in (
            ("--phenotype", traits.phenotype),
            ("--cytokines", traits.cytokines),
            ("--antibody", None if traits.antibody is None else "yes" if traits.antibody else "no"),
            ("--pain-at-least", None if traits.pain_at_least is None else f"{traits.pain_at_least:g}"),
        ):
            if value is not None:
                words += [option, str(value)]
        words += ["--cohort", str(PEOPLE), "--days", str(7 * self.weeks), "--seed", str(SEED)]
        if treatment is not None:
            words += ["--drug", treatment.drug.id, "--regimen", treatment.regimen.text]
        return shlex.join(words)


def treatments_of(drugs: Sequence[str], regimens: Sequence[str]) -> tuple[ArmTreatment, ...]:
    """Return the treatments of names of drugs with their regimens; where both are empty there is none.

    Raises InputError for a drug or regimen that cannot be read, one without the other, or too many, and
    UnsupportedError for a drug file: files are read by the command line alone.
    """
    if len(drugs) != len(regimens):
        raise InputError.of(
            f"{len(drugs)} drugs and {len(regimens)} regimens",
            key="drug",
            allowed="one regimen for each drug",
        )
    pairs = [(drug.strip(), regimen.strip()) for drug, regimen in zip(drugs, regimens, strict=True)]
    given = tuple(_treatment(drug, regimen) for drug, regimen in pairs if drug or regimen)
    if len(given) > MOST_TREATMENTS:
        raise UnsupportedError.of(
            f"{len(given)} treatments are asked for", key="drug", allowed=f"up to {MOST_TREATMENTS}"
        )
    return given


def _treatment(drug: str, regimen: str) -> ArmTreatment:
    if not drug:
        raise InputError.of(f"the regimen {regimen!r} has no drug", key="drug", hint="choose a drug")
    if is_drug_file(drug):
        raise UnsupportedError.of(
            f"{drug!r} is a file, and drugs of one's own are read by the command line alone",
            key="drug",
            hint="calor patient --drug FILE",
        )
    if not regimen:
        usual = load_drug(drug).regimens[0]
        raise InputError.of(
            f"{drug} has no regimen", key="regimen", hint=f"as {usual.regimen} ({usual.indication})"
        )
    return treatment_of(Treatment(drug=drug, regimen=regimen))
