"""What a drug file must satisfy beyond its form: names that exist, numbers that fit, routes that agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from calor.core.documents import Document, Key, dotted_key
from calor.core.errors import InputError, Place, Problem
from calor.model.disease import Disease
from calor.regimen import parse_regimen
from calor.therapy.dosing import calendar_of
from calor.therapy.drug import Alternative, Drug, RouteKinetics, WeightScaling
from calor.therapy.equations import equations_of, maximum_name
from calor.therapy.numbers import JUDGEMENT, Number
from calor.therapy.templates import ABSORPTIONS, DISEASE_DRIVERS, DISPOSITIONS, Need
from calor.therapy.units import convert

RESPONSES = ("concentration", "igg", "autoantibody", "cortisol")
"""Quantities of a check besides the drug's engagements and the slots."""

MOST_STAGES = 20
LARGEST_SHARE = 1.2
"""A share may exceed 1 by as much as a measured bioavailability does."""


def problems_of(drug: Drug, document: Document, disease: Disease) -> list[Problem]:
    """Return every problem of a drug file, each placed at its key.

    Arguments: the drug, the document it was read from, and the disease that it is to act on.
    """
    checker = _Checker(drug, document, disease)
    found = [*checker.kinetics(), *checker.removals(), *checker.engagements(), *checker.actions()]
    found += [*checker.sources(), *checker.alternatives(), *checker.maxima()]
    # Names and regimens are put through the kinetics, which must be sound before they can say anything.
    return found or [*checker.names(), *checker.regimens(), *checker.checks()]


