"""What an SBML model says about its quantities, gathered once: rules, initial assignments, event targets."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import libsbml

from calor.engine.importers.sbml_math import MathReader
from calor.engine.importers.sbml_units import Units
from calor.engine.symbolic.expression import ONE, Expression, symbol


class Facts:
    """A model's rules by variable, with their formulas read.

    Arguments: the document (kept alive with the model); the model; the file's name for messages; and the
    quantities whose values somebody gives who reads the model, so that the model need not.
    """

    def __init__(
        self,
        document: libsbml.SBMLDocument,
        model: libsbml.Model,
        file: str | None,
        given: Collection[str] = (),
    ) -> None:
        self._document = document
        self.given = given
        self.model, self.file = model, file
        self.read = MathReader(model, file)
        self.units = Units(model)
        rules = list(model.getListOfRules())
        self.assignment_rules = self._by_variable(rule for rule in rules if rule.isAssignment())
        self.rate_rules = self._by_variable(rule for rule in rules if rule.isRate())
        self.initial_assignments = {
            item.getSymbol(): self.read.real(item.getMath(), f"initial assignment of {item.getSymbol()}")
            for item in model.getListOfInitialAssignments()
            if item.isSetMath()
        }
        self.event_targets = {
            assignment.getVariable()
            for event in model.getListOfEvents()
            for assignment in event.getListOfEventAssignments()
        }

        self.undetermined = self._undetermined() if any(rule.isAlgebraic() for rule in rules) else set()

    def _undetermined(self) -> set[str]:
        """Return what algebraic rules may determine: what varies by no other rule and no reaction."""
        model = self.model
        ruled = self.assignment_rules.keys() | self.rate_rules.keys()
        reacting = {
            reference.getSpecies()
            for reaction in model.getListOfReactions()
            for references in (reaction.getListOfReactants(), reaction.getListOfProducts())
            for reference in references
            if not model.getSpecies(reference.getSpecies()).getBoundaryCondition()
        }
        stoichiometries = [
            reference
            for reaction in model.getListOfReactions()
            for references in (reaction.getListOfReactants(), reaction.getListOfProducts())
            for reference in references
            if reference.isSetId() and not reference.isSetStoichiometryMath()
        ]
        quantities = [
            *model.getListOfCompartments(),
            *model.getListOfSpecies(),
            *model.getListOfParameters(),
            *(stoichiometries if model.getLevel() > 2 else ()),
        ]
        return {item.getId() for item in quantities if not item.getConstant()} - ruled - reacting

    def _by_variable(self, rules: Iterable[libsbml.Rule]) -> dict[str, Expression]:
        return {
            rule.getVariable(): self.read.real(rule.getMath(), f"rule of {rule.getVariable()}")
            for rule in rules
            if rule.isSetMath()
        }

    def changes(self, name: str) -> bool:
        """Whether a rule, an event or an initial assignment sets a quantity, or may."""
        return (
            name in self.assignment_rules
            or name in self.rate_rules
            or name in self.event_targets
            or name in self.initial_assignments
            or name in self.undetermined
        )

    def is_one(self, compartment: libsbml.Compartment) -> bool:
        """Whether a compartment's size is 1 for good, so that amounts and concentrations are the same."""
        name = compartment.getId()
        return bool(compartment.getSize() == 1.0) and not self.changes(name) and name not in self.given

    def size(self, species: libsbml.Species) -> Expression | None:
        """Return the size of a species' compartment; None where it has no extent."""
        compartment = self.model.getCompartment(species.getCompartment())
        if compartment.getSpatialDimensionsAsDouble() == 0 and not compartment.isSetSize():
            return None
        return ONE if self.is_one(compartment) else symbol(compartment.getId())

    def size_or_one(self, species: libsbml.Species) -> Expression:
        """Return what an amount is divided by to give a concentration; 1 where there is no extent."""
        size = self.size(species)
        return ONE if size is None else size

    def is_amount(self, species: libsbml.Species) -> bool:
        """Whether a species' name means its amount rather than its concentration."""
        return bool(species.getHasOnlySubstanceUnits()) or self.size(species) is None

    def amount_name(self, species: libsbml.Species) -> str:
        """Return the name of a species' amount."""
        name = str(species.getId())
        return name if self.is_amount(species) or self.size(species) is ONE else f"amount({name})"
