"""Rival explanations as a question asks for them: the model's rivals, or worlds grouped by what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.decision.bank.worlds import Worlds
from calor.model.parameters import ParameterTable

CAUSAL_SHARE = "cytokine_causal_share"
HALF = 0.5

ASKS = {
    "antibody": "Which autoantibody matters?",
    "persistence": "What keeps pain going after a year?",
    "cytokines": "Are cytokines a cause of pain, or a bystander?",
}
"""The questions between rivals, in words."""

_PLACE = {"persistence": 0, "antibody": 1}
"""Which answer of a rival of the model belongs to a question."""


@dataclass(frozen=True)
class Explanations:
    """The explanations that are told apart, by name, and that of each world (n_worlds,)."""

    names: tuple[str, ...]
    of_world: NDArray[np.int64]


def explanations(asked: str | None, worlds: Worlds, table: ParameterTable) -> Explanations:
    """Return the explanations of a question; without one, the rivals of the model.

    Cytokines are a cause in a world in which they carry at least half of the innate drive on nociceptors
    (`cytokine_causal_share`), else a bystander.
    """
    if asked is None:
        return Explanations(tuple(rival.name for rival in worlds.rivals), worlds.rival)
    if asked == "cytokines":
        row = table[CAUSAL_SHARE]
        share = row.at(worlds.scores(ParameterTable((row,)))[CAUSAL_SHARE])
        return Explanations(("bystander", "cause"), (share >= HALF).astype(np.int64))
    answers = [rival.answers[_PLACE[asked]].name for rival in worlds.rivals]
    names = tuple(dict.fromkeys(answers))
    return Explanations(names, np.array([names.index(answer) for answer in answers])[worlds.rival])


MODULES = {
    "injury": "innate cells",
    "innate": "innate cells",
    "cytokines": "cytokines",
    "adaptive": "antibody",
    "peripheral": "nociceptors",
    "central": "spinal cord",
    "pain": "pain rating",
    "vasomotor": "other signs",
    "limb": "other signs",
    "hpa": "other signs",
}
"""What the parameters of a module of the disease are about; those of measurement are about measurement."""


def parameter_groups(table: ParameterTable, drugs: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the uncertain parameters by what they are about: a part of the disease, a drug, measurement.

    Arguments: the parameters; and the prefix of each drug's parameters by the drug's name.
    """
    found: dict[str, list[str]] = {}
    for row in table.uncertain:
        drug = next((name for name, prefix in drugs.items() if row.identifier.startswith(f"{prefix}_")), None)
        found.setdefault(drug or MODULES.get(row.module, "measurement"), []).append(row.identifier)
    return {name: tuple(rows) for name, rows in found.items()}
