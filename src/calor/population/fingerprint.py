"""What a posterior was fitted to be the posterior of: hashes of the disease, its priors and each drug.

A score means a value only through the prior of its parameter, and a value means a course only through the
equations. A posterior therefore carries these hashes, and whoever uses it compares them with the model at
hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from calor.core.provenance import sha256_of_data
from calor.model.disease import Disease
from calor.model.parameters import ParameterTable
from calor.population.measurement import load_measurement
from calor.population.posterior import Posterior
from calor.therapy.drug import Drug
from calor.therapy.equations import equations_of

FINGERPRINT = "fingerprint"
"""The key of the hashes in what a posterior was made of."""


def fingerprint(disease: Disease, drugs: Iterable[Drug]) -> dict[str, Any]:
    """Return the hashes of what a posterior depends on.

    `equations`: the disease's equations with its typical values; `priors`: value, unit, prior and variation
    of every parameter of disease and measurement; `drugs`: the same of each drug, by id.
    """
    return {
        "equations": disease.sha256,
        "priors": sha256_of_data([_rows(disease.parameters), _rows(load_measurement())]),
        "drugs": {drug.id: _drug_hash(drug) for drug in drugs},
    }


def misfits(posterior: Posterior, disease: Disease, drugs: Iterable[Drug]) -> Iterator[str]:
    """Yield in words what differs between the model at hand and the one that a posterior was made of.

    A drug that took no part in the fit is not compared: its numbers are drawn from its prior.
    """
    known: Mapping[str, Any] | None = posterior.made_of.get(FINGERPRINT)
    if known is None:
        yield f"the posterior {posterior.name} does not say of which model it was made: it may be another"
        return
    now = fingerprint(disease, [drug for drug in drugs if drug.id in known["drugs"]])
    for part, words in (("equations", "equations or typical values"), ("priors", "priors")):
        if known[part] != now[part]:
            yield (
                f"the posterior {posterior.name} was made of other {words} of the disease "
                f"({known[part][:8]}, now {now[part][:8]}): what it says may not hold here"
            )
    for name, found in now["drugs"].items():
        if known["drugs"][name] != found:
            yield (
                f"the posterior {posterior.name} was made of another {name} "
                f"({known['drugs'][name][:8]}, now {found[:8]}): what it says of that drug may not hold here"
            )


def _rows(table: ParameterTable) -> list[list[Any]]:
    return [
        [row.identifier, row.value, row.unit, row.scale, row.prior_sd, row.variation, row.patient_sd]
        for row in table
    ]


def _drug_hash(drug: Drug) -> str:
    equations = equations_of(drug)
    return sha256_of_data(
        [
            _rows(ParameterTable(tuple(equations.parameters))),
            {name: list(pair) for name, pair in equations.quantities.items()},
            dict(equations.rates),
            dict(equations.slot_factors),
            dict(equations.inflows),
        ]
    )
