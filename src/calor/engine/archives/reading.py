"""A SED-ML document (Level 1, Versions 1 to 4) into an `Experiment`; what is not supported is named."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from calor.engine.archives.algorithms import TOLERANCES
from calor.engine.archives.elements import SEDML_NAMESPACES, Node
from calor.engine.archives.experiment import (
    Algorithm,
    Change,
    DataGenerator,
    Edit,
    Experiment,
    Model,
    OneStep,
    Simulation,
    SteadyState,
    UniformTimeCourse,
)
from calor.engine.archives.mathematics import calculation_of
from calor.engine.archives.reading_outputs import plots_of, reports_of
from calor.engine.archives.reading_tasks import task_of
from calor.engine.archives.xml_tree import parse_xml

Thing = TypeVar("Thing")

MOST_STEPS = 1_000_000

_SBML = re.compile(r"urn:sedml:language:sbml(\.level-\d(\.version-\d)?)?")

_LISTS = frozenset(
    {
        "listOfModels", "listOfSimulations", "listOfTasks", "listOfDataGenerators", "listOfOutputs",
        "listOfDataDescriptions", "listOfStyles", "listOfAlgorithmParameters",
    }
)  # fmt: skip


def read_experiment(content: bytes, location: str, file: str) -> Experiment:
    """Return the experiment of a SED-ML document.

    Arguments: the document; its path in the archive, to which sources of models are relative; the file's
    name for messages. Raises InputError for what is malformed, UnsupportedError, with its name, for what
    calor does not run.
    """
    root = Node(parse_xml(content, file), file)
    if root.tag != "sedML" or not root.element.namespace.startswith(SEDML_NAMESPACES):
        raise root.wrong("begins the document", allowed='<sedML xmlns="http://sed-ml.org/sed-ml/level1/...">')
    if root.text("level") != "1" or root.text("version") not in ("1", "2", "3", "4"):
        raise root.unsupported(
            f"SED-ML level {root.text('level')} version {root.text('version')} is not supported",
            hint="Level 1, Versions 1 to 4 are",
        )
    root.refuse_children(*_LISTS)
    plots, notes = plots_of(root.listed("listOfOutputs"))
    return Experiment(
        location=location,
        models=_named(root.listed("listOfModels"), _model),
        simulations=_named(root.listed("listOfSimulations"), _simulation),
        tasks=_named(root.listed("listOfTasks"), task_of),
        generators=_named(root.listed("listOfDataGenerators"), _generator),
        reports=reports_of(root.listed("listOfOutputs")),
        plots=plots,
        notes=notes,
    )


def _named(nodes: Iterable[Node], read: Callable[[Node], Thing]) -> Mapping[str, Thing]:
    found: dict[str, Thing] = {}
    for node in nodes:
        if node.text("id") in found:
            raise node.wrong(f"has the id {node.text('id')}, which stands before", allowed="each id once")
        found[node.text("id")] = read(node)
    return found


def _model(node: Node) -> Model:
    node.refuse_children("listOfChanges")
    language = node.optional("language")
    if language is not None and not _SBML.fullmatch(language):
        raise node.unsupported(
            f"the language {language} of the model {node.text('id')} is not supported",
            hint="SBML is: urn:sedml:language:sbml",
        )
    return Model(
        node.text("id"),
        node.text("source"),
        tuple(_change(each) for each in node.listed("listOfChanges")),
        node.place,
    )


def _change(node: Node) -> Change:
    try:
        edit = Edit(node.tag)
    except ValueError:
        raise node.unsupported(f"the change <{node.tag}> is not supported") from None
    target = node.target()
    match edit:
        case Edit.ATTRIBUTE:
            if target.attribute is None:
                raise node.wrong("targets no attribute", allowed="a target that ends in /@NAME")
            if "newValue" not in node.element.attrib:
                raise node.wrong("has no newValue")
            return Change(edit, target, value=node.element.attrib["newValue"])
        case Edit.ADD | Edit.REPLACE:
            new = node.child("newXML")
            if new is None or not new.element.elements():
                raise node.wrong("holds no new XML", allowed="one <newXML> with elements")
            return Change(edit, target, content=tuple(new.element.elements()))
        case Edit.REMOVE:
            return Change(edit, target)
        case Edit.COMPUTE:
            return Change(edit, target, calculation=calculation_of(node))


def _simulation(node: Node) -> Simulation:
    name, algorithm = node.text("id"), _algorithm(node)
    match node.tag:
        case "uniformTimeCourse":
            course = UniformTimeCourse(
                name,
                node.number("initialTime"),
                node.number("outputStartTime"),
                node.number("outputEndTime"),
                node.whole("numberOfSteps", "numberOfPoints"),
                algorithm,
            )
            if not course.initial <= course.first <= course.last:
                raise node.wrong(
                    f"goes from {course.initial:g} by {course.first:g} to {course.last:g}",
                    allowed="initialTime, outputStartTime and outputEndTime that do not fall",
                )
            if course.steps > MOST_STEPS:
                raise node.wrong(f"has {course.steps:,} steps", allowed=f"up to {MOST_STEPS:,}")
            if course.steps == 0 and course.first < course.last:
                raise node.wrong("has no steps between its times", allowed="numberOfSteps of 1 or more")
            return course
        case "oneStep":
            if node.number("step") <= 0:
                raise node.wrong(f"has the step {node.number('step'):g}", allowed="a number above 0")
            return OneStep(name, node.number("step"), algorithm)
        case "steadyState":
            return SteadyState(name, algorithm)
    raise node.unsupported(f"the simulation <{node.tag}> is not supported")


def _algorithm(node: Node) -> Algorithm:
    algorithm = node.child("algorithm")
    if algorithm is None:
        raise node.wrong("names no algorithm", allowed='<algorithm kisaoID="KISAO:0000019"/>')
    parameters: dict[str, str] = {}
    for each in algorithm.listed("listOfAlgorithmParameters"):
        term = _term(each)
        parameters[term] = each.optional("value") or ""
        if term in TOLERANCES and each.number("value") <= 0:
            raise each.wrong(f"has the value {parameters[term]}", allowed="a number above 0")
    return Algorithm(_term(algorithm), parameters, algorithm.place)


def _term(node: Node) -> str:
    term = node.text("kisaoID").replace("_", ":")
    if not (term.startswith("KISAO:") and term[6:].isdigit() and len(term) == 13):
        raise node.wrong(f"has kisaoID {term!r}", allowed="KISAO: and seven digits")
    return term


def _generator(node: Node) -> DataGenerator:
    calculation = calculation_of(node)
    for variable in calculation.variables:
        if variable.task is None:
            raise node.wrong(f"takes {variable.name} from no task", allowed='taskReference="..."')
    return DataGenerator(node.text("id"), node.optional("name") or node.text("id"), calculation)


def folder_of(location: str) -> str:
    """Return the folder in the archive that a document's sources are relative to."""
    return posixpath.dirname(location)
