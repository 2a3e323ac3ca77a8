"""Names that a mapping table gives to the model's quantities, replaced by those of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from calor.engine.petab.problem import (
    Change,
    Experiment,
    Measurement,
    Observable,
    Override,
    Period,
    PetabProblem,
)
from calor.engine.symbolic.expression import symbol
from calor.engine.symbolic.traversal import Substitution


def with_model_names(problem: PetabProblem, aliases: Mapping[str, str]) -> PetabProblem:
    """Return the problem with the model's own name wherever an alias stands. Arguments: name by alias."""
    if not aliases:
        return problem
    named = Substitution({symbol(alias): symbol(name) for alias, name in aliases.items()})

    def observable(each: Observable) -> Observable:
        return replace(each, formula=named(each.formula), noise=named(each.noise))

    def change(each: Change) -> Change:
        return replace(each, target=aliases.get(each.target, each.target), formula=named(each.formula))

    def experiment(each: Experiment) -> Experiment:
        periods = (Period(period.time, tuple(map(change, period.changes))) for period in each.periods)
        return replace(each, periods=tuple(periods))

    def overrides(each: tuple[Override, ...]) -> tuple[Override, ...]:
        return tuple(aliases.get(name, name) if isinstance(name, str) else name for name in each)

    def measurement(each: Measurement) -> Measurement:
        return replace(
            each, overrides=overrides(each.overrides), noise_overrides=overrides(each.noise_overrides)
        )

    return replace(
        problem,
        parameters={
            aliases.get(name, name): replace(parameter, name=aliases.get(name, name))
            for name, parameter in problem.parameters.items()
        },
        observables={name: observable(each) for name, each in problem.observables.items()},
        experiments={name: experiment(each) for name, each in problem.experiments.items()},
        measurements=tuple(map(measurement, problem.measurements)),
    )
