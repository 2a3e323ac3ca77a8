"""What a drug file must satisfy beyond its form: names that exist, numbers that fit, routes that agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calor.core.documents import Document, Key, dotted_key
from calor.core.errors import InputError, Place, Problem
from calor.model.disease import Disease
from calor.regimen import parse_regimen
from calor.therapy.dosing import calendar_of
from calor.therapy.drug import Alternative, Drug, RouteKinetics, WeightScaling, check_units
from calor.therapy.equations import DOSING_NEEDS, equations_of, maximum_name
from calor.therapy.number_rules import NumberRules, converted
from calor.therapy.numbers import JUDGEMENT, Number, Spread
from calor.therapy.templates import ABSORPTIONS, DISEASE_DRIVERS, DISPOSITIONS, Need

MOST_REMOVAL, STEEPEST, LARGEST_FACTOR = 10, 20, 1000
"""Removal by one exchange (at 10 nothing is left), the Hill exponent, and how many times a slot may grow."""

RESPONSES = ("concentration", "igg", "autoantibody", "cortisol")
"""Quantities of a check besides the drug's engagements and the slots."""


def problems_of(drug: Drug, document: Document, disease: Disease) -> list[Problem]:
    """Return every problem of a drug file, each placed at its key.

    Arguments: the drug, the document it was read from, and the disease that it is to act on.
    """
    checker = _Checker(drug, document, disease)
    found = [*checker.kinetics(), *checker.removals(), *checker.engagements(), *checker.actions()]
    found += [*checker.sources(), *checker.alternatives(), *checker.maxima()]
    # Names and regimens are put through the kinetics, which must be sound before they can say anything.
    return found or [*checker.names(), *checker.regimens(), *checker.checks()]


