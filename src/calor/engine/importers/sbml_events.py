"""Events: their assignments written for the states that hold the quantities they set."""

from __future__ import annotations

import libsbml

from calor.engine.importers.assembly import Assembly
from calor.engine.importers.sbml_facts import Facts
from calor.engine.symbolic.expression import Expression, as_boolean
from calor.engine.symbolic.system import Assignment, Event


def add_events(facts: Facts, assembly: Assembly) -> None:
    """Add every event that has a trigger and sets something."""
    for position, event in enumerate(facts.model.getListOfEvents()):
        name = event.getId() or f"event {position + 1}"
        trigger = event.getTrigger()
        assignments = _assignments(facts, event, f"event {name}")
        if trigger is None or not trigger.isSetMath() or not assignments:
            continue
        assembly.events.append(
            Event(
                name=name,
                trigger=as_boolean(facts.read(trigger.getMath(), f"trigger of {name}")),
                assignments=assignments,
                delay=_optional(facts, event.getDelay(), f"delay of {name}"),
                priority=_optional(facts, event.getPriority(), f"priority of {name}"),
                persistent=not trigger.isSetPersistent() or bool(trigger.getPersistent()),
                initial_value=not trigger.isSetInitialValue() or bool(trigger.getInitialValue()),
                use_values_from_trigger_time=bool(event.getUseValuesFromTriggerTime()),
            )
        )


def _optional(
    facts: Facts, element: libsbml.Delay | libsbml.Priority | None, where: str
) -> Expression | None:
    if element is None or not element.isSetMath():
        return None
    return facts.read.real(element.getMath(), where)


def _assignments(facts: Facts, event: libsbml.Event, where: str) -> tuple[Assignment, ...]:
    made: list[Assignment] = []
    for assignment in event.getListOfEventAssignments():
        if not assignment.isSetMath():
            continue
        name = assignment.getVariable()
        value = facts.read.real(assignment.getMath(), f"{where}, {name}")
        species = facts.model.getSpecies(name)
        if species is None:
            made.append(Assignment(name, value))
        elif facts.is_amount(species):
            made.append(Assignment(facts.amount_name(species), value))
        else:
            made.append(Assignment(facts.amount_name(species), value, facts.size_or_one(species)))
    return tuple(made)
