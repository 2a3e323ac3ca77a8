"""Targets in a model, written in the part of XPath that simulation experiments use.

    /sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='k']/@value

Steps down from the root (`/`) or at any depth (`//`), names with a prefix or `*`, conditions on attributes
(joined by `and`) or a position, and an attribute at the end. Everything else is refused by name. All
namespaces of SBML core count as one: experiments often name another level than their model's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from calor.core.errors import InputError, UnsupportedError
from calor.engine.archives.xml_tree import Element, local_name

LONGEST_TARGET = 2_000
"""Characters of a target."""

_SBML_CORE = re.compile(r"http://www\.sbml\.org/sbml/level\d(/version\d(/core)?)?")
_NAME = r"(?:[\w.\-]+:)?(?:[\w.\-]+|\*)"
_STEP = re.compile(rf"(//?)(?:(child|descendant)::)?({_NAME})((?:\[[^\]\[]*\])*)")
_ATTRIBUTE = re.compile(r"/@((?:[\w.\-]+:)?[\w.\-]+)$")
_CONDITION = re.compile(r"\s*@((?:[\w.\-]+:)?[\w.\-]+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\")\s*")
_EXAMPLE = "/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='k']/@value"


@dataclass(frozen=True)
class PathStep:
    """One step: at any depth or not; the namespace and name; conditions on attributes; the position."""

    deep: bool
    namespace: str | None
    name: str
    conditions: tuple[tuple[str, str], ...]
    position: int | None

    def matches(self, element: Element) -> bool:
        """Whether an element is of this name and meets the conditions."""
        return (
            self.name in ("*", element.local)
            and (self.namespace is None or _same_namespace(self.namespace, element.namespace))
            and all(_attribute(element, name) == value for name, value in self.conditions)
        )


@dataclass(frozen=True)
class Target:
    """What an XPath selects: its text, the steps, the attribute at the end; and where it stands."""

    text: str
    steps: tuple[PathStep, ...]
    attribute: str | None
    file: str
    line: int

    def elements(self, root: Element) -> list[Element]:
        """Return the elements that it selects, in the order of the document. Raises InputError for none."""
        found = [root] if self.steps[0].matches(root) and not self.steps[0].deep else []
        if self.steps[0].deep:
            found = _selected(self.steps[0], root.everything())
        for step in self.steps[1:]:
            found = [child for element in found for child in _selected(step, _below(element, step.deep))]
        if not found:
            raise InputError.of(
                f"{self.text} selects nothing in the model", file=self.file, line=self.line,
                hint="compare the names in it, and their prefixes, with the model",
            )  # fmt: skip
        return found

    def element(self, root: Element) -> Element:
        """Return the one element that it selects. Raises InputError for none and for several."""
        found = self.elements(root)
        if len(found) > 1:
            what = f"{self.text} selects {len(found)} elements"
            raise InputError.of(what, file=self.file, line=self.line, allowed="a target that selects one")
        return found[0]


def target_of(text: str, prefixes: Mapping[str, str], file: str, line: int) -> Target:
    """Return the target that a text means.

    Arguments: the XPath; the namespaces by prefix that hold where it stands; the file and line for messages.
    Raises InputError for a prefix that is not declared, UnsupportedError for other parts of XPath.
    """
    stripped = text.strip()
    found = _ATTRIBUTE.search(stripped)
    path = stripped[: found.start()] if found else stripped
    steps: list[PathStep] = []
    position = 0
    if len(path) <= LONGEST_TARGET:
        while match := _STEP.match(path, position):
            steps.append(_step(match, stripped, prefixes, file, line))
            position = match.end()
    if not steps or position != len(path):
        raise UnsupportedError.of(
            f"the target {stripped[:200]!r} is not in the part of XPath that calor reads",
            file=file, line=line, allowed=f"targets such as {_EXAMPLE}",
        )  # fmt: skip
    attribute = _resolved(found.group(1), prefixes, file, line, attribute=True) if found else None
    return Target(stripped, tuple(steps), attribute, file, line)


def _step(match: re.Match[str], text: str, prefixes: Mapping[str, str], file: str, line: int) -> PathStep:
    slashes, axis, name, brackets = match.groups()
    resolved = _resolved(name, prefixes, file, line)
    namespace = resolved[1:].partition("}")[0] if resolved.startswith("{") else None
    conditions: list[tuple[str, str]] = []
    position = None
    for condition in re.findall(r"\[([^\]]*)\]", brackets):
        if re.fullmatch(r"\s*\d{1,6}\s*", condition) and position is None:
            position = int(condition)
            continue
        for part in re.split(r"\sand\s", condition):
            said = _CONDITION.fullmatch(part)
            if said is None:
                raise UnsupportedError.of(
                    f"the condition [{condition}] in {text} is not supported", file=file, line=line,
                    allowed="[@id='NAME'], several joined by and, or a position",
                )  # fmt: skip
            value = said.group(2) if said.group(2) is not None else said.group(3)
            conditions.append((_resolved(said.group(1), prefixes, file, line, attribute=True), value))
    deep = slashes == "//" or axis == "descendant"
    return PathStep(deep, namespace, local_name(resolved), tuple(conditions), position)


def _resolved(
    name: str, prefixes: Mapping[str, str], file: str, line: int, *, attribute: bool = False
) -> str:
    """Return a name with its prefix replaced by the namespace; without a prefix an element's is any."""
    prefix, colon, local = name.rpartition(":")
    if not colon:
        return name
    if prefix not in prefixes:
        raise InputError.of(
            f"the prefix {prefix} of the target is not declared", file=file, line=line,
            hint=f'declare it where the document begins: xmlns:{prefix}="http://www.sbml.org/sbml/..."',
        )  # fmt: skip
    if attribute and _SBML_CORE.fullmatch(prefixes[prefix]):
        return local  # attributes of SBML core stand without a namespace
    return f"{{{prefixes[prefix]}}}{local}"


def _same_namespace(first: str, second: str) -> bool:
    return first == second or bool(_SBML_CORE.fullmatch(first) and _SBML_CORE.fullmatch(second))


def _attribute(element: Element, name: str) -> str | None:
    return element.get(name)


def _below(element: Element, deep: bool) -> list[Element]:
    if not deep:
        return element.elements()
    return element.everything()[1:]


def _selected(step: PathStep, candidates: list[Element]) -> list[Element]:
    found = [element for element in candidates if step.matches(element)]
    if step.position is None:
        return found
    return found[step.position - 1 : step.position] if step.position > 0 else []
