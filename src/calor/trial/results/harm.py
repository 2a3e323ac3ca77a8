"""The harm of a trial: adverse events to expect in each arm, and the hazards that it provides for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calor.core.calendar_time import DAYS_PER_YEAR
from calor.study.treatments import REFERENCE_WEIGHT, ArmTreatment
from calor.therapy.course import treated_days, untapered_days
from calor.therapy.dosing import acknowledgements_for, amount_of
from calor.therapy.safety import ExpectedEvents, expected_events
from calor.trial.protocols.plan import Plan

TAPERED = "adrenal-suppression"
"""The hazard whose acknowledgement says that long courses are tapered."""


def expected_harm(
    plan: Plan, patients_by_arm: list[float], rescued_by_arm: list[float]
) -> list[tuple[ExpectedEvents, ...]]:
    """Return the events to expect in each arm, over the days on which each drug is given and at its dose.

    A rescue drug counts for those who take it, as if from the first day. Arguments: the plan, and how
    many patients each arm treats and how many of them take rescue.
    """
    rescue, until = plan.given.rescue, float(plan.assessments.endpoint.to_day)
    found = []
    for treatments, patients, rescued in zip(plan.given.by_arm, patients_by_arm, rescued_by_arm, strict=True):
        exposed = [(given, round(patients)) for given in treatments]
        if rescue is not None and round(rescued):
            exposed.append((rescue, round(rescued)))
        found.append(tuple(event for given, count in exposed for event in events_of(given, count, until)))
    return found


def events_of(given: ArmTreatment, patients: int, until: float) -> tuple[ExpectedEvents, ...]:
    """Return the events to expect in some patients over the days on which a drug is given, at its dose.

    Arguments: the drug with its regimen, how many patients, and the day until which they are followed.
    """
    return expected_events(given.drug, patients, _years(given, until), _daily_mg(given, until))


def _years(given: ArmTreatment, until: float) -> float:
    """Return the time that a drug is given for, until a day at most, in years."""
    return treated_days(given.regimen, until) / DAYS_PER_YEAR


def _daily_mg(given: ArmTreatment, until: float) -> float | None:
    """Return the mean daily dose in mg while a drug is given, until a day at most.

    None for a procedure, which has none, and where nothing is given by then.
    """
    days = treated_days(given.regimen, until)
    if given.drug.is_procedure or not days:
        return None
    return (
        sum(
            amount_of(record, REFERENCE_WEIGHT)
            for record in given.regimen.records
            for time in record.times_days
            if time < until
        )
        / days
    )


@dataclass(frozen=True)
class Acknowledged:
    """A hazard that a protocol provides for: the drugs that have it, what is said of it, and what of the
    protocol's own regimens contradicts that."""

    id: str
    drugs: tuple[str, ...]
    statement: str
    contradicted_by: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "hazard": self.id,
            "drugs": list(self.drugs),
            "statement": self.statement,
            "contradicted_by": list(self.contradicted_by),
        }


def acknowledged_hazards(plan: Plan) -> list[Acknowledged]:
    """Return each hazard that a trial acknowledges, held against its regimens."""
    by_hazard: dict[str, tuple[str, list[ArmTreatment]]] = {}
    for each in plan.given.everything:
        for hazard in acknowledgements_for(each.regimen, each.drug):
            by_hazard.setdefault(hazard.id, (hazard.statement, []))[1].append(each)
    return [
        Acknowledged(
            hazard,
            tuple(dict.fromkeys(each.drug.id for each in treatments)),
            statement,
            tuple(dict.fromkeys(_untapered(treatments))) if hazard == TAPERED else (),
        )
        for hazard, (statement, treatments) in by_hazard.items()
    ]


def _untapered(treatments: list[ArmTreatment]) -> list[str]:
    """Return the courses that end at once though they are longer than the acknowledgement allows."""
    return [
        f"{each.drug.id} is given for {days:g} days and ends without a taper ({each.regimen.text})"
        for each in treatments
        if (days := untapered_days(each.regimen)) is not None
    ]