class _Checker:
    """Checks one drug against the templates and the disease."""

    def __init__(self, drug: Drug, document: Document, disease: Disease) -> None:
        self._drug = drug
        self._document = document
        self._disease = disease
        self._slots = [slot.name for slot in disease.slots]
        mass = drug.molar_mass
        self._molar_mass = _converted(mass, "g/mol", None) if mass else None

    def kinetics(self) -> Iterator[Problem]:
        """Check the molar mass, the templates, their numbers and the routes."""
        if self._drug.molar_mass is not None:
            yield from self._number(("molar_mass",), self._drug.molar_mass, Need("g/mol", "molar mass"))
        kinetics = self._drug.pharmacokinetics
        key: Key = ("pharmacokinetics",)
        template = DISPOSITIONS.get(kinetics.template)
        if template is None:
            yield self._unknown((*key, "template"), kinetics.template, DISPOSITIONS)
            return
        yield from self._needs((*key, "parameters"), kinetics.parameters, template.needs)
        if kinetics.weight is not None:
            yield from self._weight((*key, "weight"), kinetics.weight)
        if bool(kinetics.routes) == self._drug.is_procedure:
            what = "a procedure has no routes" if self._drug.is_procedure else "needs at least one route"
            yield self._document.problem((*key, "routes"), what)
        for route, arrival in kinetics.routes.items():
            yield from self._route((*key, "routes", str(route)), arrival)

    def _route(self, key: Key, arrival: RouteKinetics) -> Iterator[Problem]:
        absorption = ABSORPTIONS.get(arrival.template)
        if absorption is None:
            yield self._unknown((*key, "template"), arrival.template, ABSORPTIONS)
            return
        yield from self._needs((*key, "parameters"), arrival.parameters, absorption.needs)
        if arrival.bioavailability is not None:
            need = Need("1", "bioavailability", share=True)
            yield from self._number((*key, "bioavailability"), arrival.bioavailability, need)
        if arrival.lag is not None:
            yield from self._number((*key, "lag"), arrival.lag, Need("day", "lag"))

    def _weight(self, key: Key, scaling: WeightScaling) -> Iterator[Problem]:
        """Check the reference weight and the exponents, which may be 0."""
        yield from self._number((*key, "reference"), scaling.reference, Need("kg", "reference"))
        for name, exponent in (("clearance", scaling.clearance), ("volume", scaling.volume)):
            yield from self._number((*key, name), exponent, Need("1", name, share=True))

    def removals(self) -> Iterator[Problem]:
        """Check that a procedure removes states that exist, and that only a procedure removes."""
        if bool(self._drug.removals) != self._drug.is_procedure:
            what = "says nothing" if self._drug.is_procedure else "only a procedure removes plasma"
            yield self._document.problem(("removals",), what)
        states = [variable.identifier for variable in self._disease.states]
        for index, removal in enumerate(self._drug.removals):
            if removal.state not in states:
                yield self._unknown(("removals", index, "state"), removal.state, states)
            yield from self._number(("removals", index, "removal"), removal.removal, Need("1", "removal"))

    def engagements(self) -> Iterator[Problem]:
        """Check that engagements read quantities that exist, in units that fit."""
        drivers = self._drivers()
        for name, engagement in self._drug.engagements.items():
            key: Key = ("engagements", name)
            if engagement.driver not in drivers:
                yield self._unknown((*key, "driver"), engagement.driver, drivers)
                continue
            need = Need(drivers[engagement.driver], "potency")
            yield from self._number((*key, "potency"), engagement.potency, need)
            for part, unit in (("access", "1"), ("hill", "1"), ("half_time", "day")):
                number = getattr(engagement, part)
                if number is not None:
                    yield from self._number((*key, part), number, Need(unit, part))

    def actions(self) -> Iterator[Problem]:
        """Check that actions name slots and engagements that exist, with maxima that fit."""
        seen: set[str] = set()
        for index, action in enumerate(self._drug.actions):
            key: Key = ("actions", index)
            if action.slot not in self._slots:
                yield self._unknown((*key, "slot"), action.slot, self._slots)
            if action.engagement not in self._drug.engagements:
                yield self._unknown((*key, "engagement"), action.engagement, self._drug.engagements)
            maximum = _converted(action.maximum, "1", None)
            if maximum is not None and action.mode.lowers and maximum > 1:
                what = f"is {action.maximum.value}: {action.mode} cannot take away more than there is"
                yield self._document.problem((*key, "maximum", "value"), what, allowed="a share, 0 to 1")
            else:
                need = Need("1", "maximum", share=action.mode.lowers)
                yield from self._number((*key, "maximum"), action.maximum, need)
            if maximum_name(action) in seen:
                yield self._document.problem(key, "repeats the slot and engagement of an action above")
            seen.add(maximum_name(action))

    def sources(self) -> Iterator[Problem]:
        """Check that every number and fact names a source of the file."""
        for key, source in _sources_in(self._document.data, ()):
            if source not in self._drug.sources and source != JUDGEMENT:
                yield self._unknown(key, source, [*self._drug.sources, JUDGEMENT])

    def alternatives(self) -> Iterator[Problem]:
        """Check that alternative numbers replace numbers that exist."""
        template = DISPOSITIONS.get(self._drug.pharmacokinetics.template)
        needs = template.needs if template else {}
        for name, other in self._drug.alternatives.items():
            yield from self._alternative(("alternatives", name), other, needs)

    def _alternative(self, key: Key, other: Alternative, needs: Mapping[str, Need]) -> Iterator[Problem]:
        if other.weight is not None:
            yield from self._weight((*key, "weight"), other.weight)
        for route, arrival in other.routes.items():
            yield from self._route((*key, "routes", str(route)), arrival)
        for parameter, number in other.parameters.items():
            where = (*key, "parameters", parameter)
            if parameter not in needs:
                yield self._unknown(where, parameter, needs)
            else:
                yield from self._number(where, number, needs[parameter])

    def maxima(self) -> Iterator[Problem]:
        """Check that labelled maxima are amounts, and name routes that the drug has."""
        routes = self._drug.pharmacokinetics.routes
        for index, limit in enumerate(self._drug.labelled_maximum):
            key: Key = ("labelled_maximum", index)
            wanted = "1" if self._drug.is_procedure else "mg"
            amount = limit.amount.model_copy(update={"unit": limit.amount.unit.removesuffix("/kg")})
            yield from self._number(
                (*key, "amount"), amount, Need(wanted, "amount", share=True), unbounded=True
            )
            if limit.route is not None and limit.route not in routes:
                yield self._unknown((*key, "route"), str(limit.route), [str(route) for route in routes])

    def names(self) -> Iterator[Problem]:
        """Check that no name of the drug stands twice, or belongs to the disease."""
        equations = equations_of(self._drug)
        own = [*(row.identifier for row in equations.parameters), *equations.quantities, *equations.states]
        taken = {row.identifier for row in self._disease.parameters}
        taken |= {variable.identifier for variable in self._disease.variables}
        taken |= {slot.symbol for slot in self._disease.slots}
        for name in sorted({name for name in own if own.count(name) > 1}):
            yield self._document.problem(
                ("engagements",), f"the name {name} stands twice in the model", hint="rename an engagement"
            )
        for name in sorted(taken & set(own)):
            yield self._document.problem(
                ("id",), f"the model's name {name} belongs to the disease", hint="choose another id"
            )

    def regimens(self) -> Iterator[Problem]:
        """Check that the usual regimens can be read and given."""
        for index, usual in enumerate(self._drug.regimens):
            yield from self._regimen(("regimens", index, "regimen"), usual.regimen)

    def checks(self) -> Iterator[Problem]:
        """Check that the checks measure something that exists and can be simulated."""
        quantities = [*RESPONSES, *self._drivers(), *self._drug.engagements, *self._slots]
        for index, check in enumerate(self._drug.checks):
            key: Key = ("checks", index)
            yield from self._regimen((*key, "regimen"), check.regimen)
            if check.quantity not in quantities:
                yield self._unknown((*key, "quantity"), check.quantity, quantities)
            if check.parameters is not None and check.parameters not in self._drug.alternatives:
                yield self._unknown((*key, "parameters"), check.parameters, self._drug.alternatives)
            if check.measure in {"value", "change"} and check.at_days is None:
                yield self._document.problem((*key, "at_days"), f"is missing, and {check.measure} needs it")
            if check.until_days is not None and check.until_days <= check.from_days:
                yield self._document.problem((*key, "until_days"), "is not after from_days")
            if not check.low < check.high:
                yield self._document.problem((*key, "low"), "is not below high")

    def _regimen(self, key: Key, text: str) -> Iterator[Problem]:
        place = Place(self._document.file, self._document.line_of(key), dotted_key(key))
        try:
            calendar_of(parse_regimen(text, place), self._drug, 70.0)
        except InputError as error:
            for problem in error.problems:
                yield Problem(problem.what, place, problem.allowed, problem.hint)

    def _drivers(self) -> dict[str, str]:
        """Return the quantities that engagements may read, with their units."""
        template = DISPOSITIONS.get(self._drug.pharmacokinetics.template)
        drivers = dict(DISEASE_DRIVERS)
        if template is not None:
            drivers |= {name: unit for name, (unit, _) in template.quantities.items()}
        for arrival in self._drug.pharmacokinetics.routes.values():
            if arrival.template in ABSORPTIONS:
                quantities = ABSORPTIONS[arrival.template].quantities
                drivers |= {name: unit for name, (unit, _) in quantities.items()}
        return drivers

    def _needs(self, key: Key, given: Mapping[str, Number], needs: Mapping[str, Need]) -> Iterator[Problem]:
        """Check that the numbers given are those needed."""
        for name in needs:
            if name not in given:
                yield self._document.problem((*key, name), f"is missing ({needs[name].meaning})")
        for name, number in given.items():
            if name not in needs:
                yield self._unknown((*key, name), name, needs)
            else:
                yield from self._number((*key, name), number, needs[name])

    def _number(self, key: Key, number: Number, need: Need, *, unbounded: bool = False) -> Iterator[Problem]:
        """Check the unit and the range of a number; a share may be 0, and at most 1 unless unbounded."""
        try:
            value = convert(number.value, number.unit, need.unit, self._molar_mass)
        except ValueError as error:
            yield self._document.problem((*key, "unit"), str(error))
            return
        if need.count and (value != int(value) or not 1 <= value <= MOST_STAGES):
            allowed = f"1, 2, ... {MOST_STAGES}"
            yield self._document.problem((*key, "value"), f"is {number.value}", allowed=allowed)
        if value < 0 or (value == 0 and not need.share):
            yield self._document.problem((*key, "value"), f"is {number.value}", allowed="a number above 0")
        if need.share and value > LARGEST_SHARE and not unbounded:
            yield self._document.problem((*key, "value"), f"is {number.value}", allowed="a share, 0 to 1")

    def _unknown(self, key: Key, name: str, allowed: Sequence[str] | Mapping[str, object]) -> Problem:
        """Return the problem of a name that does not exist, with the closest one as a hint."""
        close = get_close_matches(name, list(allowed), n=1)
        return self._document.problem(
            key, f"is {name!r}, which does not exist", allowed=", ".join(allowed) or "none",
            hint=f"did you mean {close[0]}?" if close else None,
        )  # fmt: skip


def _converted(number: Number, unit: str, molar_mass: float | None) -> float | None:
    """Return a number in a unit, or None where it cannot be converted."""
    try:
        return convert(number.value, number.unit, unit, molar_mass)
    except ValueError:
        return None


def _sources_in(node: object, key: Key) -> Iterator[tuple[Key, str]]:
    """Return every `source` that stands in the file, with its key."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "source" and isinstance(value, str):
                yield (*key, name), value
            elif name != "sources":
                yield from _sources_in(value, (*key, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _sources_in(value, (*key, index))
