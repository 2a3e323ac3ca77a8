"""A drug's equations, made from its file: named numbers, states, rates, quantities and slot multipliers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from calor.core.provenance import Grade
from calor.model.parameters import Parameter, ParameterTable, Scale, Variation
from calor.regimen import Route
from calor.therapy.drug import Drug, DrugAction, Engagement
from calor.therapy.numbers import Number
from calor.therapy.templates import ABSORPTIONS, DISEASE_DRIVERS, DISPOSITIONS, Need
from calor.therapy.units import convert

_NAME = re.compile(r"[A-Za-z_]\w*")
DOSING_NEEDS = frozenset({"fast_share", "absorption_time", "stages"})
"""Numbers of a template that act when a dose is given, and so stand in no equation."""


@dataclass(frozen=True)
class DrugEquations:
    """The equations of one drug under its prefix.

    Arguments: the numbers as rows of a parameter table; states with their units; rates by state; quantities
    by name with unit and formula; what flows into states of the disease; and the drug's multiplier of each
    slot it acts on (slot: quantity). Units are written as in drug files.
    """

    parameters: ParameterTable
    states: Mapping[str, str]
    rates: Mapping[str, str]
    quantities: Mapping[str, tuple[str, str]]
    inflows: Mapping[str, str]
    slot_factors: Mapping[str, str]


@dataclass
class _Writer:
    """Collects the equations of a drug, giving every local name the drug's prefix."""

    drug: Drug
    rows: list[Parameter] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    rates: dict[str, str] = field(default_factory=dict)
    quantities: dict[str, tuple[str, str]] = field(default_factory=dict)
    inflows: list[str] = field(default_factory=list)
    local: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def claim(self, name: str) -> str:
        """Return a local name with the drug's prefix. Raises ValueError when it is taken."""
        full = self.full(name)
        if full in self.taken:
            raise ValueError(f"the name {full} stands twice in the model")
        self.taken.add(full)
        return full

    def full(self, name: str) -> str:
        """Return a local name with the drug's prefix."""
        return f"{self.drug.prefix}_{name}"

    def formula(self, text: str, names: Mapping[str, str] | None = None) -> str:
        """Return a formula with its local names replaced."""
        known = {**self.local, **(names or {})}
        return _NAME.sub(lambda match: known.get(match[0], match[0]), text)

    def number(self, name: str, number: Number, need: Need) -> str:
        """Add a number and return its full name."""
        mass = molar_mass_of(self.drug)
        value = convert(number.value, number.unit, need.unit, mass)
        scale = Scale.FIXED
        if number.spread.typical:
            scale = Scale.LOGIT if need.share and 0 < value < 1 else Scale.LOG
        varies = number.patient_sd > 0
        full = self.claim(name)
        self.rows.append(
            Parameter(
                identifier=full,
                name=f"{self.drug.name}: {need.meaning}",
                module=self.drug.id,
                value=value,
                unit=need.unit,
                scale=scale,
                prior_sd=number.spread.typical or 0.0,
                variation=Variation.LOGNORMAL if varies else Variation.NONE,
                patient_sd=number.patient_sd,
                status=number.status,
                grade=None if number.grade == "none" else Grade(number.grade),
                source=number.source,
                rationale=number.rationale,
            )
        )
        return full

    def quantity(self, name: str, unit: str, formula: str) -> str:
        """Add a quantity and return its full name."""
        full = self.claim(name)
        self.quantities[full] = (unit, formula)
        return full

    def state(self, name: str, unit: str, rate: str) -> str:
        """Add a state and return its full name."""
        full = self.claim(name)
        self.states[full] = unit
        self.rates[full] = rate
        return full


def molar_mass_of(drug: Drug) -> float | None:
    """Return the molar mass in g/mol, where the drug file gives one."""
    mass = drug.molar_mass
    return convert(mass.value, mass.unit, "g/mol") if mass else None


def equations_of(drug: Drug) -> DrugEquations:
    """Return the equations of a checked drug. Raises ValueError when two of its names are the same."""
    writer = _Writer(drug=drug)
    disposition = DISPOSITIONS[drug.pharmacokinetics.template]
    _add_numbers_of_disposition(writer)
    for name in disposition.states:
        writer.local[name] = writer.full(name)
    for name in disposition.quantities:
        writer.local[name] = writer.full(name)
    entry_unit = disposition.states.get(disposition.entry, "g")
    for route in drug.pharmacokinetics.routes:
        _add_route(writer, route, entry_unit)
    inflow = " + ".join(writer.inflows)
    for name, unit in disposition.states.items():
        rate = writer.formula(disposition.rates[name])
        writer.state(name, unit, f"{rate} + {inflow}" if inflow and name == disposition.entry else rate)
    for name, (unit, formula) in disposition.quantities.items():
        writer.quantity(name, unit, writer.formula(formula))
    for name, engagement in drug.engagements.items():
        _add_engagement(writer, name, engagement)
    factors = _add_actions(writer)
    outside = inflow and disposition.entry not in disposition.states
    return DrugEquations(
        ParameterTable(tuple(writer.rows)), writer.states, writer.rates, writer.quantities,
        {disposition.entry: inflow} if outside else {}, factors,
    )  # fmt: skip