class _Checker(NumberRules):
    """Checks one drug against the templates and the disease."""

    def __init__(self, drug: Drug, document: Document, disease: Disease) -> None:
        mass = drug.molar_mass
        super().__init__(document, converted(mass, "g/mol") if mass else None)
        self._drug = drug
        self._disease = disease
        self._slots = [slot.name for slot in disease.slots]

    def kinetics(self) -> Iterator[Problem]:
        """Check the molar mass, the templates, their numbers and the routes."""
        if self._drug.molar_mass is not None:
            yield from self.number(("molar_mass",), self._drug.molar_mass, Need("g/mol", "molar mass"))
        kinetics = self._drug.pharmacokinetics
        key: Key = ("pharmacokinetics",)
        template = DISPOSITIONS.get(kinetics.template)
        if template is None:
            yield self.unknown((*key, "template"), kinetics.template, DISPOSITIONS)
            return
        yield from self.needs((*key, "parameters"), kinetics.parameters, template.needs)
        if kinetics.weight is not None:
            yield from self._weight((*key, "weight"), kinetics.weight)
        if bool(kinetics.routes) == self._drug.is_procedure:
            what = "a procedure has no routes" if self._drug.is_procedure else "needs at least one route"
            yield self.document.problem((*key, "routes"), what)
        for route, arrival in kinetics.routes.items():
            yield from self._route((*key, "routes", str(route)), arrival)

    def _route(self, key: Key, arrival: RouteKinetics) -> Iterator[Problem]:
        absorption = ABSORPTIONS.get(arrival.template)
        if absorption is None:
            yield self.unknown((*key, "template"), arrival.template, ABSORPTIONS)
            return
        yield from self.needs((*key, "parameters"), arrival.parameters, absorption.needs)
        yield from self._fixed(key, arrival, in_equations=bool(absorption.states))
        if arrival.bioavailability is not None:
            need = Need("1", "bioavailability", share=True)
            yield from self.number((*key, "bioavailability"), arrival.bioavailability, need)
        if arrival.lag is not None:
            yield from self.number((*key, "lag"), arrival.lag, Need("day", "lag"))

    def _fixed(self, key: Key, arrival: RouteKinetics, *, in_equations: bool) -> Iterator[Problem]:
        """Refuse a spread of numbers that act when a dose is given, the same for everybody."""
        numbers: dict[Key, Number | None] = {
            ("parameters", name): number
            for name, number in arrival.parameters.items()
            if name in DOSING_NEEDS
        }
        numbers[("lag",)] = arrival.lag
        numbers[("bioavailability",)] = None if in_equations else arrival.bioavailability
        for where, number in numbers.items():
            if number is not None and number.spread != Spread():
                what = "acts when a dose is given, the same for everybody, so it has no spread"
                yield self.document.problem((*key, *where, "spread"), what)

    def _weight(self, key: Key, scaling: WeightScaling) -> Iterator[Problem]:
        """Check the reference weight and the exponents, which may be 0."""
        yield from self.number((*key, "reference"), scaling.reference, Need("kg", "reference"))
        for name, exponent in (("clearance", scaling.clearance), ("volume", scaling.volume)):
            yield from self.number((*key, name), exponent, Need("1", name, share=True))

    def removals(self) -> Iterator[Problem]:
        """Check that a procedure removes states that exist, and that only a procedure removes."""
        if bool(self._drug.removals) != self._drug.is_procedure:
            what = "says nothing" if self._drug.is_procedure else "only a procedure removes plasma"
            yield self.document.problem(("removals",), what)
        states = [variable.identifier for variable in self._disease.states]
        for index, removal in enumerate(self._drug.removals):
            if removal.state not in states:
                yield self.unknown(("removals", index, "state"), removal.state, states)
            yield from self.number(
                ("removals", index, "removal"), removal.removal, Need("1", "removal", most=MOST_REMOVAL)
            )

    def engagements(self) -> Iterator[Problem]:
        """Check that engagements read quantities that exist, in units that fit."""
        drivers = self._drivers()
        for name, engagement in self._drug.engagements.items():
            key: Key = ("engagements", name)
            if engagement.driver not in drivers:
                yield self.unknown((*key, "driver"), engagement.driver, drivers)
                continue
            need = Need(drivers[engagement.driver], "potency")
            yield from self.number((*key, "potency"), engagement.potency, need)
            for part, unit, most in (
                ("access", "1", None),
                ("hill", "1", STEEPEST),
                ("half_time", "day", None),
            ):
                number = getattr(engagement, part)
                if number is not None:
                    yield from self.number((*key, part), number, Need(unit, part, most=most))

    def actions(self) -> Iterator[Problem]:
        """Check that actions name slots and engagements that exist, with maxima that fit."""
        seen: set[str] = set()
        for index, action in enumerate(self._drug.actions):
            key: Key = ("actions", index)
            if action.slot not in self._slots:
                yield self.unknown((*key, "slot"), action.slot, self._slots)
            if action.engagement not in self._drug.engagements:
                yield self.unknown((*key, "engagement"), action.engagement, self._drug.engagements)
            maximum = converted(action.maximum, "1")
            if maximum is not None and action.mode.lowers and maximum > 1:
                what = f"is {action.maximum.value}: {action.mode} cannot take away more than there is"
                yield self.document.problem((*key, "maximum", "value"), what, allowed="a share, 0 to 1")
            else:
                need = Need("1", "maximum", share=action.mode.lowers, most=LARGEST_FACTOR)
                yield from self.number((*key, "maximum"), action.maximum, need)
            spread = action.maximum.spread
            if action.mode.lowers and spread.patients:
                what = "a share of 1 cannot vary log-normally between patients"
                yield self.document.problem((*key, "maximum", "spread", "patients"), what)
            if action.mode.lowers and spread.typical and maximum is not None and not 0 < maximum < 1:
                what = "is on the logit scale, which needs a maximum between 0 and 1"
                yield self.document.problem((*key, "maximum", "spread", "typical"), what)
            if maximum_name(action) in seen:
                yield self.document.problem(key, "repeats the slot and engagement of an action above")
            seen.add(maximum_name(action))

    def sources(self) -> Iterator[Problem]:
        """Check that every number and fact names a source of the file."""
        for key, source in _sources_in(self.document.data, ()):
            if source not in self._drug.sources and source != JUDGEMENT:
                yield self.unknown(key, source, [*self._drug.sources, JUDGEMENT])

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
                yield self.unknown(where, parameter, needs)
            else:
                yield from self.number(where, number, needs[parameter])

    def maxima(self) -> Iterator[Problem]:
        """Check that labelled maxima are amounts, and name routes that the drug has."""
        routes = self._drug.pharmacokinetics.routes
        for index, limit in enumerate(self._drug.labelled_maximum):
            key: Key = ("labelled_maximum", index)
            wanted = "1" if self._drug.is_procedure else "mg"
            amount = limit.amount.model_copy(update={"unit": limit.amount.unit.removesuffix("/kg")})
            yield from self.number(
                (*key, "amount"), amount, Need(wanted, "amount", share=True), unbounded=True
            )
            if limit.route is not None and limit.route not in routes:
                yield self.unknown((*key, "route"), str(limit.route), [str(route) for route in routes])

    def names(self) -> Iterator[Problem]:
        """Check that no name of the drug stands twice, or belongs to the disease."""
        try:
            equations = equations_of(self._drug)
        except ValueError as error:
            hint = "rename an engagement, or change a route's template"
            yield self.document.problem(("pharmacokinetics",), str(error), hint=hint)
            return
        own = [*(row.identifier for row in equations.parameters), *equations.quantities, *equations.states]
        taken = {row.identifier for row in self._disease.parameters}
        taken |= {variable.identifier for variable in self._disease.variables}
        taken |= {slot.symbol for slot in self._disease.slots}
        for name in sorted(taken & set(own)):
            yield self.document.problem(
                ("id",), f"the model's name {name} belongs to the disease", hint="choose another id"
            )

    def regimens(self) -> Iterator[Problem]:
        """Check that the usual regimens can be read and given."""
        for index, usual in enumerate(self._drug.regimens):
            yield from self._regimen(("regimens", index, "regimen"), usual.regimen)

    def checks(self) -> Iterator[Problem]:
        """Check that the checks measure something that exists and can be simulated."""
        quantities = [*RESPONSES, *self._drivers(), *self._drug.engagements, *self._slots]
        units = {**self._drivers(), "igg": "g/L"}
        for index, check in enumerate(self._drug.checks):
            key: Key = ("checks", index)
            yield from self._regimen((*key, "regimen"), check.regimen)
            if check.quantity not in quantities:
                yield self.unknown((*key, "quantity"), check.quantity, quantities)
            if check.parameters is not None and check.parameters not in self._drug.alternatives:
                yield self.unknown((*key, "parameters"), check.parameters, self._drug.alternatives)
            if check.measure in {"value", "change"} and check.at_days is None:
                yield self.document.problem((*key, "at_days"), f"is missing, and {check.measure} needs it")
            if check.until_days is not None and check.until_days <= check.from_days:
                yield self.document.problem((*key, "until_days"), "is not after from_days")
            allowed = check_units(check.measure, units.get(check.quantity))
            if allowed and check.unit not in allowed:
                yield self.document.problem(
                    (*key, "unit"),
                    f"is {check.unit!r}, not the unit that {check.quantity} is measured in",
                    allowed=", ".join(allowed),
                )
            if not check.low < check.high:
                yield self.document.problem((*key, "low"), "is not below high")

    def _regimen(self, key: Key, text: str) -> Iterator[Problem]:
        place = Place(self.document.file, self.document.line_of(key), dotted_key(key))
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
