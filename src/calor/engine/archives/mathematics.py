"""Formulas of an experiment: MathML into an expression, and its value over arrays of results."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import libsbml
import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.engine.archives.elements import Node
from calor.engine.archives.experiment import Calculation, Variable
from calor.engine.archives.xml_tree import local_name, xml_text
from calor.engine.importers.sbml_document import LONGEST_FORMULA
from calor.engine.importers.sbml_math import MathReader
from calor.engine.symbolic.expression import Expression
from calor.engine.symbolic.operators import Operator
from calor.engine.symbolic.semantics import MEANING
from calor.engine.symbolic.traversal import mentions_time, postorder, symbols_of

TIME_SYMBOLS = frozenset({"urn:sedml:symbol:time", "KISAO:0000832"})
SENSES = frozenset({"KISAO:0000836", "KISAO:0000838"})
"""Amount and concentration."""
TOTALS: Mapping[str, Callable[[Numbers], float]] = {
    "min": np.nanmin,
    "max": np.nanmax,
    "sum": np.nansum,
    "product": np.nanprod,
}
"""What SED-ML can take of all values of a variable."""

_MATHML = "{http://www.w3.org/1998/Math/MathML}"


def calculation_of(node: Node, *, known: frozenset[str] = frozenset()) -> Calculation:
    """Return the calculation that an element holds: its formula, variables and constants.

    Arguments: the element; names that its formula may use besides (those of ranges).
    Raises InputError for what is malformed or used without a definition, UnsupportedError by name.
    """
    math = node.child("math")
    if math is None:
        raise node.wrong("has no formula", allowed="one <math>")
    variables = tuple(variable_of(each) for each in node.listed("listOfVariables"))
    constants = {each.text("id"): each.number("value") for each in node.listed("listOfParameters")}
    names = [*(variable.name for variable in variables), *constants]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise node.wrong(f"names {twice} twice", allowed="each variable and parameter once")
    totals = _totals_replaced(math)
    formula = _formula(math)
    used = symbols_of([formula])
    unknown = sorted(used - {*names, *totals, *known})
    unknown += sorted({name for _, name in totals.values()} - {variable.name for variable in variables})
    if unknown:
        raise math.wrong(f"uses {unknown[0]}, which is not defined", allowed=", ".join(names) or "no names")
    return Calculation(formula, variables, constants, totals, node.place)


def variable_of(node: Node) -> Variable:
    """Return a variable. Raises UnsupportedError for other symbols than time."""
    node.refuse_attributes("term", "symbol2", "target2", "dimensionTerm")
    node.refuse_children()
    symbol = node.optional("symbol")
    target = node.target() if node.optional("target") is not None else None
    known = TIME_SYMBOLS if target is None else SENSES
    if symbol is not None and symbol not in known:
        raise node.unsupported(
            f"the symbol {symbol} is not supported here", hint=f"known: {', '.join(known)}"
        )
    if symbol is None and target is None:
        raise node.wrong("has neither a target nor a symbol", allowed="one of them")
    return Variable(
        node.text("id"),
        node.optional("taskReference"),
        node.optional("modelReference"),
        target,
        symbol if target is not None else None,
        node.place,
    )


def value_of(calculation: Calculation, values: Mapping[str, Numbers | float]) -> Numbers:
    """Return the value of a calculation, elementwise; arrays that differ in shape are padded with NaN.

    Arguments: the calculation; the values of its variables, and of ranges, by name.
    """
    known: dict[str, Numbers | float] = {**calculation.constants, **values}
    for symbol, (total, name) in calculation.totals.items():
        known[symbol] = float(TOTALS[total](np.asarray(values[name])))
    known = dict(zip(known, padded(list(known.values())), strict=True))
    return np.asarray(_evaluated(calculation.formula, known), dtype=np.float64)


def padded(values: list[Numbers | float]) -> list[Numbers]:
    """Return arrays of one shape, filled with NaN where one is shorter; single numbers stay as they are."""
    arrays = [np.asarray(value, dtype=np.float64) for value in values]
    most = max((array.ndim for array in arrays), default=0)
    full = [
        array.reshape(array.shape + (1,) * (most - array.ndim)) if array.ndim else array for array in arrays
    ]
    shape = tuple(max((a.shape[axis] for a in full if a.ndim), default=1) for axis in range(most))
    return [
        np.pad(a, [(0, n - m) for n, m in zip(shape, a.shape, strict=True)], constant_values=np.nan)
        if a.ndim
        else a
        for a in full
    ]


def _evaluated(formula: Expression, values: Mapping[str, Numbers | float]) -> Numbers:
    done: dict[Expression, Numbers | float] = {}
    with np.errstate(all="ignore"):
        for node in postorder([formula]):
            match node.operator:
                case Operator.SYMBOL:
                    done[node] = values[node.name]
                case Operator.CONSTANT:
                    done[node] = node.value
                case operator:
                    done[node] = MEANING[operator](*[done[operand] for operand in node.operands])
    return np.asarray(done[formula])


def _formula(math: Node) -> Expression:
    if sum(1 for _ in math.element.iter()) > LONGEST_FORMULA:
        raise math.wrong("is too long", allowed=f"up to {LONGEST_FORMULA:,} elements")
    tree = libsbml.readMathMLFromString(xml_text(math.element))
    if tree is None:
        raise math.wrong("is no formula in MathML")
    nothing = libsbml.SBMLDocument(3, 2)
    try:
        formula = MathReader(nothing.createModel(), math.file).real(tree, math.file)
    except InputError as error:
        raise math.wrong(error.problems[0].what) from None
    if mentions_time([formula]):
        raise math.unsupported(
            "time in a formula is not supported", hint="make it a variable with the symbol"
        )
    return formula


def _totals_replaced(math: Node) -> dict[str, tuple[str, str]]:
    """Put a symbol in place of what is taken of a whole variable; return what each symbol stands for."""
    totals: dict[str, tuple[str, str]] = {}
    for element in math.element.iter():
        children = list(element)
        if local_name(element.tag) != "apply" or not children or local_name(children[0].tag) != "csymbol":
            continue
        url = children[0].get("definitionURL", "")
        if "sed-ml" not in url:
            continue
        total = url.rpartition("#")[2].rpartition("/")[2]
        if total not in TOTALS or len(children) != 2 or local_name(children[1].tag) != "ci":
            raise math.unsupported(
                f"the symbol {url} is not supported here", hint=f"of one variable: {', '.join(TOTALS)}"
            )
        name = (children[1].text or "").strip()
        symbol = f"{total}_of_all_{name}"
        totals[symbol] = (total, name)
        for child in children:
            element.remove(child)
        element.tag = f"{_MATHML}ci"
        element.text = symbol
    return totals
