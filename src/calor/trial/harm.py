"""The adverse events to expect in each arm of a trial."""

from __future__ import annotations

from calor.core.calendar_time import DAYS_PER_YEAR
from calor.therapy.safety import ExpectedEvents, expected_events
from calor.trial.protocol import Protocol
from calor.trial.treatments import treatments_of


def expected_harm(protocol: Protocol, patients_by_arm: list[float]) -> list[tuple[ExpectedEvents, ...]]:
    """Return the events to expect in each arm, over the days from the first dose to the endpoint's end.

    Arguments: the protocol, and the number of patients that each arm treats.
    """
    years = protocol.endpoint.to_day / DAYS_PER_YEAR
    return [
        tuple(
            event
            for treatment in treatments_of(arm)
            for event in expected_events(treatment.drug, round(patients), years)
        )
        for arm, patients in zip(protocol.arms, patients_by_arm, strict=True)
    ]
