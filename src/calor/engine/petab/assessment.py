"""A problem weighed at values of its parameters: log-likelihood, chi squared, priors, each observable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.progress import SILENT, Progress
from calor.engine.batch import Options
from calor.engine.petab.likelihood import weigh
from calor.engine.petab.model import PetabModel, load_model
from calor.engine.petab.priors import log_density
from calor.engine.petab.problem import Measurement, Observable, Override, PetabProblem, Scale
from calor.engine.petab.simulation import Seen, Simulation
from calor.engine.symbolic.evaluation import evaluate
from calor.engine.symbolic.traversal import symbols_of

ACCURACY = Options(rtol=1e-8, atol=1e-10, max_steps=1_000_000)
"""A log-likelihood adds up thousands of residuals: finer than a course that is looked at."""


@dataclass(frozen=True)
class ObservableSum:
    """What one observable adds: the number of its measurements, their log-likelihood and chi squared."""

    name: str
    count: int
    log_likelihood: float
    chi2: float


@dataclass(frozen=True)
class Assessment:
    """A problem's result.

    Arguments: the values of the parameters; the sums of the observables; the log density of the priors, None
    where there are none; the parameters that lie where their prior is 0; and of every measurement the
    simulated value, the noise, the residual in units of the noise and the log density (n_measurements,).
    """

    theta: Mapping[str, float]
    observables: tuple[ObservableSum, ...]
    log_prior: float | None
    beyond_priors: tuple[str, ...]
    simulated: Numbers
    noise: Numbers
    residuals: Numbers
    log_densities: Numbers

    @property
    def log_likelihood(self) -> float:
        """The log-likelihood of all measurements."""
        return float(np.sum(self.log_densities))

    @property
    def chi2(self) -> float:
        """The sum of squared residuals in units of the noise."""
        return float(np.sum(self.residuals**2))


class Assessor:
    """Weighs a problem, at any values of its parameters.

    Arguments: the problem; the solver's options.
    """

    def __init__(self, problem: PetabProblem, options: Options = ACCURACY) -> None:
        self.problem = problem
        self.model = load_model(problem)
        self._by_observable = _by_observable(problem)
        self._simulation = Simulation(problem, self.model, _wanted(problem, self.model), options)

    def __call__(self, changed: Mapping[str, float] | None = None, progress: Progress = SILENT) -> Assessment:
        """Return the assessment at the nominal values of the parameters, some of them changed.

        Raises InputError for a parameter that is unknown or has no value, for a system that cannot be solved,
        and for a measurement that has no likelihood.
        """
        theta = _theta(self.problem, changed or {})
        seen = self._simulation(theta, progress)
        n = len(self.problem.measurements)
        simulated, noise, residuals, densities = (np.full(n, math.nan) for _ in range(4))
        sums = []
        for name, rows in self._by_observable.items():
            observable = self.problem.observables[name]
            measured = [self.problem.measurements[row] for row in rows]
            values = _values(observable, measured, rows, seen, theta)
            simulated[rows] = evaluate(observable.formula, values, seen.time[rows])
            noise[rows] = evaluate(observable.noise, values, seen.time[rows])
            _refuse_without_likelihood(observable, measured, simulated[rows], noise[rows])
            taken = np.array([each.value for each in measured])
            weighed = weigh(taken, simulated[rows], noise[rows], observable.scale, observable.distribution)
            residuals[rows], densities[rows] = weighed.residuals, weighed.log_densities
            sums.append(_sum_of(name, residuals[rows], densities[rows]))
        priors = _log_priors(self.problem, theta)
        return Assessment(
            theta=theta,
            observables=tuple(sums),
            log_prior=math.fsum(priors.values()) if priors else None,
            beyond_priors=tuple(name for name, density in priors.items() if density == -math.inf),
            simulated=simulated,
            noise=noise,
            residuals=residuals,
            log_densities=densities,
        )


def _by_observable(problem: PetabProblem) -> dict[str, Numbers]:
    rows: dict[str, list[int]] = {}
    for row, measurement in enumerate(problem.measurements):
        rows.setdefault(measurement.observable, []).append(row)
    return {name: np.array(rows[name]) for name in problem.observables if name in rows}


def _wanted(problem: PetabProblem, model: PetabModel) -> tuple[str, ...]:
    """Return what formulas need of the model and of conditions; raises InputError for what nothing knows."""
    changed = {
        change.target
        for experiment in problem.experiments.values()
        for period in experiment.periods
        for change in period.changes
    }
    wanted: dict[str, None] = {}
    for observable in problem.observables.values():
        own = {*observable.placeholders, *observable.noise_placeholders}
        for name in sorted(symbols_of([observable.formula, observable.noise]) - own):
            if name in model.known or name in changed:
                wanted[name] = None
            elif name not in problem.parameters:
                place = observable.place
                raise InputError.of(
                    f"a formula of {observable.name} mentions {name}, which nothing defines",
                    file=place.file, line=place.line,
                    allowed="quantities of the model, parameters of the parameter table, placeholders",
                    hint="write the formula of that observable out" if name in problem.observables else None,
                )  # fmt: skip
    return tuple(wanted)


def _theta(problem: PetabProblem, changed: Mapping[str, float]) -> dict[str, float]:
    unknown = sorted(set(changed) - set(problem.parameters))
    if unknown:
        known = ", ".join(list(problem.parameters)[:20])
        raise InputError.of(f"the problem has no parameter {unknown[0]}", key="--set", allowed=known)
    theta = {}
    for name, parameter in problem.parameters.items():
        value = changed.get(name, parameter.value)
        if value is None:
            raise InputError.of(
                f"{name} has no nominal value", file=parameter.place.file, line=parameter.place.line,
                key="nominalValue", hint=f"give one, or --set {name}=VALUE",
            )  # fmt: skip
        theta[name] = value
    return theta


def _values(
    observable: Observable,
    measured: list[Measurement],
    rows: Numbers,
    seen: Seen,
    theta: Mapping[str, float],
) -> dict[str, object]:
    """Return what the names in an observable's formulas stand for, measurement by measurement."""

    def value(override: Override) -> float:
        return theta[override] if isinstance(override, str) else override

    values: dict[str, object] = {**theta, **{name: seen.values[name][rows] for name in seen.values}}
    for position, name in enumerate(observable.placeholders):
        values[name] = np.array([value(each.overrides[position]) for each in measured])
    for position, name in enumerate(observable.noise_placeholders):
        values[name] = np.array([value(each.noise_overrides[position]) for each in measured])
    return values


