"""The experiment of an archive as SED-ML Level 1 Version 4.

Written with the standard library: libSEDML shares SWIG's table of types with libSBML, and once it is imported
libSBML's syntax trees come back as its own class, which cannot read them.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libsbml

from calor.engine.archives.algorithms import ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE
from calor.engine.archives.sbml_values import path_of
from calor.engine.symbolic.system import System

LANGUAGE = "urn:sedml:language:sbml"
TIME = "urn:sedml:symbol:time"
ASKED_FOR = "KISAO:0000019"
"""CVODE: what most simulators have. calor's own method is a Rosenbrock one, which few others offer."""

_SEDML = "http://sed-ml.org/sed-ml/level1/version4"
_MATHML = "http://www.w3.org/1998/Math/MathML"


@dataclass(frozen=True)
class UniformCourse:
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


@dataclass(frozen=True)
class _Formula:
    """A column: the XPaths of its variables (None: time), and what joins them, as an element of MathML."""

    variables: Mapping[str, str | None]
    operator: str | None = None


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
            return _Formula({"species": paths["species"]})
        return _Formula(paths, "times" if is_amount else "divide")
    return _Formula({"value": path_of(model, quantity)})


def sedml_of(
    system: System, sbml: libsbml.SBMLDocument, models: Sequence[ModelChanges], columns: Sequence[str],
    quantities: Sequence[str], course: UniformCourse, title: str,
) -> str:  # fmt: skip
    """Return the experiment: each model under one uniform time course, with a report.

    Arguments: the system; its SBML document, in which quantities are looked up; the models; the columns and
    the quantity of the system behind each; the course; a title.
    Raises UnsupportedError for a quantity without an element of its own.
    """
    root = ET.Element(
        "sedML",
        {"xmlns": _SEDML, "xmlns:sbml": sbml.getSBMLNamespaces().getURI(), "level": "1", "version": "4"},
    )
    root.set("name", title)
    lists = {
        name: ET.SubElement(root, f"listOf{name}")
        for name in ("Models", "Simulations", "Tasks", "DataGenerators", "Outputs")
    }
    data = [("time", _Formula({"time": None}))]
    data += [
        (column, _formula(system, sbml.getModel(), quantity))
        for column, quantity in zip(columns, quantities, strict=True)
    ]
    starts = list(dict.fromkeys(model.start for model in models))
    for number, start in enumerate(starts):
        _add_course(lists["Simulations"], f"course_{number + 1}", start, course)
    for number, model in enumerate(models):
        suffix = f"_{number + 1}" if len(models) > 1 else ""
        _add_model(lists["Models"], f"model{suffix}", model)
        _add(
            lists["Tasks"], "task", id=f"task{suffix}", modelReference=f"model{suffix}",
            simulationReference=f"course_{starts.index(model.start) + 1}",
        )  # fmt: skip
        sets = _add(
            _add(lists["Outputs"], "report", id=f"report{suffix}", name=model.label), "listOfDataSets"
        )
        for position, (column, formula) in enumerate(data):
            place = f"{suffix}_{position}"
            _add_generator(lists["DataGenerators"], place, f"task{suffix}", column, formula)
            _add(sets, "dataSet", id=f"set{place}", label=column, dataReference=f"data{place}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, attributes)


def _add_course(parent: ET.Element, name: str, start: float, course: UniformCourse) -> None:
    simulation = _add(
        parent, "uniformTimeCourse", id=name, initialTime=repr(start), outputStartTime=repr(course.first),
        outputEndTime=repr(course.last), numberOfSteps=str(course.steps),
    )  # fmt: skip
    algorithm = _add(simulation, "algorithm", kisaoID=ASKED_FOR)
    parameters = _add(algorithm, "listOfAlgorithmParameters")
    for term, value in ((RELATIVE_TOLERANCE, course.rtol), (ABSOLUTE_TOLERANCE, course.atol)):
        _add(parameters, "algorithmParameter", kisaoID=term, value=repr(value))


def _add_model(parent: ET.Element, name: str, model: ModelChanges) -> None:
    element = _add(parent, "model", id=name, name=model.label, language=LANGUAGE, source=model.file)
    if model.changes:
        changes = _add(element, "listOfChanges")
        for target, value in model.changes.items():
            _add(changes, "changeAttribute", target=target, newValue=repr(value))


def _add_generator(parent: ET.Element, place: str, task: str, column: str, formula: _Formula) -> None:
    generator = _add(parent, "dataGenerator", id=f"data{place}", name=column)
    variables = _add(generator, "listOfVariables")
    names = [f"{variable}{place}" for variable in formula.variables]
    for name, path in zip(names, formula.variables.values(), strict=True):
        what = {"symbol": TIME} if path is None else {"target": path}
        _add(variables, "variable", id=name, taskReference=task, **what)
    math = _add(generator, "math", xmlns=_MATHML)
    if formula.operator is not None:
        math = _add(math, "apply")
        _add(math, formula.operator)
    for name in names:
        _add(math, "ci").text = name
