"""The disease model as JSON documents: what it consists of, its numbers, its states."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from calor.core.errors import InputError
from calor.model.disease import Disease, Variable, load_disease
from calor.model.parameters import NO_GRADE, Parameter
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
