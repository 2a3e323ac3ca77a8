"""A drug as data: kinetics, target engagement, actions on slots, regimens, limits, safety and checks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from calor.core.part import Part
from calor.core.provenance import Grade
from calor.regimen import Route
from calor.therapy.numbers import Number, Source, Text
from calor.therapy.signals import Safety

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]


class Mode(StrEnum):
    """The direction of an action; e is the engagement (0 to 1) and m the action's maximum.

    `inhibit` and `bind` multiply the slot by 1 - m e (bind: m is the share of the target that the drug can
    reach). `stimulate`, `deplete` (loss of cells) and `clear` (loss of molecules) multiply it by 1 + m e.
    """

    INHIBIT = "inhibit"
    STIMULATE = "stimulate"
    BIND = "bind"
    DEPLETE = "deplete"
    CLEAR = "clear"

    @property
    def lowers(self) -> bool:
        """Whether the slot's multiplier falls with engagement."""
        return self in {Mode.INHIBIT, Mode.BIND}


class WeightScaling(Part):
    """Allometry: clearances scale as (weight/reference)^clearance, volumes as (weight/reference)^volume."""

    reference: Number
    clearance: Number
    volume: Number


class RouteKinetics(Part):
    """How a dose by one route arrives: a template of absorption with its numbers.

    `bioavailability` is the share of the dose as written that arrives as active drug (salt included).
    """

    template: Text
    bioavailability: Number | None = None
    lag: Number | None = None
    parameters: dict[Name, Number] = Field(default_factory=dict)


class Kinetics(Part):
    """What the body does to the drug: a template of disposition with its numbers, and the routes."""

    template: Text
    parameters: dict[Name, Number] = Field(default_factory=dict)
    weight: WeightScaling | None = None
    routes: dict[Route, RouteKinetics] = Field(default_factory=dict)
    not_represented: Text


class Removal(Part):
    """What one exchanged plasma volume removes: amount *= exp(-removal) for a state of the disease."""

    state: Name
    removal: Number


class Engagement(Part):
    """How far the drug engages a target: e = x^h / (potency^h + x^h), x = access * driver.

    `driver` is a concentration of the drug, or `igg_excess` of the disease. With `half_time` the engagement
    follows e with that half-time.
    """

    driver: Name
    potency: Number
    access: Number | None = None
    hill: Number | None = None
    half_time: Number | None = None


class DrugAction(Part):
    """One action: which slot, in which direction, by which engagement, and how far at full engagement."""

    slot: Text
    mode: Mode
    engagement: Name
    maximum: Number


class UsualRegimen(Part):
    """A regimen in use, for what, and where that was read."""

    regimen: Text
    indication: Text
    source: Text
    grade: Grade


class LabelledMaximum(Part):
    """The largest amount in any window of `within_days` (0: in one dose) by one route, or by all."""

    amount: Number
    within_days: float = Field(ge=0, le=36_500)
    route: Route | None = None

    @property
    def window_text(self) -> str:
        """The window in words."""
        if not self.within_days:
            return "in one dose"
        return "within a day" if self.within_days == 1 else f"within {self.within_days:g} days"


class Check(Part):
    """A published fact that the drug's model must meet: what to simulate, what to measure, what is allowed.

    `quantity` is `concentration`, `igg`, `autoantibody`, `cortisol`, an engagement or a slot. `measure` is
    taken from the first dose to `until` (a length after study day 1 in days); `change` and `lowest_change`
    are shares of the value without treatment.
    """

    name: Text
    regimen: Text
    weight: float = Field(default=70, gt=20, lt=300)
    quantity: Text
    measure: Literal[
        "value", "change", "lowest_change", "time_of_lowest", "maximum", "time_of_maximum", "area", "mean",
        "half_life",
    ]  # fmt: skip
    at_days: float | None = Field(default=None, ge=0, le=2000)
    from_days: float = Field(default=0.0, ge=0, le=2000)
    until_days: float | None = Field(default=None, gt=0, le=2000)
    unit: Text
    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)
    published: Text
    parameters: Text | None = None
    source: Text
    grade: Grade
    fails_because: Text | None = None


def check_units(measure: str, unit: str | None) -> tuple[str, ...]:
    """Return the units that a check may name, for its low and high are in the model's own.

    Arguments: the check's measure, and the unit of its quantity (None for a share, whose words are free).
    """
    if measure in {"half_life", "time_of_lowest", "time_of_maximum"}:
        return ("day",)
    if measure in {"change", "lowest_change"}:
        return ("share",)
    if unit is None or "/" not in unit:
        return ()
    amount, volume = unit.split("/")
    if measure == "area":
        return (f"{amount} day/{volume}",)
    return (unit, f"{unit} above baseline")


class Alternative(Part):
    """Another published set of kinetic numbers, to see how much rests on the choice."""

    describes: Text
    parameters: dict[Name, Number]
    weight: WeightScaling | None = None
    routes: dict[Route, RouteKinetics] = Field(default_factory=dict)


class Drug(Part):
    """A drug, or a procedure, as one file says it."""

    id: Identifier
    name: Text
    kind: Text
    summary: Text
    molar_mass: Number | None = None
    sources: dict[Text, Source] = Field(default_factory=dict)
    pharmacokinetics: Kinetics
    removals: tuple[Removal, ...] = ()
    engagements: dict[Name, Engagement] = Field(default_factory=dict)
    actions: tuple[DrugAction, ...] = ()
    regimens: Annotated[tuple[UsualRegimen, ...], Field(min_length=1)]
    labelled_maximum: tuple[LabelledMaximum, ...]
    safety: Safety
    alternatives: dict[Text, Alternative] = Field(default_factory=dict)
    checks: tuple[Check, ...] = ()

    @property
    def prefix(self) -> str:
        """The beginning of all of the drug's names in a model: its id with underscores."""
        return self.id.replace("-", "_")

    @property
    def is_procedure(self) -> bool:
        """Whether this is a procedure, such as plasma exchange, rather than a drug."""
        return self.pharmacokinetics.template == "procedure"

    def with_alternative(self, name: str) -> Drug:
        """Return the drug with another published set of kinetic numbers. Raises KeyError."""
        other = self.alternatives[name]
        kinetics = self.pharmacokinetics
        changed = kinetics.model_copy(
            update={
                "parameters": {**kinetics.parameters, **other.parameters},
                "routes": {**kinetics.routes, **other.routes},
                "weight": other.weight or kinetics.weight,
            }
        )
        return self.model_copy(update={"pharmacokinetics": changed})
