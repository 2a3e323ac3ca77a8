"""A regimen of a drug as calendars: what is added to, infused into or removed from which state, and when."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.engine.calendar import Action, Calendar, Calendars, infusion_length
from calor.regimen import DosingRecord, Regimen, Route
from calor.therapy.drug import Drug, RouteKinetics
from calor.therapy.signals import Acknowledgement
from calor.therapy.templates import ABSORPTIONS, DISPOSITIONS
from calor.therapy.units import convert

Amount = float | Numbers
"""A number, or one per patient (n,)."""

Entry = tuple[float, Action, str, Amount]


def dosing(regimen: Regimen, drug: Drug, weights: Sequence[float] | Numbers) -> Sequence[Calendar]:
    """Return what a regimen of a drug does to each patient's states.

    Arguments: the regimen, the drug, and the patients' body weights in kg. Amounts are in mg (IgG in g).
    Where a route has a depot, bioavailability stands in the equations, else it is applied here. An infusion
    is a rate switched on and off; a plasma exchange scales the states it removes. All patients have one
    calendar's times; where doses go by weight its values differ.
    Raises InputError for a route or unit that the drug does not have.
    """
    n = len(weights)
    if not any(record.per_kg for record in regimen.records):
        return Calendars.shared(calendar_of(regimen, drug, 70.0), n)
    entries = sorted(
        _entries(regimen, drug, np.asarray(weights, dtype=np.float64)), key=lambda entry: entry[0]
    )
    values = np.stack([np.broadcast_to(value, n) for *_, value in entries], axis=1)
    first = values[0] if n else np.zeros(len(entries))
    pattern = Calendar.of(*((*entry[:3], value) for entry, value in zip(entries, first, strict=True)))
    return Calendars(pattern, values, n)


def calendar_of(regimen: Regimen, drug: Drug, weight: float) -> Calendar:
    """Return the calendar of one patient; `weight` in kg."""
    entries = _entries(regimen, drug, weight)
    return Calendar.of(*((time, action, state, float(value)) for time, action, state, value in entries))


def _entries(regimen: Regimen, drug: Drug, weight: Amount) -> list[Entry]:
    """Return the entries of a regimen in the order of its records."""
    refuse_other_kind(regimen, drug)
    entries: list[Entry] = []
    for record in regimen.records:
        entries += _procedure(record, drug) if record.procedure else _doses(record, drug, weight)
    return entries


def route_of(record: DosingRecord, drug: Drug) -> Route:
    """Return the route of a dose: the one it says, or the drug's only one. Raises InputError."""
    routes = drug.pharmacokinetics.routes
    if record.route is None and len(routes) == 1:
        return next(iter(routes))
    if record.route not in routes:
        what = f"has no route {record.route}" if record.route else "can be given by several routes"
        raise InputError.of(
            f"{drug.id} {what}", allowed=", ".join(routes), hint=f"such as: 40 mg {next(iter(routes))} ..."
        )
    return record.route


def acknowledgements_for(regimen: Regimen, drug: Drug) -> tuple[Acknowledgement, ...]:
    """Return the hazards that a protocol with this regimen must acknowledge. Raises as `dosing` does."""
    routes = {route_of(record, drug) for record in regimen.records if not record.procedure}
    return tuple(
        hazard for hazard in drug.safety.acknowledgements if hazard.route is None or hazard.route in routes
    )


def amount_of(record: DosingRecord, weight: float) -> float:
    """Return the amount of one dose as written, in mg, for a body weight in kg."""
    return float(_amounts(record, weight))


def _amounts(record: DosingRecord, weight: Amount) -> Amount:
    return record.amount * record.unit.milligrams * (weight if record.per_kg else 1.0)


@dataclass(frozen=True)
class Arrival:
    """How each dose of a record arrives: how long after it is given and for how long, in days (0: at once);
    and the amount, in the state's unit, by state."""

    lag: float
    length: float
    amounts: Mapping[str, Amount]


def arrival_of(record: DosingRecord, drug: Drug, weight: Amount) -> Arrival:
    """Return how the doses of a record arrive; `weight` in kg. Raises as `dosing` does."""
    route = route_of(record, drug)
    kinetics = drug.pharmacokinetics.routes[route]
    entry = DISPOSITIONS[drug.pharmacokinetics.template].entry
    own = DISPOSITIONS[drug.pharmacokinetics.template].states
    amount = _amounts(record, weight)
    if kinetics.bioavailability is not None and not ABSORPTIONS[kinetics.template].states:
        amount = amount * convert(kinetics.bioavailability.value, kinetics.bioavailability.unit, "1")
    if own.get(entry, "g") == "g":
        amount = amount / 1000
    lag = convert(kinetics.lag.value, kinetics.lag.unit, "day") if kinetics.lag else 0.0
    into = f"{drug.prefix}_{entry}" if entry in own else entry
    parts = _targets(kinetics, f"{drug.prefix}_{route.replace(' ', '_')}", into)
    amounts = {target: amount * share for target, share in parts.items()}
    return Arrival(lag, _length(record, kinetics), amounts)


def remaining_after(record: DosingRecord, drug: Drug) -> tuple[tuple[str, float], ...]:
    """Return the states that a session of a procedure scales, each with the share that is left."""
    return tuple(
        (removal.state, math.exp(-removal.removal.value * record.amount)) for removal in drug.removals
    )


def refuse_other_kind(regimen: Regimen, drug: Drug) -> None:
    """Raise InputError where a drug is given as a procedure, or a procedure as a drug."""
    if any(record.procedure != drug.is_procedure for record in regimen.records):
        raise InputError.of(
            f"{drug.id} cannot be given as {regimen.text!r}",
            allowed="plasma volumes exchanged" if drug.is_procedure else "mg, g, ug, or these per kg",
        )


def _procedure(record: DosingRecord, drug: Drug) -> list[Entry]:
    """Return the scaling of every removed state at each session."""
    remaining = remaining_after(record, drug)
    return [(time, Action.SCALE, state, share) for time in record.times_days for state, share in remaining]


def _doses(record: DosingRecord, drug: Drug, weight: Amount) -> list[Entry]:
    arrival = arrival_of(record, drug, weight)
    entries: list[Entry] = []
    for time in record.times_days:
        start = time + arrival.lag
        lasting = infusion_length(start, arrival.length)
        for target, amount in arrival.amounts.items():
            if lasting:
                rate = amount / lasting
                entries += [
                    (start, Action.RATE, target, rate),
                    (start + lasting, Action.RATE, target, -rate),
                ]
            else:
                entries.append((start, Action.ADD, target, amount))
    return entries


def _targets(kinetics: RouteKinetics, prefix: str, entry: str) -> dict[str, float]:
    """Return the states into which a dose goes, with the share of each."""
    if kinetics.template == "two-rate-depot":
        number = kinetics.parameters["fast_share"]
        share = convert(number.value, number.unit, "1")
        return {f"{prefix}_fast": share, f"{prefix}_slow": 1 - share}
    if kinetics.template == "transit":
        return {f"{prefix}_transit_1": 1.0}
    states = ABSORPTIONS[kinetics.template].states
    return {f"{prefix}_{states[0]}" if states else entry: 1.0}


def _length(record: DosingRecord, kinetics: RouteKinetics) -> float:
    """Return how long a dose takes to arrive, in days; 0 where it arrives at once."""
    if kinetics.template == "zero-order":
        number = kinetics.parameters["absorption_time"]
        return convert(number.value, number.unit, "day")
    return record.duration_days
