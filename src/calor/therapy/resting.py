"""A person at rest: no injury, no pain, and everything that drugs act on in its steady state.

Exposure is shown in such a person, so that what moves is the drug's doing. For autoantibody the person makes
it at a constant rate: neoantigen stays, and B cells and plasma cells are where their equations balance.
"""

from __future__ import annotations

from dataclasses import dataclass

from calor.model.disease import Disease


@dataclass(frozen=True)
class RestingPerson:
    """Parameters and initial states that differ from the disease's own."""

    parameters: dict[str, float]
    states: dict[str, float]


def resting_person(disease: Disease, weight: float, igg: float | None = None) -> RestingPerson:
    """Return a person at rest.

    Arguments: the disease, the body weight in kg, and the person's own IgG in g/L (the typical one unless
    given).
    """
    table = disease.parameters
    igg_baseline = table["igg_baseline"].value if igg is None else igg
    regulation = 1 + table["regulatory_strength"].value * table["regulatory_baseline"].value
    activation = table["b_cell_rate"].value * table["antibody_titre"].value / regulation
    b_cells = activation / (activation + table["b_cell_loss_rate"].value)
    maturation = table["plasma_cell_rate"].value * b_cells
    plasma_cells = maturation / (maturation + table["plasma_cell_loss_rate"].value)
    volume = table["igg_volume_per_weight"].value * weight
    return RestingPerson(
        parameters={
            "body_weight": weight,
            "igg_baseline": igg_baseline,
            "injury_size": 0.0,
            "pain_baseline": 0.0,
            "peripheral_from_antibody": 0.0,
            "antibody_positive": 1.0,
            "neoantigen_rate": 0.0,
        },
        states={
            "neoantigen": 1.0,
            "b_cells": b_cells,
            "plasma_cells": plasma_cells,
            "autoantibody_igm": b_cells,
            "autoantibody_igg_plasma": plasma_cells * volume,
            "autoantibody_igg_tissue": plasma_cells * volume,
        },
    )
