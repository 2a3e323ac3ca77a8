"""The treatments that a study names: drugs with parsed regimens, checked where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from calor.core.documents import Document, Key
from calor.core.errors import Problem, ReportedError
from calor.core.provenance import sha256_of_data, sha256_of_text
from calor.regimen import Regimen, parse_regimen
from calor.study.arms import Arm, Treatment
from calor.study.protocol import Protocol
from calor.study.study import Study
from calor.therapy.dosing import acknowledgements_for, calendar_of
from calor.therapy.drug import Drug
from calor.therapy.library import is_drug_file, load_drug

REFERENCE_WEIGHT = 70.0
"""Body weight in kg at which a regimen's dose units and routes are tried against the drug."""


@dataclass(frozen=True)
class ArmTreatment:
    """A drug and its regimen, as an arm gives it."""

    drug: Drug
    regimen: Regimen

    @property
    def dose_days(self) -> tuple[float, ...]:
        """The times of all doses, in days from the first day of the period."""
        return tuple(time for record in self.regimen.records for time in record.times_days)

    def until(self, time: float) -> ArmTreatment | None:
        """Return the treatment without the doses from a time on, or None where no dose is left."""
        kept = [time_of < time for time_of in self.dose_days]
        return self.taken(kept)

    def taken(self, kept: Sequence[bool]) -> ArmTreatment | None:
        """Return the treatment with some of its doses only, or None where no dose is left.

        Arguments: whether each dose is taken, in the order of `dose_days`.
        """
        doses = [
            replace(record, time_days=time, interval_days=0.0, additional=0)
            for record in self.regimen.records
            for time in record.times_days
        ]
        left = [dose for dose, taken in zip(doses, kept, strict=True) if taken]
        return ArmTreatment(self.drug, Regimen.of_records(left)) if left else None


def treatments_of(arm: Arm) -> tuple[ArmTreatment, ...]:
    """Return the drugs and regimens of an arm. Raises InputError for one that does not exist or fit."""
    return tuple(treatment_of(treatment) for treatment in arm.treatments)


def treatment_of(treatment: Treatment) -> ArmTreatment:
    """Return a drug and its regimen. Raises InputError for one that does not exist or fit."""
    drug = load_drug(treatment.drug)
    regimen = parse_regimen(treatment.regimen)
    calendar_of(regimen, drug, REFERENCE_WEIGHT)
    return ArmTreatment(drug, regimen)


def _named_treatments(study: Study) -> Iterator[tuple[Treatment, Key]]:
    """Yield every drug with its regimen that a study names, and where it stands."""
    for index, arm in enumerate(study.arms):
        for position, treatment in enumerate(arm.treatments):
            yield treatment, ("arms", index, "treatments", position)
    rescue = study.conduct.rescue if isinstance(study, Protocol) else None
    if rescue and rescue.treatment:
        yield rescue.treatment, ("conduct", "rescue")


def drug_files_of(study: Study) -> dict[str, str]:
    """Return the SHA-256 of each drug file that a study names, by its path."""
    names = (treatment.drug for treatment, _ in _named_treatments(study))
    return {name: sha256_of_text(Path(name).read_text("utf-8")) for name in names if is_drug_file(name)}


def sha256_of_study(study: Study) -> str:
    """Return the hash of what a study says; a drug file counts by what is in it, wherever it lies."""
    data, files = study.model_dump(mode="json"), drug_files_of(study)
    for treatment, key in _named_treatments(study):
        if treatment.drug in files:
            node: Any = data
            for part in key:
                node = node[part]
            node["drug"] = files[treatment.drug]
    return sha256_of_data(data)


def treatment_problems(study: Study, document: Document) -> Iterator[Problem]:
    """Yield what is wrong with a study's drugs, regimens and safety acknowledgements, at their lines."""
    needed: dict[str, str] = {}
    unread: set[str] = set()
    unusable = False
    for treatment, key in _named_treatments(study):
        if treatment.drug in unread:
            continue
        try:
            drug = load_drug(treatment.drug)
        except ReportedError as error:
            yield from placed(error, document, (*key, "drug"))
            unread.add(treatment.drug)
            continue
        try:
            regimen = parse_regimen(treatment.regimen)
            calendar_of(regimen, drug, REFERENCE_WEIGHT)
        except ReportedError as error:
            yield from placed(error, document, (*key, "regimen"))
            unusable = True
            continue
        needed |= {hazard.id: hazard.statement for hazard in acknowledgements_for(regimen, drug)}
    for hazard, statement in needed.items():
        if hazard not in study.acknowledge:
            yield document.problem(
                ("acknowledge",),
                f"does not name {hazard}: {statement}",
                allowed=", ".join(needed),
                hint=f"write acknowledge: [{', '.join(needed)}] once the trial provides for it",
            )
    if unread or unusable:
        return  # what cannot be read may be what asks for an acknowledgement
    for hazard in study.acknowledge:
        if hazard not in needed:
            yield document.problem(
                ("acknowledge",),
                f"names {hazard!r}, which no drug of the trial asks for",
                allowed=", ".join(needed) or "nothing",
            )


def placed(error: ReportedError, document: Document, key: Key) -> Iterator[Problem]:
    """Yield the problems of an error as problems of a key of the document.

    A problem that stands in another file (a drug of one's own) keeps its place there.
    """
    for problem in error.problems:
        what = f"{problem.place}: {problem.what}" if problem.place.file else problem.what
        yield document.problem(key, what, allowed=problem.allowed, hint=problem.hint)
