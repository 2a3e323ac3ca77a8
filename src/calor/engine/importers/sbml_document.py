"""Reading an SBML document safely: what is hostile, malformed or unsupported never reaches the importer."""

from __future__ import annotations

import re
from xml.parsers import expat

import libsbml

from calor.core.errors import InputError, Place, Problem, UnsupportedError
from calor.engine.importers.model_text import LARGEST_FILE
from calor.engine.importers.sbml_stripping import (
    HARMLESS_PACKAGES,
    NOTHING_BY_ITSELF,
    packages_in_use,
    without_what_changes_no_number,
)

DEEPEST_NESTING = 256
"""Levels of elements inside elements."""
LONGEST_FORMULA = 5_000
"""Elements of one formula in MathML, or characters of one written as text; longer ones are machine-made."""
MOST_COMPONENTS = 20_000
"""Species, reactions, parameters and rules together, far above what a simulation can use."""

_MATHML = frozenset({"apply", "ci", "cn", "csymbol", "piece", "bvar"})
_UNITS = frozenset(
    {10221, 10311, 10313, *range(20217, 20222), 20233, *range(20401, 20422), *range(20507, 20514)}
    | {20518, 20608, 20616, 20701, 20702}
)
_NAMES_FOR_PEOPLE = frozenset(
    {10307, 10308, 10309, 10312, *range(10701, 10720), 99701, 99702, 99904, 99905, 99911, 99921}
)
_HARMLESS = frozenset({1007}) | _UNITS | _NAMES_FOR_PEOPLE
"""A missing encoding, and rules about units, display names, metaids and SBO terms: they change no number."""
_ANOTHER_LEVEL = re.compile(r"The L3 package '([a-z0-9]+)(_L2)?' cannot be used in this document")
_COUNTED = frozenset({"species", "specie", "reaction", "parameter", "localParameter", "compartment", "event"})


def read_model(text: str, file: str | None = None) -> tuple[libsbml.SBMLDocument, libsbml.Model]:
    """Return the document and its model; raises InputError or UnsupportedError, each with its line.

    The document owns the model: keep it as long as the model is used.
    """
    _refuse_hostile(text, file)
    try:
        plain = without_what_changes_no_number(text)
    except expat.ExpatError as error:  # namespaces are looked at there for the first time
        raise _not_well_formed(error, file) from None
    document = libsbml.readSBMLFromString(plain)
    _refuse_packages(document, packages_in_use(plain), file)
    _refuse_errors(document, file)
    model = document.getModel()
    if model is None:
        raise InputError.of("the document holds no model", file=file, hint="an SBML file has one <model>")
    return document, model


def check_consistency(document: libsbml.SBMLDocument, file: str | None) -> None:
    """Raise InputError where the document breaks a rule of SBML that a simulation depends on."""
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, False)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_SBO_CONSISTENCY, False)
    document.checkConsistency()
    _refuse_errors(document, file)


def deepest_bracket(text: str) -> int:
    """Return how deep brackets are nested in a text."""
    depth = deepest = 0
    for character in text:
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
    return deepest


def _refuse_hostile(text: str, file: str | None) -> None:
    """Look at the bare XML first: no document types (entities), bounded depth and size."""
    if len(text) > LARGEST_FILE:
        raise InputError.of(
            f"the model has {len(text):,} characters", file=file, allowed=f"up to {LARGEST_FILE:,}"
        )
    parser = expat.ParserCreate()
    depth = components = formula = 0

    def refuse(what: str, allowed: str) -> None:
        raise InputError.of(what, file=file, line=parser.CurrentLineNumber, allowed=allowed)

    def on_doctype(*_: object) -> None:
        refuse("the file declares a document type or entities", "plain SBML without <!DOCTYPE>")

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, components, formula
        name = tag.rpartition(":")[2]
        depth += 1
        components += name in _COUNTED
        formula = 0 if name == "math" else formula + 1
        if formula > LONGEST_FORMULA and name in _MATHML:
            refuse("a formula is too long", f"up to {LONGEST_FORMULA:,} elements")
        refuse_text(attributes.get("formula", ""))
        if depth > DEEPEST_NESTING:
            refuse("elements are nested too deep", f"up to {DEEPEST_NESTING} levels")
        if components > MOST_COMPONENTS:
            refuse("the model has too many components", f"up to {MOST_COMPONENTS:,}")

    def refuse_text(text: str) -> None:
        if len(text) > LONGEST_FORMULA or deepest_bracket(text) > DEEPEST_NESTING:
            allowed = f"up to {LONGEST_FORMULA:,} characters and {DEEPEST_NESTING} levels of brackets"
            refuse("a formula is too long or nested too deep", allowed)

    def on_end(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = on_doctype
    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise _not_well_formed(error, file) from None
    except (LookupError, ValueError) as error:  # unknown to Python, or of several bytes a character
        what = f"declares an encoding that cannot be read ({error})"
        raise InputError.of(what, file=file, line=1, allowed='encoding="UTF-8"') from None


def _not_well_formed(error: expat.ExpatError, file: str | None) -> InputError:
    what = f"not well-formed XML: {expat.errors.messages[error.code]}"
    return InputError.of(what, file=file, line=error.lineno, hint="is it an SBML file?")


def _refuse_errors(document: libsbml.SBMLDocument, file: str | None) -> None:
    problems: list[Problem] = []
    for position in range(document.getNumErrors()):
        error = document.getError(position)
        message = " ".join(error.getMessage().split())
        if error.getSeverity() >= libsbml.LIBSBML_SEV_ERROR and not _is_harmless(error.getErrorId(), message):
            what = f"{error.getShortMessage()}: {message}"
            problems.append(
                Problem(what, Place(file, error.getLine() or None), hint="see the SBML specification")
            )
    if problems:
        raise InputError(problems[:10])


def _is_harmless(number: int, message: str) -> bool:
    """Whether an error of libSBML says nothing about the numbers of a simulation."""
    package = _ANOTHER_LEVEL.search(message)
    return number in _HARMLESS or (package is not None and package.group(1) in HARMLESS_PACKAGES)


def _refuse_packages(document: libsbml.SBMLDocument, used: frozenset[str], file: str | None) -> None:
    names = [document.getPlugin(position).getPackageName() for position in range(document.getNumPlugins())]
    names += [
        document.getUnknownPackagePrefix(position) for position in range(document.getNumUnknownPackages())
    ]
    for name in names:
        harmless = name in HARMLESS_PACKAGES or (name in NOTHING_BY_ITSELF and name not in used)
        if document.getPackageRequired(name) and not harmless:
            raise UnsupportedError.of(
                f"the SBML package {name!r} is not supported", file=file, hint="export the model as SBML core"
            )
