"""Uniform time courses of a SED-ML archive run by libRoadRunner, the document read by libSEDML.

Another reader and another solver than calor's, to hold calor to. It knows what calor writes and what the
ODE examples of the BioSimulators suite use: attributes of the model that are changed, uniform time courses,
and generators of data made of variables by products and quotients.

libSEDML breaks libSBML in its process, so this runs in one of its own (`scripts.exchange.outside` starts it):

    python -m scripts.exchange.roadrunner_sedml ARCHIVE    # the reports as JSON
"""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
import zipfile
from functools import reduce
from pathlib import Path

import libsedml
import numpy as np
import roadrunner
from numpy.typing import NDArray

from scripts.exchange.outside import NotRunError

TOLERANCES = ((1e-10, 1e-18), (1e-8, 1e-14), (1e-6, 1e-12))
"""Relative and absolute, the tightest first: some models are solved at a looser one only."""
STOCHASTIC = frozenset({27, 29})
"""Terms of KISAO, by number, for which libRoadRunner would draw a course at random."""

_ATTRIBUTE = re.compile(r"\[@id=['\"]([^'\"]+)['\"]\]/@([\w:]+)$")
_ID = re.compile(r"\[@id=['\"]([^'\"]+)['\"]\]$")


def experiments(archive: Path) -> dict[str, str]:
    """Return the SED-ML documents of an archive by location: those marked as master, or all."""
    with zipfile.ZipFile(archive) as file:
        manifest = ET.fromstring(file.read("manifest.xml"))
        found = [entry for entry in manifest if "sed-ml" in entry.get("format", "")]
        masters = [entry for entry in found if entry.get("master") == "true"] or found
        names = [entry.get("location", "").removeprefix("./") for entry in masters]
        return {name: file.read(name).decode() for name in names}


def run(archive: Path) -> dict[tuple[str, str], dict[str, NDArray[np.float64]]]:
    """Return the data sets (by id) of every report (by document and id). Raises NotRunError."""
    reports = {}
    for location, text in experiments(archive).items():
        document = libsedml.readSedMLFromString(text)
        if document.getErrorLog().getNumFailsWithSeverity(libsedml.LIBSEDML_SEV_ERROR):
            raise NotRunError(f"libSEDML finds errors in {location}")
        for output in document.getListOfOutputs():
            if output.getElementName() == "report":
                reports[location, output.getId()] = _report(archive, location, document, output)
    return reports


def _report(
    archive: Path, location: str, document: libsedml.SedDocument, report: libsedml.SedReport
) -> dict[str, NDArray[np.float64]]:
    generators = {
        item.getId(): document.getDataGenerator(item.getDataReference())
        for item in report.getListOfDataSets()
    }
    variables = [v for generator in generators.values() for v in generator.getListOfVariables()]
    values = {
        variable.getId(): column
        for task in dict.fromkeys(variable.getTaskReference() for variable in variables)
        for variable, column in _columns(
            archive,
            location,
            document,
            document.getTask(task),
            [v for v in variables if v.getTaskReference() == task],
        )
    }
    return {name: _value(generator.getMath(), values) for name, generator in generators.items()}


def _columns(
    archive: Path, location: str, document: libsedml.SedDocument, task: libsedml.SedTask,
    variables: list[libsedml.SedVariable],
) -> list[tuple[libsedml.SedVariable, NDArray[np.float64]]]:  # fmt: skip
    course = (
        document.getSimulation(task.getSimulationReference()) if task.getElementName() == "task" else None
    )
    if course is None or course.getElementName() != "uniformTimeCourse":
        raise NotRunError(f"{task.getId()} is no uniform time course")
    if int(course.getAlgorithm().getKisaoID()[6:]) in STOCHASTIC:
        raise NotRunError("stochastic")
    runner = roadrunner.RoadRunner(_model(archive, location, document.getModel(task.getModelReference())))
    runner.selections = ["time", *(_selection(runner, v) for v in variables if v.isSetTarget())]
    first, last, initial = course.getOutputStartTime(), course.getOutputEndTime(), course.getInitialTime()
    steps = course.getNumberOfSteps() if course.isSetNumberOfSteps() else course.getNumberOfPoints()
    table = _solved(runner, (initial, first, last), steps)
    columns = iter(table.T[1:])
    return [(v, next(columns) if v.isSetTarget() else table[:, 0]) for v in variables]


