"""What the conditions of a period change, for all experiments at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.engine.petab.model import Given, PetabModel, Values
from calor.engine.petab.problem import Change, Period, PetabProblem
from calor.engine.symbolic.evaluation import evaluate
from calor.engine.symbolic.traversal import symbols_of


class Changes:
    """Applies changes at given values of the problem's parameters.

    Arguments: the problem; its model; the values by name.
    """

    def __init__(self, problem: PetabProblem, model: PetabModel, theta: Mapping[str, float]) -> None:
        self._problem, self._model, self._theta = problem, model, theta
        self._in_model = {
            name: value
            for name, value in theta.items()
            if name in model.known and model.holder_of(name, problem.parameters[name].place)
        }

    def first(self, periods: Sequence[Period], time: Numbers) -> Values:
        """Return every quantity at the start of the first periods, one an experiment."""
        values = {**self._model.defaults, **self._theta} if self._problem.version == 1 else self._theta
        given = self._given(periods, [values] * len(periods), time)
        return {
            **self._others(given, {}, len(time)),
            **self._model.start(self._with_theta(given, time), time),
        }

    def later(self, periods: Sequence[Period], before: Values, time: Numbers) -> Values:
        """Return every quantity at the start of later periods.

        Arguments: the periods; the quantities at the end of those before; the time at which each begins (n,).
        """
        if self._problem.version == 1:
            return self._anew(periods, before, time)
        now = self._model.now(before, time)
        rows = [{name: numbers[row] for name, numbers in now.items()} for row in range(len(time))]
        given = self._given(periods, [{**row, **self._theta} for row in rows], time)
        return {**self._others(given, before, len(time)), **self._set(given, before, now, time)}

    def _anew(self, periods: Sequence[Period], before: Values, time: Numbers) -> Values:
        """Return the start of the second condition of version 1: the model's, but for the states.

        The states are those of the first condition, unless the second gives them.
        """
        values = {**self._model.defaults, **self._theta}
        given = self._given(periods, [values] * len(periods), time)
        start = self._model.start(self._with_theta(given, time), time)
        holders = {self._model.system.amount_of(target): numbers for target, numbers in given.items()}
        for name in self._model.system.state_names:
            if name not in holders:
                start[name] = before[name]
            else:
                start[name] = np.where(holders[name].which, start[name], before[name])
        return {**self._others(given, {}, len(time)), **start}

    def _set(self, given: Mapping[str, Given], before: Values, now: Values, time: Numbers) -> Values:
        """Return the quantities with what is given set; concentrations stay as they are in a new volume."""
        model, system = self._model, self._model.system
        made = dict(before)
        for target, numbers in given.items():
            if target in model.known and system.amount_of(target) == target:
                made[target] = numbers.instead_of(made[target])
        after = model.now(made, time)
        for species in system.species:
            if species.name == species.amount or species.amount not in made:
                continue
            factor = model.amount_for_one(species.name, after, time)
            was = now[species.name]
            if species.name in given:
                made[species.amount] = given[species.name].instead_of(was) * factor
            elif np.any(factor != model.amount_for_one(species.name, now, time)):
                made[species.amount] = was * factor
        return made

    def _given(
        self, periods: Sequence[Period], values: Sequence[Mapping[str, Any]], time: Numbers
    ) -> dict[str, Given]:
        """Return what the changes of periods give, by target."""
        which: dict[str, Any] = {}
        numbers: dict[str, Numbers] = {}
        for row, period in enumerate(periods):
            for change in period.changes:
                target = change.target
                self._check(target, change)
                which.setdefault(target, np.zeros(len(periods), dtype=bool))[row] = True
                value = _value(change, values[row], float(time[row]))
                numbers.setdefault(target, np.zeros(len(periods)))[row] = value
        return {target: Given(which[target], numbers[target]) for target in which}

    def _check(self, target: str, change: Change) -> None:
        """Raise InputError for a target that nothing knows, or that a rule sets."""
        if target in self._model.known or target not in self._named_by_formulas:
            self._model.holder_of(target, change.place)

    @cached_property
    def _named_by_formulas(self) -> set[str]:
        observables = self._problem.observables.values()
        return symbols_of([formula for each in observables for formula in (each.formula, each.noise)])

    def _with_theta(self, given: Mapping[str, Given], time: Numbers) -> dict[str, Given]:
        """Return what is given with the parameter table's values where no condition gives another."""
        everywhere = np.ones(len(time), dtype=bool)
        made = dict(given)
        for name, value in self._in_model.items():
            numbers = np.full(len(time), value)
            if name in given:
                numbers = given[name].instead_of(numbers)
            made[name] = Given(everywhere, numbers)
        return made

    def _others(self, given: Mapping[str, Given], before: Values, n: int) -> Values:
        """Return the quantities that the model does not know."""
        made = {}
        for name in {*given, *before} - self._model.known:
            numbers = before.get(name, np.full(n, np.nan))
            made[name] = given[name].instead_of(numbers) if name in given else numbers
        return made


def _value(change: Change, values: Mapping[str, Any], time: float) -> float:
    """Return the value of a change; raises InputError where its formula has none."""
    place = change.place
    try:
        value = float(evaluate(change.formula, values, time))
    except KeyError as error:
        raise InputError.of(
            f"the value of {change.target} mentions {error.args[0]}, which is not known here",
            file=place.file, line=place.line, key=place.key,
            allowed="numbers and parameters of the parameter table",
        ) from None  # fmt: skip
    if not np.isfinite(value):
        raise InputError.of(
            f"the value of {change.target} is {value:g}",
            file=place.file, line=place.line, key=place.key, allowed="a finite number",
        )  # fmt: skip
    return value
