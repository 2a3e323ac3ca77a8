"""Exposure to a drug: its concentration, or what it moves, in people at rest under a regimen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import CalorError, InputError
from calor.core.streams import Stream
from calor.engine import compile_kernel, load_sbml
from calor.engine.batch import Batch, Kernel, Options, Status, Summary
from calor.engine.calendar import Calendar
from calor.model.disease import load_disease
from calor.model.parameters import Parameter
from calor.regimen import Regimen
from calor.therapy.compose import compose
from calor.therapy.dosing import dosing
from calor.therapy.drug import Drug
from calor.therapy.equations import equations_of
from calor.therapy.resting import resting_person
from calor.therapy.templates import DISPOSITIONS

TIGHT = Options(rtol=1e-8, atol=1e-12, max_steps=5_000_000)
"""Exposure is compared with published numbers and closed forms, so it is solved more tightly than trials."""


@dataclass(frozen=True)
class Quantity:
    """Something to follow over time: its name, the model's symbol for it, and its unit."""

    name: str
    symbol: str
    unit: str


@dataclass(frozen=True)
class People:
    """People at rest: their weights (n,) in kg, own IgG (n,) in g/L, and numbers of the drug that differ.

    `values` is (n, len(names)).
    """

    weights: Numbers
    igg: Numbers
    names: tuple[str, ...]
    values: Numbers

    def __len__(self) -> int:
        return len(self.weights)


def quantity_of(drug: Drug, name: str) -> Quantity:
    """Return a quantity by its name.

    `concentration` (of IgG for immunoglobulin and procedures), `igg`, `autoantibody`, `cortisol`, another
    concentration or an engagement of the drug, or a slot. Raises InputError for any other name.
    """
    replaces_igg = DISPOSITIONS[drug.pharmacokinetics.template].entry in {"igg_plasma", ""}
    if name == "igg" or (name == "concentration" and replaces_igg):
        return Quantity(name, "igg_concentration", "g/L")
    if name == "autoantibody":
        return Quantity(name, "autoantibody_igg_titre", "arbitrary units")
    if name == "cortisol":
        return Quantity(name, "cortisol", "share of own normal")
    equations = equations_of(drug)
    own = {symbol: unit for symbol, (unit, _) in equations.quantities.items()} | dict(equations.states)
    symbol = f"{drug.prefix}_{name}"
    if symbol in own:
        return Quantity(name, symbol, "share" if own[symbol] == "1" else own[symbol])
    slots = {slot.name: slot.symbol for slot in load_disease().slots}
    if name in slots:
        return Quantity(name, slots[name], "multiple")
    known = [
        "concentration", "igg", "autoantibody", "cortisol", *drug.engagements, *equations.slot_factors,
    ]  # fmt: skip
    raise InputError.of(f"{drug.id} has no quantity {name!r}", allowed=", ".join(dict.fromkeys(known)))


def typical_person(weight: float = 70.0, typical: Mapping[str, float] | None = None) -> People:
    """Return one typical person of a body weight in kg.

    Arguments: the weight, and numbers of the drug by their names in the model that are not those of its file.
    """
    igg = load_disease().parameters["igg_baseline"].value
    own = typical or {}
    return People(np.array([weight]), np.array([igg]), tuple(own), np.array([list(own.values())]))


def varied_people(
    drug: Drug,
    count: int,
    stream: Stream,
    weight: float | None = None,
    typical: Mapping[str, float] | None = None,
) -> People:
    """Return people who differ as the drug's and the disease's numbers say.

    Arguments: the drug, how many, where their random numbers come from, a weight in kg that all share (None:
    weights differ too), and numbers of the drug around which they differ that are not those of its file.
    """
    own = dict(typical or {})
    table = load_disease().parameters
    rows = equations_of(drug).parameters.varying
    normals = stream.normals(count, len(rows) + 2)
    weights = (
        np.full(count, weight) if weight is not None else _lognormal(table["body_weight"], normals[:, 0])
    )
    values = {name: np.full(count, value) for name, value in own.items()}
    for index, row in enumerate(rows):
        middle = replace(row, value=own.get(row.identifier, row.value))
        values[row.identifier] = _lognormal(middle, normals[:, 2 + index])
    return People(
        weights,
        _lognormal(table["igg_baseline"], normals[:, 1]),
        tuple(values),
        np.stack(list(values.values()), axis=1) if values else np.zeros((count, 0)),
    )


def _lognormal(row: Parameter, normals: Numbers) -> Numbers:
    return row.value * np.exp(row.patient_sd * normals)


@cache
def _kernel_of(sbml: str) -> Kernel:
    return compile_kernel(load_sbml(sbml))


def simulate(
    drug: Drug,
    regimen: Regimen | None,
    people: People,
    quantities: Sequence[Quantity],
    times: Numbers,
    area_until: float | None = None,
) -> tuple[Numbers, Numbers]:
    """Return quantities over time, and areas under them.

    Arguments: the drug; its regimen (None: untreated); the people; what to follow; the times (n_times,) in
    days from study day 1, increasing; and until when areas run (None: none).
    Returns values (n_people, n_times, n_quantities) and areas (n_people, n_quantities or 0).
    Raises CalorError when a person cannot be solved.
    """
    disease = load_disease()
    resting = [
        resting_person(disease, weight, igg) for weight, igg in zip(people.weights, people.igg, strict=True)
    ]
    names = tuple(resting[0].parameters)
    states = tuple(resting[0].states)
    symbols = tuple(quantity.symbol for quantity in quantities)
    of_people = np.array([[person.parameters[name] for name in names] for person in resting])
    summaries = tuple(Summary("auc", symbol, 0.0, area_until) for symbol in symbols) if area_until else ()
    calendars = [Calendar.empty()] if regimen is None else dosing(regimen, drug, people.weights)
    batch = Batch(
        save_at=times,
        outputs=symbols,
        parameter_names=names + people.names,
        parameters=np.concatenate([of_people, people.values], axis=1),
        state_names=states,
        states=np.array([[person.states[name] for name in states] for person in resting]),
        calendars=calendars,
        summaries=summaries,
    )
    result = _kernel_of(compose(disease, [drug]).sbml).simulate(batch, TIGHT)
    for status in result.status:
        if status != Status.FINISHED:
            raise CalorError(f"the exposure to {drug.id} {Status(status).message}")
    return result.outputs, result.summaries
