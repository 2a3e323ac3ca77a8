"""The harm of a trial: adverse events to expect in each arm, and the hazards that it provides for."""

from __future__ import annotations

from calor.core.calendar_time import DAYS_PER_YEAR
from calor.therapy.dosing import acknowledgements_for
from calor.therapy.safety import ExpectedEvents, expected_events
from calor.trial.protocol import Protocol
from calor.trial.treatments import rescue_of, treatments_of


def expected_harm(
    protocol: Protocol, patients_by_arm: list[float], rescued_by_arm: list[float]
) -> list[tuple[ExpectedEvents, ...]]:
    """Return the events to expect in each arm, over the days from the first dose to the endpoint's end.

    A rescue drug counts for those who take it, as if from the first day. Arguments: the protocol, and how
    many patients each arm treats and how many of them take rescue.
    """
    years = protocol.endpoint.to_day / DAYS_PER_YEAR
    rescue = rescue_of(protocol)
    found = []
    for arm, patients, rescued in zip(protocol.arms, patients_by_arm, rescued_by_arm, strict=True):
        exposed = [(given.drug, round(patients)) for given in treatments_of(arm)]
        if rescue is not None and round(rescued):
            exposed.append((rescue.drug, round(rescued)))
        found.append(tuple(event for drug, count in exposed for event in expected_events(drug, count, years)))
    return found


def acknowledged_hazards(protocol: Protocol) -> list[tuple[str, tuple[str, ...], str]]:
    """Return each hazard that the protocol acknowledges, with the drugs that have it and what it says."""
    rescue = rescue_of(protocol)
    given = [each for arm in protocol.arms for each in treatments_of(arm)]
    found: dict[str, tuple[dict[str, None], str]] = {}
    for each in (*given, *(() if rescue is None else (rescue,))):
        for hazard in acknowledgements_for(each.regimen, each.drug):
            found.setdefault(hazard.id, ({}, hazard.statement))[0][each.drug.id] = None
    return [(hazard, tuple(drugs), statement) for hazard, (drugs, statement) in found.items()]
