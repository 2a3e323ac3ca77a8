"""Doses as events of an SBML model, so that any simulator gives them.

A calendar's entries at one time become one event at that time. Doses at once add to a species or a quantity;
an infusion is a rate that a reaction (or a rate rule) adds, switched by events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import libsbml

from calor.core.errors import UnsupportedError
from calor.engine.calendar import Calendar
from calor.engine.instants import Effect, instants_of
from calor.engine.symbolic.system import System

MOST_EVENTS = 5_000
"""Times of a calendar; each is an event, which simulators look at in every step."""


@dataclass
class DosedModel:
    """A model that takes doses. Arguments: its document, made Level 3, and its system."""

    document: libsbml.SBMLDocument
    system: System
    _rates: dict[str, str] = field(default_factory=dict)

    @property
    def model(self) -> libsbml.Model:
        """The model of the document, which must be kept as long."""
        return self.document.getModel()

    def give(self, calendar: Calendar, start: float) -> None:
        """Add the events of a calendar that begins at a time.

        Raises UnsupportedError for resets in the course of it, and for more events than simulators bear.
        """
        instants = list(instants_of(calendar))
        if len(instants) > MOST_EVENTS:
            raise UnsupportedError.of(
                f"doses at {len(instants):,} times as events are not supported", key="--omex",
                hint=f"up to {MOST_EVENTS:,}: write a shorter course",
            )  # fmt: skip
        for number, instant in enumerate(instants):
            if instant.resets and instant.time > start:
                raise UnsupportedError.of(
                    "a reset (EVID 3 or 4) in an archive is not supported", key="--omex"
                )
            self._add_event(number, instant.time, instant.effects)

    def _add_event(self, number: int, time: float, effects: Mapping[str, Effect]) -> None:
        event = self.model.createEvent()
        event.setId(self._free(f"dose_{number + 1}"))
        event.setUseValuesFromTriggerTime(True)
        trigger = event.createTrigger()
        trigger.setInitialValue(False)
        trigger.setPersistent(True)
        trigger.setMath(
            _apply(libsbml.AST_RELATIONAL_GEQ, libsbml.ASTNode(libsbml.AST_NAME_TIME), _number(time))
        )
        for state, effect in effects.items():
            if effect.changes_state:
                self._assign(event, self._symbol(state), self._after(state, effect))
            if effect.rate:
                rate = self._rate(state)
                self._assign(event, rate, _sum(_name(rate), _number(effect.rate)))
        if not event.getNumEventAssignments():
            event.removeFromParentAndDelete()

    def _assign(self, event: libsbml.Event, variable: str, math: libsbml.ASTNode) -> None:
        assignment = event.createEventAssignment()
        assignment.setVariable(variable)
        assignment.setMath(math)
        element = self.model.getElementBySId(variable)
        element.setConstant(False)

    def _symbol(self, state: str) -> str:
        """Return the name in the model of what a state of the system holds."""
        return next((item.name for item in self.system.species if item.amount == state), state)

    def _after(self, state: str, effect: Effect) -> libsbml.ASTNode:
        """Return the value after the entries, of what the name means: the amount or the concentration."""
        symbol = self._symbol(state)
        added = _number(effect.added)
        species = self.model.getSpecies(symbol)
        if species is not None and not species.getHasOnlySubstanceUnits():
            added = _apply(libsbml.AST_DIVIDE, added, _name(species.getCompartment()))
        if effect.factor == 0.0:
            return added
        kept = _name(symbol)
        if effect.factor != 1.0:
            kept = _apply(libsbml.AST_TIMES, _number(effect.factor), kept)
        return _sum(kept, added) if effect.added else kept

    def _rate(self, state: str) -> str:
        """Return the parameter that holds the rate of infusion into a state, made where there is none yet."""
        if state in self._rates:
            return self._rates[state]
        symbol = self._symbol(state)
        name = self._free(f"infusion_into_{symbol}")
        parameter = self.model.createParameter()
        parameter.setId(name)
        parameter.setValue(0.0)
        parameter.setConstant(False)
        species = self.model.getSpecies(symbol)
        rule = self.model.getRateRule(symbol)
        if rule is not None and (species is None or species.getHasOnlySubstanceUnits()):
            rule.setMath(_sum(rule.getMath().deepCopy(), _name(name)))
        elif rule is None and species is not None and not species.getBoundaryCondition():
            self._add_reaction(species, name)
        else:
            raise UnsupportedError.of(f"an infusion into {symbol} as an event is not supported", key="--omex")
        self._rates[state] = name
        return name

    def _add_reaction(self, species: libsbml.Species, rate: str) -> None:
        reaction = self.model.createReaction()
        reaction.setId(self._free(f"input_of_{species.getId()}"))
        reaction.setReversible(False)
        product = reaction.createProduct()
        product.setSpecies(species.getId())
        product.setStoichiometry(1.0)
        product.setConstant(True)
        factor = species.getConversionFactor() or self.model.getConversionFactor()
        law = _apply(libsbml.AST_DIVIDE, _name(rate), _name(factor)) if factor else _name(rate)
        reaction.createKineticLaw().setMath(law)

    def _free(self, name: str) -> str:
        while self.model.getElementBySId(name) is not None:
            name += "_"
        return name


def _apply(kind: int, *operands: libsbml.ASTNode) -> libsbml.ASTNode:
    node = libsbml.ASTNode(kind)
    for operand in operands:
        node.addChild(operand)
    return node


def _sum(first: libsbml.ASTNode, last: libsbml.ASTNode) -> libsbml.ASTNode:
    return _apply(libsbml.AST_PLUS, first, last)


def _name(name: str) -> libsbml.ASTNode:
    node = libsbml.ASTNode(libsbml.AST_NAME)
    node.setName(name)
    return node


def _number(value: float) -> libsbml.ASTNode:
    node = libsbml.ASTNode(libsbml.AST_REAL)
    node.setValue(value)
    return node
