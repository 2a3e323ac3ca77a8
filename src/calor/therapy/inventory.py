"""Every number of a drug, wherever it stands in the file, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator

from calor.core.provenance import NumberStatus
from calor.therapy.drug import Drug
from calor.therapy.numbers import Number


def numbers_of(drug: Drug) -> Iterator[tuple[str, Number]]:
    """Yield every number of a drug with the place where it stands, in the order of the file."""
    kinetics = drug.pharmacokinetics
    yield from kinetics.parameters.items()
    if kinetics.weight is not None:
        yield "reference weight", kinetics.weight.reference
        yield "exponent of weight on clearances", kinetics.weight.clearance
        yield "exponent of weight on volumes", kinetics.weight.volume
    for route, arrival in kinetics.routes.items():
        if arrival.bioavailability is not None:
            yield f"{route}: bioavailability", arrival.bioavailability
        if arrival.lag is not None:
            yield f"{route}: lag", arrival.lag
        for name, number in arrival.parameters.items():
            yield f"{route}: {name}", number
    for removal in drug.removals:
        yield f"removal of {removal.state} per plasma volume", removal.removal
    for name, engagement in drug.engagements.items():
        for part in ("potency", "access", "hill", "half_time"):
            number = getattr(engagement, part)
            if number is not None:
                yield f"{name}: {part.replace('_', '-')}", number
    for action in drug.actions:
        yield f"{action.mode} {action.slot} by {action.engagement}, at most", action.maximum


def share_of_status(drug: Drug) -> dict[str, float]:
    """Return the share of a drug's numbers that have each status."""
    numbers = [number for _, number in numbers_of(drug)]
    return {
        str(status): sum(number.status is status for number in numbers) / max(len(numbers), 1)
        for status in NumberStatus
    }
