"""The model of a problem, ready to be given its values from outside.

Every quantity that SBML fixes at the start (by an initial assignment) becomes a parameter, and every state is
given: what they are at the start is computed here, for all experiments at once, from what each is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError, Place
from calor.engine.importers.sbml import load_sbml
from calor.engine.petab.problem import PetabProblem
from calor.engine.symbolic.evaluation import evaluate
from calor.engine.symbolic.expression import ONE, Expression, constant, symbol
from calor.engine.symbolic.system import Parameter, System
from calor.engine.symbolic.traversal import in_order, substitute

Values = dict[str, Numbers]
"""Numbers of quantities by name, one an experiment (n_experiments,)."""


@dataclass(frozen=True)
class Given:
    """Numbers that some experiments give a quantity: which of them do (n,), and the numbers (n,)."""

    which: Any
    numbers: Numbers

    def instead_of(self, other: Any) -> Numbers:
        """Return the numbers given, and another where none is."""
        return np.where(self.which, self.numbers, other)


@dataclass(frozen=True)
class PetabModel:
    """The model: the system whose values are given, and the one as it stands in the file."""

    system: System
    written: System

    @cached_property
    def defaults(self) -> Mapping[str, float]:
        """The values of the parameters that the file itself gives."""
        return {parameter.name: parameter.value for parameter in self.written.parameters}

    @cached_property
    def known(self) -> frozenset[str]:
        """Everything that a formula may name."""
        return frozenset(self.system.output_names)

    def holder_of(self, target: str, place: Place) -> str:
        """Return the parameter or state that holds what a target names; raises InputError for another."""
        holder = self.system.amount_of(target)
        if holder in self.system.parameter_names or holder in self.system.state_names:
            return holder
        what = "follows from a rule of the model" if holder in self.known else "is no quantity of the model"
        raise InputError.of(
            f"{target} {what}", file=place.file, line=place.line, key=place.key,
            allowed="a parameter, species or compartment of the model that no rule sets",
        )  # fmt: skip

    def amount_for_one(self, target: str, values: Mapping[str, Any], time: Any) -> Any:
        """Return the factor from a quantity, in the meaning of its name, to what its holder holds."""
        holder = self.system.amount_of(target)
        if holder == target:
            return 1.0
        formula = substitute(self._formulas[target], {symbol(holder): ONE})
        return 1.0 / evaluate(formula, values, time)

    @cached_property
    def _formulas(self) -> Mapping[str, Expression]:
        return {item.name: item.formula for item in self.system.assigned}

    @cached_property
    def _at_start(self) -> Mapping[str, Expression]:
        """How each quantity is computed at the start, in an order in which that can be done.

        An amount comes after what turns it into a concentration, in case it is given as one.
        """
        system = self.written
        amounts = {item.amount for item in system.species if item.amount != item.name}
        formulas = {name: constant(value) for name, value in self.defaults.items() if name in amounts}
        formulas |= {item.name: item.formula for item in system.assigned}
        formulas |= {state.name: state.initial for state in system.states}
        formulas |= {item.name: item.formula for item in system.starts}
        after = dict(formulas)
        for item in system.species:
            turns = self._formulas.get(item.name)
            if item.amount in formulas and turns is not None and item.amount != item.name:
                after[item.amount] = formulas[item.amount] + substitute(turns, {symbol(item.amount): ONE})
        return {name: formulas[name] for name in in_order(after)}

    def start(self, given: Mapping[str, Given], time: Numbers) -> Values:
        """Return every quantity at the start.

        Arguments: what experiments give, by target; the time at which each begins (n,).
        """
        values: Values = {name: np.full(len(time), value) for name, value in self.defaults.items()}
        holders: dict[str, tuple[str, Given]] = {}
        for target, numbers in given.items():
            holder = self.system.amount_of(target)
            holders[holder] = (target, numbers)
            if holder in values and holder == target:
                values[holder] = numbers.instead_of(values[holder])
        for name, formula in self._at_start.items():
            made = np.broadcast_to(evaluate(formula, values, time), time.shape).astype(np.float64)
            if name in holders:
                target, numbers = holders[name]
                factor = self.amount_for_one(target, values, time)
                made = replace(numbers, numbers=numbers.numbers * factor).instead_of(made)
            values[name] = made
        return values

    def now(self, values: Mapping[str, Numbers], time: Numbers) -> Values:
        """Return every quantity from the states and parameters (n,) at a time (n,)."""
        found: Values = dict(values)
        for item in self.system.assigned:
            made = evaluate(item.formula, found, time)
            found[item.name] = np.broadcast_to(made, time.shape).astype(np.float64)
        return found


def load_model(problem: PetabProblem) -> PetabModel:
    """Return the model of a problem. Raises InputError and UnsupportedError as the SBML importer does."""
    given = set(problem.parameters)
    for experiment in problem.experiments.values():
        given |= {change.target for period in experiment.periods for change in period.changes}
    written = load_sbml(Path(problem.model.path), given)
    return PetabModel(_with_given_constants(written, written.constant_names), written)


def _with_given_constants(system: System, names: Collection[str]) -> System:
    """Return the system with what is fixed at the start as parameters, 0 until they are given."""
    fixed = set(names)
    return replace(
        system,
        assigned=tuple(item for item in system.assigned if item.name not in fixed),
        parameters=(
            *system.parameters,
            *(Parameter(item.name, 0.0, item.unit) for item in system.assigned if item.name in fixed),
        ),
        starts=(),
    )
