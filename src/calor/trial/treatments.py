"""The treatments that a protocol names: drugs with parsed regimens, checked where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from calor.core.documents import Document, Key
from calor.core.errors import Problem, ReportedError, UnsupportedError
from calor.core.provenance import sha256_of_data, sha256_of_text
from calor.regimen import Regimen, parse_regimen
from calor.study import Arm, Protocol, Treatment
from calor.therapy.dosing import acknowledgements_for, calendar_of
from calor.therapy.drug import Drug
from calor.therapy.library import is_drug_file, load_drug

MOST_BRANCHES = 12
"""Days on which the treatment can be stopped; each needs its own course of every patient."""

MOST_COURSES = 200
"""Courses of every patient that a bank holds: sequences, by days of stopping, by days of rescue."""

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


def stop_days_of(protocol: Protocol) -> tuple[int, ...]:
    """Return the study days from which on a patient who stops takes no further dose, rising.

    These are the visits, or without visits the days on which doses are due, as far as doses are still to
    come. Empty where the protocol has no stopping. Raises UnsupportedError where there are too many.
    """
    if protocol.conduct.stopping is None:
        return ()
    due = sorted(
        {
            int(start + time) + 1
            for start in protocol.period_starts
            for arm in protocol.arms
            for given in treatments_of(arm)
            for time in given.dose_days
        }
    )
    days = [day for day in protocol.visits or due[1:] if due and day <= due[-1]]
    if len(days) > MOST_BRANCHES:
        raise UnsupportedError.of(
            f"stopping on any of {len(days)} days of dosing is not supported",
            key="conduct.stopping",
            allowed=f"at most {MOST_BRANCHES} days",
            hint="list visits: [...]; patients then stop at visits",
        )
    return tuple(days)


def rescue_of(protocol: Protocol) -> ArmTreatment | None:
    """Return the rescue drug with its regimen, or None where rescue is no drug of the library."""
    rescue = protocol.conduct.rescue
    treatment = rescue.treatment if rescue else None
    return treatment_of(treatment) if treatment else None


def rescue_days_of(protocol: Protocol) -> tuple[int, ...]:
    """Return the study days on which a rescue drug can start: the visits before the last one.

    Raises UnsupportedError where, with the days of stopping, the bank would need too many courses.
    """
    days = protocol.visits[:-1] if rescue_of(protocol) else ()
    courses = len(protocol.sequences) * (1 + len(stop_days_of(protocol))) * (1 + len(days))
    if courses > MOST_COURSES:
        raise UnsupportedError.of(
            f"{courses} courses of each patient (arms, by days of stopping and of rescue) are not supported",
            key="visits",
            allowed=f"at most {MOST_COURSES} courses",
            hint="plan fewer visits, or leave out stopping",
        )
    return days


def _named_treatments(protocol: Protocol) -> Iterator[tuple[Treatment, Key]]:
    """Yield every drug with its regimen that a protocol names, and where it stands."""
    for index, arm in enumerate(protocol.arms):
        for position, treatment in enumerate(arm.treatments):
            yield treatment, ("arms", index, "treatments", position)
    rescue = protocol.conduct.rescue
    if rescue and rescue.treatment:
        yield rescue.treatment, ("conduct", "rescue")


def drug_files_of(protocol: Protocol) -> dict[str, str]:
    """Return the SHA-256 of each drug file that a protocol names, by its path."""
    names = (treatment.drug for treatment, _ in _named_treatments(protocol))
    return {name: sha256_of_text(Path(name).read_text("utf-8")) for name in names if is_drug_file(name)}


def sha256_of_protocol(protocol: Protocol) -> str:
    """Return the hash of what a protocol says; a drug file counts by what is in it, wherever it lies."""
    data, files = protocol.model_dump(mode="json"), drug_files_of(protocol)
    for treatment, key in _named_treatments(protocol):
        if treatment.drug in files:
            node: Any = data
            for part in key:
                node = node[part]
            node["drug"] = files[treatment.drug]
    return sha256_of_data(data)


def treatment_problems(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the protocol's drugs, regimens and safety acknowledgements, at their lines."""
    needed: dict[str, str] = {}
    unread: set[str] = set()
    unusable = False
    for treatment, key in _named_treatments(protocol):
        if treatment.drug in unread:
            continue
        try:
            drug = load_drug(treatment.drug)
        except ReportedError as error:
            yield from _placed(error, document, (*key, "drug"))
            unread.add(treatment.drug)
            continue
        try:
            regimen = parse_regimen(treatment.regimen)
            calendar_of(regimen, drug, REFERENCE_WEIGHT)
        except ReportedError as error:
            yield from _placed(error, document, (*key, "regimen"))
            unusable = True
            continue
        needed |= {hazard.id: hazard.statement for hazard in acknowledgements_for(regimen, drug)}
    for hazard, statement in needed.items():
        if hazard not in protocol.acknowledge:
            yield document.problem(
                ("acknowledge",),
                f"does not name {hazard}: {statement}",
                allowed=", ".join(needed),
                hint=f"write acknowledge: [{', '.join(needed)}] once the trial provides for it",
            )
    if unread or unusable:
        return  # what cannot be read may be what asks for an acknowledgement
    for hazard in protocol.acknowledge:
        if hazard not in needed:
            yield document.problem(
                ("acknowledge",),
                f"names {hazard!r}, which no drug of the trial asks for",
                allowed=", ".join(needed) or "nothing",
            )


def branch_problems(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield what the protocol asks to branch into more courses than a bank can hold, at its line."""
    try:
        rescue_days_of(protocol)
    except UnsupportedError as error:
        key = ("conduct", "stopping") if protocol.conduct.stopping and not protocol.visits else ("visits",)
        yield from _placed(error, document, key)


def _placed(error: ReportedError, document: Document, key: Key) -> Iterator[Problem]:
    """Yield the problems of an error as problems of a key of the document.

    A problem that stands in another file (a drug of one's own) keeps its place there.
    """
    for problem in error.problems:
        what = f"{problem.place}: {problem.what}" if problem.place.file else problem.what
        yield document.problem(key, what, allowed=problem.allowed, hint=problem.hint)
