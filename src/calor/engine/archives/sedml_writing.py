"""The experiment of an archive as SED-ML Level 1 Version 4, made with libSEDML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import libsbml

from calor.core.errors import CalorError, UnsupportedError
from calor.engine.archives.algorithms import ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE
from calor.engine.archives.sbml_values import path_of
from calor.engine.symbolic.system import System

LANGUAGE = "urn:sedml:language:sbml"
TIME = "urn:sedml:symbol:time"
ASKED_FOR = "KISAO:0000019"
"""CVODE: what most simulators have. calor's own method is a Rosenbrock one, which few others offer."""

COMMAND = "pip install 'calor[omex]'"


@dataclass(frozen=True)
class Course:
    """When everything is seen: at steps + 1 times from first to last; and how accurately it is solved.

    The absolute tolerance is in the model's units.
    """

    first: float
    last: float
    steps: int
    rtol: float
    atol: float


@dataclass(frozen=True)
class ModelChanges:
    """A model of the experiment: its label, its file, values by the attributes that they set, its start."""

    label: str
    file: str
    changes: Mapping[str, float]
    start: float


def sedml_of(
    system: System, sbml: libsbml.SBMLDocument, models: Sequence[ModelChanges], columns: Sequence[str],
    quantities: Sequence[str], course: Course, title: str,
) -> str:  # fmt: skip
    """Return the experiment: each model under one uniform time course, with a report.

    Arguments: the system; its SBML document, in which quantities are looked up; the models; the columns and
    the quantity of the system behind each; the course; a title.
    Raises UnsupportedError for a quantity without an element of its own, and where libSEDML is missing.
    """
    libsedml = libsedml_module()
    document = libsedml.SedDocument(1, 4)
    document.getNamespaces().add(sbml.getSBMLNamespaces().getURI(), "sbml")
    document.setName(title)
    formulas = [_formula(system, sbml.getModel(), quantity) for quantity in quantities]
    courses = {
        start: f"course_{number + 1}" for number, start in enumerate(dict.fromkeys(m.start for m in models))
    }
    for start, name in courses.items():
        _add_course(document, name, start, course)
    for number, each in enumerate(models):
        suffix = f"_{number + 1}" if len(models) > 1 else ""
        _add_model(document, f"model{suffix}", each)
        task = document.createTask()
        task.setId(f"task{suffix}")
        task.setModelReference(f"model{suffix}")
        task.setSimulationReference(courses[each.start])
        _add_report(libsedml, document, suffix, each.label, columns, formulas)
    text = str(libsedml.writeSedMLToString(document))
    _check(libsedml, text)
    return text


@dataclass(frozen=True)
class _Formula:
    """A column: the XPaths of its variables, and its formula over them in MathML's infix form."""

    variables: Mapping[str, str]
    text: str


def _formula(system: System, model: libsbml.Model, quantity: str) -> _Formula:
    """Return a quantity as a formula of the model's elements: amounts and concentrations by the volume."""
    for species in system.species:
        if quantity not in (species.amount, species.concentration) or quantity == species.name:
            continue
        element = model.getSpecies(species.name)
        compartment = element.getCompartment()
        paths = {"species": path_of(model, species.name), "volume": path_of(model, compartment)}
        is_amount = quantity == species.amount
        if is_amount == bool(element.getHasOnlySubstanceUnits()):
            return _Formula({"species": paths["species"]}, "species")
        return _Formula(paths, "species * volume" if is_amount else "species / volume")
    return _Formula({"value": path_of(model, quantity)}, "value")


def _add_course(document: Any, name: str, start: float, course: Course) -> None:
    simulation = document.createUniformTimeCourse()
    simulation.setId(name)
    simulation.setInitialTime(start)
    simulation.setOutputStartTime(course.first)
    simulation.setOutputEndTime(course.last)
    simulation.setNumberOfSteps(course.steps)
    algorithm = simulation.createAlgorithm()
    algorithm.setKisaoID(ASKED_FOR)
    for term, value in ((RELATIVE_TOLERANCE, course.rtol), (ABSOLUTE_TOLERANCE, course.atol)):
        parameter = algorithm.createAlgorithmParameter()
        parameter.setKisaoID(term)
        parameter.setValue(repr(value))


def _add_model(document: Any, name: str, model: ModelChanges) -> None:
    element = document.createModel()
    element.setId(name)
    element.setName(model.label)
    element.setLanguage(LANGUAGE)
    element.setSource(model.file)
    for target, value in model.changes.items():
        change = element.createChangeAttribute()
        change.setTarget(target)
        change.setNewValue(repr(value))


def _add_report(
    libsedml: ModuleType, document: Any, suffix: str, label: str, columns: Sequence[str],
    formulas: Sequence[_Formula],
) -> None:  # fmt: skip
    report = document.createReport()
    report.setId(f"report{suffix}")
    report.setName(label)
    everything = [("time", _Formula({"time": ""}, "time")), *zip(columns, formulas, strict=True)]
    for position, (column, formula) in enumerate(everything):
        name = f"data{suffix}_{position}"
        generator = document.createDataGenerator()
        generator.setId(name)
        generator.setName(column)
        text = formula.text
        for variable, path in formula.variables.items():
            own = f"{variable}{suffix}_{position}"
            text = " ".join(own if word == variable else word for word in text.split(" "))
            element = generator.createVariable()
            element.setId(own)
            element.setTaskReference(f"task{suffix}")
            if path:
                element.setTarget(path)
            else:
                element.setSymbol(TIME)
        generator.setMath(libsedml.parseL3Formula(text))
        data_set = report.createDataSet()
        data_set.setId(f"set{suffix}_{position}")
        data_set.setLabel(column)
        data_set.setDataReference(name)


def _check(libsedml: ModuleType, text: str) -> None:
    """Raise CalorError where libSEDML finds errors in what calor wrote: a fault of calor's."""
    log = libsedml.readSedMLFromString(text).getErrorLog()
    if log.getNumFailsWithSeverity(libsedml.LIBSEDML_SEV_ERROR):
        raise CalorError(f"the experiment is not SED-ML: {log.toString()}")


def libsedml_module() -> ModuleType:
    """Return libSEDML. Raises UnsupportedError, with the command that installs it, where it is missing."""
    try:
        import libsedml
    except ImportError:
        raise UnsupportedError.of(
            "an archive needs libSEDML, which is not installed", key="--omex", hint=COMMAND
        ) from None
    module: ModuleType = libsedml
    return module
