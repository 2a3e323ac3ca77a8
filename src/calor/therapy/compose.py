"""One model of the disease and the drugs of an arm, as Antimony and SBML.

Several drugs on one slot multiply; a slot without a drug stays 1; a drug without exposure changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from calor.core.errors import UnsupportedError
from calor.model.disease import Disease
from calor.model.parameters import Parameter, ParameterTable
from calor.model.sbml import sbml_of
from calor.therapy.drug import Drug
from calor.therapy.equations import DrugEquations, equations_of
from calor.therapy.templates import DISEASE_DRIVERS, DISPOSITIONS

ANTIMONY_UNITS = {
    "mg": "mg",
    "g": "gram",
    "kg": "kilogram",
    "L": "litre",
    "L/day": "litre_per_day",
    "L/mg": "litre_per_mg",
    "1/day": "per_day",
    "mg/L": "mg_per_litre",
    "g/L": "gram_per_litre",
    "day": "day",
    "1": "dimensionless",
}
"""The model's name of each unit of a drug's equations."""


@dataclass(frozen=True)
class Composed:
    """The disease with the drugs of one arm.

    Arguments: the Antimony text, the drugs, and the numbers of the drugs (the disease's own stand in its
    parameter table).
    """

    antimony: str
    drugs: tuple[Drug, ...]
    parameters: ParameterTable

    @cached_property
    def sbml(self) -> str:
        """The model as SBML Level 3 Version 2."""
        return sbml_of(self.antimony)

    @property
    def varying(self) -> tuple[Parameter, ...]:
        """The numbers of the drugs that differ between patients."""
        return self.parameters.varying


def compose(disease: Disease, drugs: Sequence[Drug]) -> Composed:
    """Return the disease with drugs acting on its slots.

    Arguments: the disease, and checked drugs (in any order; the model is the same). Raises UnsupportedError
    when a drug is given twice.
    """
    ordered = sorted(drugs, key=lambda drug: drug.id)
    for first, second in pairwise(ordered):
        if first.id == second.id:
            raise UnsupportedError.of(
                f"{first.id} stands twice among the drugs of an arm",
                hint="join its doses into one regimen",
            )
    equations = [equations_of(drug) for drug in ordered]
    factors: dict[str, list[str]] = {}
    inflows: dict[str, list[str]] = {}
    for each in equations:
        for slot, quantity in each.slot_factors.items():
            factors.setdefault(slot, []).append(quantity)
        for state, term in each.inflows.items():
            inflows.setdefault(state, []).append(term)
    text = disease.antimony(
        {slot: "*".join(quantities) for slot, quantities in factors.items()},
        "\n".join(line for drug, each in zip(ordered, equations, strict=True) for line in _lines(drug, each)),
        {state: " + ".join(terms) for state, terms in inflows.items()},
    )
    rows = tuple(row for each in equations for row in each.parameters)
    return Composed(text, tuple(ordered), ParameterTable(rows))


def antimony_of(drug: Drug) -> str:
    """Return a drug alone as Antimony, to be read or simulated by itself.

    What it reads of the disease (body weight, the excess of IgG) stands in it as a constant. Raises
    UnsupportedError for immunoglobulin and procedures, which act on states of the disease.
    """
    from calor.model.disease import load_disease

    entry = DISPOSITIONS[drug.pharmacokinetics.template].entry
    if entry not in DISPOSITIONS[drug.pharmacokinetics.template].states:
        raise UnsupportedError.of(
            f"{drug.id} acts on states of the disease and has no model of its own",
            hint="compose it with the disease",
        )
    units = load_disease().units.rstrip("\n")
    lines = [f"model {drug.prefix}", "  body_weight = 70", *_lines(drug, equations_of(drug)), units]
    lines += ["  body_weight has kilogram"]
    for driver, unit in DISEASE_DRIVERS.items():
        lines += [f"  {driver} = 0", f"  {driver} has {ANTIMONY_UNITS[unit]}"]
    return "\n".join([*lines, "end"]) + "\n"


def _lines(drug: Drug, equations: DrugEquations) -> list[str]:
    """Return the Antimony lines of a drug's equations."""
    lines = ["", f"  // ---- {drug.name}: {DISPOSITIONS[drug.pharmacokinetics.template].describes}"]
    lines += [f"  {row.identifier} = {row.value!r}" for row in equations.parameters]
    lines += [f"  {name} := {formula}" for name, (_, formula) in equations.quantities.items()]
    for state, rate in equations.rates.items():
        lines += [f"  {state} = 0", f"  {state}' = {rate}"]
    units = {row.identifier: row.unit for row in equations.parameters}
    units |= {name: unit for name, (unit, _) in equations.quantities.items()}
    units |= dict(equations.states)
    return lines + [f"  {name} has {ANTIMONY_UNITS[unit]}" for name, unit in units.items()]
