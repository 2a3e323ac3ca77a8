"""What each simulator of the census says of a file: calor, calor's reference backend, libRoadRunner."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from census_rounding import rounding_of, with_rounding
from numpy.typing import NDArray

from calor.core.errors import InputError, UnsupportedError
from calor.core.tolerances import ATOL, RTOL
from calor.engine import compile_kernel, compile_persistent_kernel
from calor.engine.backends.llvm import kernel as _llvm  # noqa: F401 (before any process is forked)
from calor.engine.backends.reference import ReferenceKernel as _reference  # noqa: F401
from calor.engine.batch import Batch, Kernel, Options, Status, Summary
from calor.engine.importers.files import load_model_file
from calor.engine.symbolic.system import System

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import roadrunner

Numbers = NDArray[np.float64]

TIMES = np.linspace(0.0, 100.0, 98)
USUAL = Options(rtol=RTOL, atol=ATOL, max_steps=1_000_000)
"""What `calor simulate` asks for."""
CLOSE_PAIRS = ((1e-12, 1e-18), (1e-10, 1e-13), (1e-9, 1e-11), (1e-8, 1e-10))
"""libRoadRunner's close tolerances, relative and absolute by a variable's largest value; the first that it
manages counts."""
CLOSER = Options(rtol=1e-11, atol=1e-18, max_steps=10_000_000)
CLOSE = tuple(Options(rtol=1e-12, atol=atol, max_steps=10_000_000) for atol in (1e-18, 1e-15))
"""What scipy's LSODA is asked for; the first that it manages counts."""


@dataclass(frozen=True)
class Answer:
    """How it ended, after how many seconds, and the values (n_times, n_names), None if there are none.

    `largest` is how large each becomes at any time (n_names,), where that is known.
    """

    status: str
    seconds: float
    names: tuple[str, ...] = ()
    values: Numbers | None = None
    largest: Numbers | None = None

    @classmethod
    def without(cls, status: str, seconds: float) -> Answer:
        """Return the answer of one that has no values."""
        return cls(status, seconds)


def calor_answer(file: Path) -> Answer:
    """Return calor's answer, by the code that `calor simulate` runs."""
    return _timed(lambda: _calor(file, compile_persistent_kernel, USUAL))


def calor_closer(file: Path) -> Answer:
    """Return calor's answer at a tolerance a hundred times closer."""
    return _timed(lambda: _calor(file, compile_persistent_kernel, CLOSER))


def calor_reference(file: Path) -> Answer:
    """Return what scipy's LSODA makes of calor's program at a close tolerance."""

    def closest() -> Answer:
        answers = (_calor(file, lambda system: compile_kernel(system, "reference"), close) for close in CLOSE)
        return next(
            (answer for answer in answers if answer.values is not None), Answer.without("failed", 0.0)
        )

    return _timed(closest)


def calor_scales(file: Path) -> Answer:
    """Return how large calor's values become, and how far rounding may take those that have a rule."""
    return _timed(lambda: _scales(file))


def roadrunner_answer(file: Path) -> Answer:
    """Return libRoadRunner's answer at its own tolerances."""
    return _timed(lambda: _roadrunner(file, None))


def roadrunner_course(file: Path) -> Answer:
    """Return what libRoadRunner gives by itself: the floating species, at its own tolerances."""
    return _timed(lambda: _course(file))


def roadrunner_tight(file: Path, usual: Answer) -> Answer:
    """Return libRoadRunner's answer at a close tolerance, knowing how large the variables become."""

    def tightest() -> Answer:
        for rtol, atol in CLOSE_PAIRS[:-1]:
            with suppress(RuntimeError):
                return _roadrunner(file, (usual, rtol, atol))
        return _roadrunner(file, (usual, *CLOSE_PAIRS[-1]))

    return _timed(tightest)


def _timed(simulate: Callable[[], Answer]) -> Answer:
    started = time.process_time()
    try:
        answer = simulate()
    except UnsupportedError as error:
        answer = Answer.without(f"refused: {_line(error)}", 0.0)
    except InputError as error:
        answer = Answer.without(f"invalid: {_line(error)}", 0.0)
    except Exception as error:
        answer = Answer.without(f"failed: {type(error).__name__}: {_line(error)}", 0.0)
    return replace(answer, seconds=round(time.process_time() - started, 3))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]


