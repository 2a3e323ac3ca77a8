"""How far a prediction rests on each assumed number: what is predicted, and the JSON document."""

from __future__ import annotations

from typing import Any

from calor.core.errors import InputError
from calor.model.disease import Disease
from calor.model.outputs import OUTPUTS
from calor.model.parameters import ParameterTable
from calor.model.units import sign_of
from calor.population.course import prepare_treatment
from calor.population.sensitivity import Prediction, Sensitivity, SensitivitySettings, untreated_level


def level_of_output(
    disease: Disease, output: str, months: float
) -> tuple[Prediction, str, str, ParameterTable]:
    """Return the prediction of an output's mean without treatment, in words, its unit, and its parameters.

    Raises InputError for an output that the model does not have.
    """
    if output not in OUTPUTS:
        raise InputError.of(f"is {output!r}", key="--output", allowed=", ".join(OUTPUTS))
    variable = next(variable for variable in disease.variables if variable.identifier == output)
    prediction = untreated_level(prepare_treatment(disease, ()), output, months)
    words = f"{variable.name}: mean of all injured people after {months:g} months, untreated"
    return prediction, words, sign_of(variable.unit), disease.parameters


def sensitivity_document(
    found: Sensitivity, words: str, unit: str, settings: SensitivitySettings
) -> dict[str, Any]:
    """Return a sensitivity as a JSON document."""
    return {
        "prediction": words,
        "unit": unit,
        "typical": found.typical,
        "share_counted": found.share_counted,
        "people": settings.people,
        "seed": settings.seed,
        "swings": [
            {
                "id": swing.parameter.identifier,
                "name": swing.parameter.name,
                "value": swing.parameter.value,
                "unit": swing.parameter.unit,
                "low": swing.low,
                "high": swing.high,
                "change_low": swing.change_low,
                "change_high": swing.change_high,
                "monte_carlo_error": swing.error,
            }
            for swing in found.swings
        ],
    }
