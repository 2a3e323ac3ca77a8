"""The disease model as JSON documents: what it consists of, its numbers, its states."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from calor.core.errors import InputError
from calor.model.causal import CausalGraph
from calor.model.disease import Disease, Variable, load_disease
from calor.model.parameters import NO_GRADE, Parameter, Variation
from calor.model.rivals import load_rivals
from calor.model.units import sign_of
from calor.population.measurement import load_measurement


def summary_of(disease: Disease) -> dict[str, Any]:
    """Return what the model consists of as a JSON document."""
    modules = dict.fromkeys(
        [variable.module for variable in disease.variables] + [row.module for row in disease.parameters]
    )
    return {
        "model": "disease",
        "model_sha256": disease.sha256,
        "modules": [
            {
                "name": name,
                "states": [state.identifier for state in disease.states if state.module == name],
                "quantities": sum(variable.module == name for variable in disease.variables),
                "parameters": sum(row.module == name for row in disease.parameters),
            }
            for name in modules
        ],
        "states": len(disease.states),
        "quantities": len(disease.variables),
        "parameters": len(disease.parameters),
        "uncertain": len(disease.parameters.uncertain),
        "varying_between_patients": len(disease.parameters.varying),
        "slots": len(disease.slots),
        "rivals": [rival.name for rival in load_rivals()],
        "share_by_status": disease.parameters.share_of_status(),
    }


def all_parameters() -> tuple[Parameter, ...]:
    """Return the numbers of the disease, then those of measurement."""
    return (*load_disease().parameters, *load_measurement())


def selected(module: str | None, status: str | None, grade: str | None) -> list[Parameter]:
    """Return the numbers that fit. Raises InputError for a word that no number has."""
    rows = all_parameters()
    for option, wanted, known in (
        ("--module", module, [row.module for row in rows]),
        ("--status", status, ["measured", "derived", "calibrated", "assumed"]),
        ("--grade", grade, ["verified", "secondary", NO_GRADE]),
    ):
        if wanted is not None and wanted not in known:
            raise InputError.of(f"is {wanted!r}", key=option, allowed=", ".join(dict.fromkeys(known)))
    return [
        row
        for row in rows
        if module in (None, row.module)
        and status in (None, str(row.status))
        and grade in (None, row.grade or NO_GRADE)
    ]


def prior_in_words(row: Parameter) -> str:
    """Return the 95 % prior interval in short, or that the number is fixed."""
    if row.prior_interval is None:
        return "fixed"
    lower, upper = row.prior_interval
    return f"{lower:.2g} - {upper:.2g}"


def patients_in_words(row: Parameter) -> str:
    """Return how a number differs between patients, in short."""
    if row.variation is Variation.NONE:
        return ""
    if row.variation is Variation.BERNOULLI:
        return "yes/no"
    return f"log-SD {row.patient_sd:g}" if row.variation is Variation.LOGNORMAL else f"SD {row.patient_sd:g}"


def parameter_named(identifier: str) -> Parameter:
    """Return the number of an identifier. Raises InputError with the nearest ones."""
    rows = {row.identifier: row for row in all_parameters()}
    if identifier not in rows:
        near = get_close_matches(identifier, rows, n=3)
        raise InputError.of(
            f"there is no parameter {identifier!r}",
            key="ID",
            allowed="the ids that calor model parameters lists",
            hint=f"did you mean {', '.join(near)}?" if near else None,
        )
    return rows[identifier]


def parameter_document(row: Parameter) -> dict[str, Any]:
    """Return one number with everything that is known about it."""
    return {
        "id": row.identifier,
        "name": row.name,
        "module": row.module,
        "value": row.value,
        "unit": sign_of(row.unit),
        "prior": {"scale": str(row.scale), "sd": row.prior_sd, "interval95": row.prior_interval},
        "between_patients": {"distribution": str(row.variation), "sd": row.patient_sd},
        "status": str(row.status),
        "grade": str(row.grade or NO_GRADE),
        "source": row.source,
        "rationale": row.rationale,
    }


def variable_document(variable: Variable) -> dict[str, Any]:
    """Return one state or computed quantity of the model."""
    return {
        "id": variable.identifier,
        "name": variable.name,
        "module": variable.module,
        "unit": sign_of(variable.unit),
        "kind": variable.kind,
    }


def graph_document(graph: CausalGraph) -> dict[str, Any]:
    """Return who influences whom as a JSON document."""
    return {
        "nodes": [
            {"id": node.identifier, "name": node.name, "module": node.module, "kind": node.kind}
            for node in graph.nodes
        ],
        "influences": [
            {
                "source": arrow.source,
                "target": arrow.target,
                "sign": str(arrow.sign),
                "agreement": arrow.agreement,
                "slot": arrow.is_slot,
            }
            for arrow in graph.influences
        ],
    }
