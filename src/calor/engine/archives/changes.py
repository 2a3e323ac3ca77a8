"""Models of an experiment with their changes made: in the model's XML, before it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calor.core.errors import InputError, UnsupportedError
from calor.engine.archives.archive import Archive, inside
from calor.engine.archives.experiment import Calculation, Change, Edit, Experiment, Model, Variable
from calor.engine.archives.mathematics import value_of
from calor.engine.archives.reading import folder_of
from calor.engine.archives.xml_tree import Element, parse_xml, xml_text

MOST_STEPS_BACK = 100
"""Models that come from models, one after another."""

_VALUES = {
    "parameter": ("value",),
    "localParameter": ("value",),
    "compartment": ("size", "volume"),
    "species": ("initialConcentration", "initialAmount"),
    "speciesReference": ("stoichiometry",),
}
"""The attributes that hold an element's value in SBML; the first that stands there counts."""


@dataclass
class Models:
    """The models of an experiment, each read once. Arguments: the archive and the experiment."""

    archive: Archive
    experiment: Experiment
    _roots: dict[str, Element] = field(default_factory=dict)

    def model(self, name: str, place_file: str, line: int | None) -> Model:
        """Return a model by name. Raises InputError where there is none."""
        if name not in self.experiment.models:
            allowed = ", ".join(self.experiment.models) or "the experiment has no models"
            raise InputError.of(f"there is no model {name}", file=place_file, line=line, allowed=allowed)
        return self.experiment.models[name]

    def text(self, name: str) -> str:
        """Return a model as text with its changes made; as the author wrote it where there are none."""
        source, changed = self._origin(name)
        if not changed:
            return self.archive.read(source).decode("utf-8-sig")
        return xml_text(self.root(name))

    def file(self, name: str) -> str:
        """Return how a model's file is named in messages."""
        source, changed = self._origin(name)
        said = self.archive.file(source)
        return f"{said} (changed, as the model {name})" if changed else said

    def root(self, name: str) -> Element:
        """Return a model as a tree with its changes made."""
        if name not in self._roots:
            model = self.experiment.models[name]
            source, _ = self._origin(name)
            if model.source.startswith("#"):
                root = self.root(model.source[1:]).copied()
            else:
                root = parse_xml(self.archive.read(source), self.archive.file(source))
            for change in model.changes:
                self._make(change, root, name)
            self._roots[name] = root
        return self._roots[name]

    def _origin(self, name: str) -> tuple[str, bool]:
        """Return the file that a model comes from in the end, and whether anything in it is changed."""
        changed = False
        for _ in range(MOST_STEPS_BACK):
            model = self.model(name, self.archive.file(self.experiment.location), None)
            changed = changed or bool(model.changes)
            if not model.source.startswith("#"):
                return self._part(model), changed
            name = model.source[1:]
        raise InputError.of(f"the models come from each other in a loop ({name})", file=self.archive.path)

    def _part(self, model: Model) -> str:
        file, line = model.place.file or "", model.place.line or 0
        if ":" in model.source:
            raise UnsupportedError.of(
                f"the source {model.source} of the model {model.name} lies outside the archive",
                file=file, line=line, hint="calor fetches nothing: put the model's file into the archive",
            )  # fmt: skip
        return inside(folder_of(self.experiment.location), model.source, file, line)

    def _make(self, change: Change, root: Element, name: str) -> None:
        match change.edit:
            case Edit.ATTRIBUTE:
                for element in change.target.elements(root):
                    element.set(change.target.attribute or "", change.value)
            case Edit.ADD:
                change.target.element(root).extend([new.copied() for new in change.content])
            case Edit.REPLACE | Edit.REMOVE:
                _replace(change, root)
            case Edit.COMPUTE:
                self._compute(change, root, name)

    def _compute(self, change: Change, root: Element, name: str) -> None:
        calculation = change.calculation
        if calculation is None:
            raise ValueError("a computed change without a calculation")
        values = {item.name: self._value(item, root, name) for item in calculation.variables}
        value = repr(float(value_of(calculation, values)))
        for element in change.target.elements(root):
            attribute = change.target.attribute or _value_attribute(element, calculation)
            element.set(attribute, value)
            if change.target.attribute is None:
                _remove_initial_assignment(root, element.get("id", ""))

    def _value(self, variable: Variable, root: Element, name: str) -> float:
        """Return the value in a model's text of what a variable targets; the model itself as it is by now."""
        file, line = variable.place.file or "", variable.place.line
        if variable.target is None or variable.task is not None:
            raise InputError.of(
                f"the variable {variable.name} of a changed model is no value of a model",
                file=file, line=line, allowed="a target in a model",
            )  # fmt: skip
        other = variable.model
        tree = root if other in (None, name) else self.root(self.model(other or "", file, line).name)
        return written_value(variable, tree)


def written_value(variable: Variable, root: Element) -> float:
    """Return the number that a model's text has for a variable. Raises InputError where it has none."""
    target = variable.target
    if target is None:
        raise ValueError("a variable without a target")
    element = target.element(root)
    names = (target.attribute,) if target.attribute else _VALUES.get(element.local, ())
    for attribute in names:
        text = element.get(attribute)
        if text is not None:
            try:
                return float(text)
            except ValueError:
                break
    raise InputError.of(
        f"the model's text has no number for {target.text}",
        file=variable.place.file,
        line=variable.place.line,
    )


def _value_attribute(element: Element, calculation: Calculation) -> str:
    names = _VALUES.get(element.local, ())
    if not names:
        raise UnsupportedError.of(
            f"a computed value of <{element.local}> is not supported",
            file=calculation.place.file, line=calculation.place.line,
        )  # fmt: skip
    return next((name for name in names if name in element.attrib), names[0])


def _remove_initial_assignment(root: Element, symbol: str) -> None:
    """Take out what would compute at the start the value that a change gives."""
    for assignments in root.everything():
        if assignments.local == "listOfInitialAssignments":
            for item in assignments.elements():
                if item.get("symbol") == symbol:
                    assignments.remove(item)


def _replace(change: Change, root: Element) -> None:
    """Take out what a target selects, and put other elements in its place."""
    attribute = change.target.attribute
    parents: Mapping[Element, Element] = {
        child: node for node in root.everything() for child in node.elements()
    }
    for element in change.target.elements(root):
        if attribute is not None and change.edit is Edit.REMOVE:
            element.attrib.pop(attribute, None)
            continue
        parent = parents.get(element)
        if attribute is not None or parent is None:
            raise InputError.of(
                f"{change.target.text} cannot be taken out or replaced", file=change.target.file,
                line=change.target.line, allowed="an element within the model",
            )  # fmt: skip
        position = list(parent).index(element)
        parent.remove(element)
        for offset, new in enumerate(change.content):
            parent.insert(position + offset, new.copied())
