"""The sixteen items of the CRPS Severity Score: eight symptoms a person reports, eight signs seen.

An item is present when the level behind it, seen through the person's habits and the visit's noise, exceeds
the level at which half of all people show it:

    present = level exp(person + visit) > half_level       (a sign needs half_level * sign_factor)

Source of the items: the table of the form in PMC10257428 (table 4), after Harden et al. 2017.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.streams import Stream
from calor.population.patients import Identifiers

Present = NDArray[np.bool_]


class Category(StrEnum):
    """The four categories of the Budapest criteria; continuing pain stands apart."""

    PAIN = "pain"
    SENSORY = "sensory"
    VASOMOTOR = "vasomotor"
    SUDOMOTOR = "sudomotor"
    MOTOR = "motor"


@dataclass(frozen=True)
class Item:
    """One item: its name, what level of the limb it shows, its category, and whether it is a sign."""

    name: str
    level: str
    category: Category
    sign: bool


ITEMS: tuple[Item, ...] = (
    Item("continuing pain", "pain", Category.PAIN, sign=False),
    Item("allodynia or hyperalgesia", "sensory", Category.SENSORY, sign=False),
    Item("temperature asymmetry", "temperature", Category.VASOMOTOR, sign=False),
    Item("colour asymmetry", "colour", Category.VASOMOTOR, sign=False),
    Item("sweating asymmetry", "sweating", Category.SUDOMOTOR, sign=False),
    Item("oedema", "oedema", Category.SUDOMOTOR, sign=False),
    Item("trophic changes", "trophic", Category.MOTOR, sign=False),
    Item("motor changes", "motor", Category.MOTOR, sign=False),
    Item("hyperalgesia to pinprick", "sensory", Category.SENSORY, sign=True),
    Item("allodynia", "sensory", Category.SENSORY, sign=True),
    Item("temperature asymmetry on palpation", "temperature", Category.VASOMOTOR, sign=True),
    Item("colour asymmetry seen", "colour", Category.VASOMOTOR, sign=True),
    Item("sweating asymmetry seen", "sweating", Category.SUDOMOTOR, sign=True),
    Item("oedema seen", "oedema", Category.SUDOMOTOR, sign=True),
    Item("trophic changes seen", "trophic", Category.MOTOR, sign=True),
    Item("motor changes seen", "motor", Category.MOTOR, sign=True),
)

NEEDED_OUTPUTS: tuple[str, ...] = (
    "pain_nrs",
    "peripheral",
    "wind_up",
    "glial",
    "temperature_difference",
    "innate",
    "neuropeptide",
    "vasoconstriction",
    "oedema",
    "trophic",
    "grip_share",
)
"""The true outputs that the items rest on."""


def levels(outputs: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """Return the level of the limb behind each kind of item, (n,), never negative.

    Arguments: the true outputs of `NEEDED_OUTPUTS` at the visit, (n,) each.
    """
    return {
        "pain": outputs["pain_nrs"],
        "sensory": (outputs["peripheral"] + outputs["wind_up"] + outputs["glial"]) / 3,
        "temperature": np.abs(outputs["temperature_difference"]),
        "colour": (outputs["innate"] + outputs["neuropeptide"]) / 2 + outputs["vasoconstriction"],
        "sweating": (outputs["neuropeptide"] + outputs["vasoconstriction"]) / 2,
        "oedema": outputs["oedema"],
        "trophic": outputs["trophic"],
        "motor": 1 - outputs["grip_share"],
    }


def examine(
    outputs: Mapping[str, Numbers],
    values: Mapping[str, Numbers],
    identifiers: Identifiers,
    people: Stream,
    visit: Stream,
    keys: Identifiers | None = None,
) -> Present:
    """Return which items are present at one visit, (n, 16).

    Arguments: true outputs at the visit (n,); the people's measurement parameters (n,); their numbers; the
    stream of the study, which keys the people's habits; the stream of this visit, which keys its noise; and
    the numbers that key the noise (n,), without them the people's own.
    """
    n_items, keys = len(ITEMS), identifiers if keys is None else keys
    habits = people.child("patient", "items").normals(identifiers, n_items) * _column(
        values, "item_person_sd"
    )
    shared = visit.child("items together").normals(keys, 1) * _column(values, "item_visit_shared_sd")
    single = visit.child("items").normals(keys, n_items) * _column(values, "item_visit_sd")
    found = levels(outputs)
    half = np.column_stack([values[f"item_half_{item.level}"] for item in ITEMS])
    signs = np.array([item.sign for item in ITEMS])
    half = np.where(signs, half * _column(values, "item_sign_factor"), half)
    level = np.column_stack([found[item.level] for item in ITEMS])
    return np.asarray(level * np.exp(habits + shared + single) > half)


def _column(values: Mapping[str, Numbers], name: str) -> Numbers:
    return values[name][:, None]
