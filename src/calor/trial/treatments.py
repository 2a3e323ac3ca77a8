"""The treatments that a protocol names: drugs with parsed regimens, checked where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calor.core.documents import Document, Key
from calor.core.errors import Problem, ReportedError
from calor.regimen import Regimen, parse_regimen
from calor.therapy.dosing import calendar_of
from calor.therapy.drug import Drug
from calor.therapy.library import load_drug
from calor.trial.protocol import Arm, Protocol, Treatment

REFERENCE_WEIGHT = 70.0
"""Body weight in kg at which a regimen's dose units and routes are tried against the drug."""


@dataclass(frozen=True)
class ArmTreatment:
    """A drug and its regimen, as an arm gives it."""

    drug: Drug
    regimen: Regimen


def treatments_of(arm: Arm) -> tuple[ArmTreatment, ...]:
    """Return the drugs and regimens of an arm. Raises InputError for one that does not exist or fit."""
    return tuple(_treatment(treatment) for treatment in arm.treatments)


def _treatment(treatment: Treatment) -> ArmTreatment:
    drug = load_drug(treatment.drug)
    regimen = parse_regimen(treatment.regimen)
    calendar_of(regimen, drug, REFERENCE_WEIGHT)
    return ArmTreatment(drug, regimen)


def treatment_problems(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the protocol's drugs, regimens and safety acknowledgements, at their lines."""
    needed: dict[str, str] = {}
    for index, arm in enumerate(protocol.arms):
        for position, treatment in enumerate(arm.treatments):
            key: Key = ("arms", index, "treatments", position)
            try:
                drug = load_drug(treatment.drug)
            except ReportedError as error:
                yield from _placed(error, document, (*key, "drug"))
                continue
            try:
                calendar_of(parse_regimen(treatment.regimen), drug, REFERENCE_WEIGHT)
            except ReportedError as error:
                yield from _placed(error, document, (*key, "regimen"))
            needed |= {hazard.id: hazard.statement for hazard in drug.safety.acknowledgements}
    for hazard, statement in needed.items():
        if hazard not in protocol.acknowledge:
            yield document.problem(
                ("acknowledge",),
                f"does not name {hazard}: {statement}",
                allowed=", ".join(needed),
                hint=f"write acknowledge: [{', '.join(needed)}] once the trial provides for it",
            )
    for hazard in protocol.acknowledge:
        if hazard not in needed:
            yield document.problem(
                ("acknowledge",),
                f"names {hazard!r}, which no drug of the trial asks for",
                allowed=", ".join(needed) or "nothing",
            )


def _placed(error: ReportedError, document: Document, key: Key) -> Iterator[Problem]:
    """Yield the problems of an error as problems of a key of the document."""
    for problem in error.problems:
        yield document.problem(key, problem.what, allowed=problem.allowed, hint=problem.hint)