def _refuse_without_likelihood(
    observable: Observable, measured: list[Measurement], simulated: Numbers, noise: Numbers
) -> None:
    """Raise InputError for the first measurement whose likelihood is not defined."""
    logarithmic = observable.scale is not Scale.LINEAR
    for row, measurement in enumerate(measured):
        value, spread = float(simulated[row]), float(noise[row])
        if not math.isfinite(spread) or spread <= 0.0:
            what, allowed = f"the noise of {observable.name} is {spread:g}", "a finite number above 0"
        elif not math.isfinite(value) or (logarithmic and value <= 0.0):
            what = f"{observable.name} is simulated as {value:g}"
            allowed = "a number above 0 for a logarithmic scale" if logarithmic else "a finite number"
        elif logarithmic and measurement.value <= 0.0:
            what = f"{observable.name} is measured as {measurement.value:g}"
            allowed = "a number above 0 for a logarithmic scale"
        else:
            continue
        place = measurement.place
        what = f"{what} at time {measurement.time:g}"
        raise InputError.of(what, file=place.file, line=place.line, key="measurement", allowed=allowed)


def _sum_of(name: str, residuals: Numbers, densities: Numbers) -> ObservableSum:
    return ObservableSum(name, len(residuals), float(np.sum(densities)), float(np.sum(residuals**2)))


def _log_priors(problem: PetabProblem, theta: Mapping[str, float]) -> dict[str, float]:
    """Return the log density of every prior of an estimated parameter."""
    return {
        name: log_density(parameter.prior, theta[name])
        for name, parameter in problem.parameters.items()
        if parameter.prior is not None and parameter.estimated
    }