def _solved(
    runner: roadrunner.RoadRunner, times: tuple[float, float, float], steps: int
) -> NDArray[np.float64]:
    initial, first, last = times
    for rtol, atol in TOLERANCES:
        runner.integrator.relative_tolerance, runner.integrator.absolute_tolerance = rtol, atol
        runner.resetToOrigin()
        try:
            if first > initial:
                runner.simulate(initial, first, 2)
            return np.array(runner.simulate(first, last, steps + 1))
        except RuntimeError as error:
            failure = error
    raise failure


def _model(archive: Path, location: str, model: libsedml.SedModel) -> str:
    if not model.getLanguage().startswith("urn:sedml:language:sbml"):
        raise NotRunError(model.getLanguage())
    folder = location.rpartition("/")[0]
    with zipfile.ZipFile(archive) as file:
        source = f"{folder}/{model.getSource()}" if folder else model.getSource()
        root = ET.fromstring(file.read(source))
    default = root.tag[1:].partition("}")[0]
    for change in model.getListOfChanges():
        found = _ATTRIBUTE.search(change.getTarget())
        if change.getElementName() != "changeAttribute" or found is None:
            raise NotRunError(f"the change {change.getElementName()} of {change.getTarget()}")
        (element,) = [each for each in root.iter() if each.get("id") == found.group(1)]
        element.set(found.group(2).rpartition(":")[2], change.getNewValue())
    ET.register_namespace("", default)
    return ET.tostring(root, encoding="unicode")


def _selection(runner: roadrunner.RoadRunner, variable: libsedml.SedVariable) -> str:
    found = _ID.search(variable.getTarget())
    if found is None:
        raise NotRunError(f"the target {variable.getTarget()}")
    name = found.group(1)
    species = [*runner.model.getFloatingSpeciesIds(), *runner.model.getBoundarySpeciesIds()]
    return f"[{name}]" if name in species and not _is_amount(runner, name) else name


def _is_amount(runner: roadrunner.RoadRunner, name: str) -> bool:
    root = ET.fromstring(runner.getSBML())
    (element,) = [each for each in root.iter() if each.get("id") == name and each.tag.endswith("}species")]
    return element.get("hasOnlySubstanceUnits") == "true"


def _value(node: libsedml.ASTNode, values: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    if node.isName():
        return values[node.getName()]
    if node.isNumber():
        return np.asarray(node.getValue())
    parts = [_value(node.getChild(position), values) for position in range(node.getNumChildren())]
    match node.getCharacter():
        case "*":
            return np.asarray(reduce(np.multiply, parts))
        case "/":
            return np.asarray(parts[0] / parts[1])
        case "+":
            return np.asarray(reduce(np.add, parts))
        case "-":
            return np.asarray(parts[0] - parts[1] if len(parts) == 2 else -parts[0])
    raise NotRunError("a formula of this kind")


def _answer(archive: Path) -> dict[str, object]:
    roadrunner.Logger.setLevel(roadrunner.Logger.LOG_FATAL)
    try:
        reports = run(archive)
    except (NotRunError, RuntimeError, KeyError, ValueError) as error:
        return {"not_run": str(error)}
    return {
        "reports": [
            [location, name, {key: values.tolist() for key, values in sets.items()}]
            for (location, name), sets in reports.items()
        ]
    }


if __name__ == "__main__":
    print(json.dumps(_answer(Path(sys.argv[1]))))