def _calor(file: Path, compiled: Callable[[System], Kernel], options: Options) -> Answer:
    system = load_model_file(file)
    names = _names(system)
    result = compiled(system).simulate(Batch(save_at=TIMES, outputs=names), options)
    status = Status(int(result.status[0]))
    if status is not Status.FINISHED:
        return Answer.without(f"failed: {status.message} at {result.reached[0]:.6g}", 0.0)
    return Answer("solved", 0.0, names, result.outputs[0])


def _scales(file: Path) -> Answer:
    system = load_model_file(file)
    names = _names(system)
    ruled = {item.name for item in system.assigned}
    wanted = tuple(rounding_of(name) for name in names if name in ruled)
    extremes = tuple(
        Summary(kind, name, TIMES[0], TIMES[-1]) for kind in ("maximum", "minimum") for name in names
    )
    batch = Batch(TIMES, wanted, summaries=extremes)
    result = compile_persistent_kernel(with_rounding(system)).simulate(batch, USUAL)
    values = np.zeros((len(TIMES), len(names)))
    values[:, [name in ruled for name in names]] = result.outputs[0]
    largest = np.abs(result.summaries[0]).reshape(2, len(names)).max(axis=0)
    return Answer("solved", 0.0, names, *(np.nan_to_num(each, posinf=0.0) for each in (values, largest)))


def _names(system: System) -> tuple[str, ...]:
    """Return the species, and the states that are none."""
    amounts = {item.amount for item in system.species}
    species = [item.name for item in system.species if item.name in system.output_names]
    return (*species, *(name for name in system.state_names if name not in amounts))


def _roadrunner(file: Path, close: tuple[Answer, float, float] | None) -> Answer:
    model, facts = roadrunner.RoadRunner(str(file)), _facts(file)
    if close is not None:
        _tighten(model, facts, *close)
    selections = [f"[{name}]" if name in facts.volume_of else name for name in facts.names]
    values = np.asarray(model.simulate(times=TIMES, selections=selections))
    return Answer("solved", 0.0, facts.names, values.copy())


def _course(file: Path) -> Answer:
    values = np.asarray(roadrunner.RoadRunner(str(file)).simulate(times=TIMES))
    return Answer("solved", 0.0, (), values.copy())


@dataclass(frozen=True)
class _Facts:
    """What libSBML says of a model.

    Arguments: the names of its species and of what rate rules change; which of them are independent
    variables of libRoadRunner's solver; and the compartment of every species that is a concentration.
    """

    names: tuple[str, ...]
    solved: tuple[str, ...]
    volume_of: dict[str, str]


def _facts(file: Path) -> _Facts:
    import libsbml

    model = libsbml.readSBMLFromFile(str(file)).getModel()
    species = [model.getSpecies(i) for i in range(model.getNumSpecies())]
    rules = [model.getRule(i) for i in range(model.getNumRules())]
    ruled = [rule.getVariable() for rule in rules if rule.isRate()]
    assigned = {rule.getVariable() for rule in rules if rule.isAssignment()}
    names = [each.getId() for each in species]
    free = [
        each.getId() for each in species if not each.getBoundaryCondition() and each.getId() not in assigned
    ]
    spatial = {
        model.getCompartment(i).getId(): model.getCompartment(i).getSpatialDimensions() > 0
        for i in range(model.getNumCompartments())
    }
    volumes = {
        each.getId(): each.getCompartment()
        for each in species
        if not each.getHasOnlySubstanceUnits() and spatial.get(each.getCompartment())
    }
    return _Facts(tuple(dict.fromkeys((*names, *ruled))), tuple(dict.fromkeys((*free, *ruled))), volumes)


def _tighten(model: roadrunner.RoadRunner, facts: _Facts, usual: Answer, rtol: float, atol: float) -> None:
    """Set tolerances relative to how large each variable becomes, and a longest step."""
    assert usual.values is not None
    model.integrator.relative_tolerance = rtol
    model.integrator.maximum_num_steps = 1_000_000
    model.integrator.maximum_time_step = 0.5
    largest = dict(zip(usual.names, np.nanmax(np.abs(usual.values), axis=0).tolist(), strict=True))
    least = 1e-20 * max(largest.values(), default=0.0) or 1e-20
    for name in facts.solved:
        size = max(largest[name], least)
        if name in facts.volume_of:
            size *= model[facts.volume_of[name]] or 1.0
        model.integrator.setIndividualTolerance(name, atol * size)