def _add_numbers_of_disposition(writer: _Writer) -> None:
    """Add the disposition's numbers, and their values at the patient's weight."""
    kinetics = writer.drug.pharmacokinetics
    for name, need in DISPOSITIONS[kinetics.template].needs.items():
        full = writer.number(name, kinetics.parameters[name], need)
        writer.local[name] = full
        if kinetics.weight is not None and need.scaling != "none":
            ratio = f"(body_weight/{writer.full('reference_weight')})"
            exponent = writer.full(f"{need.scaling}_exponent")
            writer.local[name] = writer.quantity(f"{name}_at_weight", need.unit, f"{full}*{ratio}^{exponent}")
    if kinetics.weight is not None:
        scaling = kinetics.weight
        writer.number("reference_weight", scaling.reference, Need("kg", "weight to which the numbers refer"))
        writer.number("clearance_exponent", scaling.clearance, Need("1", "exponent of weight on clearances"))
        writer.number("volume_exponent", scaling.volume, Need("1", "exponent of weight on volumes"))


def _add_route(writer: _Writer, route: Route, entry_unit: str) -> None:
    """Add the states of one route and what they let flow into the body."""
    kinetics = writer.drug.pharmacokinetics.routes[route]
    template = ABSORPTIONS[kinetics.template]
    slug = route.replace(" ", "_")
    names = {state: writer.full(f"{slug}_{state}") for state in template.states}
    for name, need in template.needs.items():
        if name not in DOSING_NEEDS:
            names[name] = writer.number(f"{slug}_{name}", kinetics.parameters[name], need)
    share = ""
    if kinetics.bioavailability is not None and template.states:
        need = Need("1", f"share of a dose that arrives ({route})", share=True)
        share = f"{writer.number(f'{slug}_bioavailability', kinetics.bioavailability, need)}*"
    gained = ""
    if kinetics.template == "transit":
        gained = _add_chain(writer, slug, round(kinetics.parameters["stages"].value), names, entry_unit)
    for state in template.states:
        rate = writer.formula(template.rates[state], names)
        writer.state(f"{slug}_{state}", entry_unit, rate + gained)
    arrived = {**names, "site": f"{share}{names['site']}"} if "site" in names else names
    for name, (unit, formula) in template.quantities.items():
        writer.local[name] = writer.quantity(name, unit, writer.formula(formula, arrived))
    if template.inflow:
        inflow = writer.formula(template.inflow, names)
        writer.inflows.append(f"{share}({inflow})" if share and " + " in inflow else f"{share}{inflow}")


def _add_chain(writer: _Writer, slug: str, stages: int, names: Mapping[str, str], unit: str) -> str:
    """Add transit stages and return what the last one passes on, as a term to add."""
    rate = f"{stages + 1}/{names['mean_transit_time']}"
    before = ""
    for stage in range(1, stages + 1):
        name = writer.full(f"{slug}_transit_{stage}")
        writer.state(f"{slug}_transit_{stage}", unit, f"{before}-{rate}*{name}".lstrip("+ "))
        before = f"{rate}*{name} "
    return f" + {before.strip()}"


def _add_engagement(writer: _Writer, name: str, engagement: Engagement) -> None:
    """Add how far the drug engages a target, delayed where the file says so."""
    driver = engagement.driver
    unit = DISEASE_DRIVERS.get(driver) or writer.quantities[writer.full(driver)][0]
    x = driver if driver in DISEASE_DRIVERS else writer.full(driver)
    if engagement.access is not None:
        need = Need("1", f"share of the {driver} that reaches the target of {name}")
        x = f"{writer.number(f'{name}_access', engagement.access, need)}*{x}"
    need = Need(unit, f"{driver} at half {name}")
    potency = writer.number(f"{name}_potency", engagement.potency, need)
    formula = f"{x}/({potency} + {x})"
    if engagement.hill is not None:
        hill = writer.number(f"{name}_hill", engagement.hill, Need("1", f"steepness of {name}"))
        power = f"(abs({x})/{potency})^{hill}"
        formula = f"{power}/(1 + {power})"
    if engagement.half_time is None:
        writer.local[name] = writer.quantity(name, "1", formula)
        return
    target = writer.quantity(f"{name}_target", "1", formula)
    half_time = writer.number(
        f"{name}_half_time", engagement.half_time, Need("day", f"half-time with which {name} follows")
    )
    writer.local[name] = writer.state(name, "1", f"ln(2)/{half_time}*({target} - {writer.full(name)})")


def action_identifiers(drug: Drug) -> frozenset[str]:
    """Return the model's names of the numbers that say what a drug does: its engagement and reach."""
    engagements = {action.engagement for action in drug.actions}
    parts = ("potency", "access", "hill", "half_time")
    local = {f"{name}_{part}" for name in engagements for part in parts}
    local |= {maximum_name(action) for action in drug.actions}
    return frozenset(f"{drug.prefix}_{name}" for name in local)


def maximum_name(action: DrugAction) -> str:
    """Return the local name of an action's maximum."""
    return f"maximum_on_{action.slot}_by_{action.engagement}"


def _add_actions(writer: _Writer) -> dict[str, str]:
    """Add the drug's multiplier of every slot it acts on; return slot: quantity."""
    terms: dict[str, list[str]] = {}
    for action in writer.drug.actions:
        need = Need("1", f"largest change of {action.slot} by {action.engagement}", share=action.mode.lowers)
        maximum = writer.number(maximum_name(action), action.maximum, need)
        sign = "-" if action.mode.lowers else "+"
        terms.setdefault(action.slot, []).append(f"(1 {sign} {maximum}*{writer.local[action.engagement]})")
    return {slot: writer.quantity(f"on_{slot}", "1", "*".join(parts)) for slot, parts in terms.items()}
