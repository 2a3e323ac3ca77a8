"""MathML, as libSBML's syntax tree, into expressions."""

from __future__ import annotations

import math
from functools import reduce
from itertools import pairwise

import libsbml

from calor.core.errors import InputError, UnsupportedError
from calor.engine.importers.assembly import rate_of
from calor.engine.importers.function_rules import (
    Arguments,
    Rule,
    folded,
    logarithm_to_base,
    of_reciprocal,
    piecewise,
    reals,
    reciprocal,
    unary,
)
from calor.engine.symbolic.expression import (
    FALSE,
    ONE,
    TIME,
    TRUE,
    ZERO,
    Expression,
    apply,
    as_boolean,
    as_real,
    constant,
    select,
    symbol,
)
from calor.engine.symbolic.functions import exponential, square_root
from calor.engine.symbolic.operators import Operator
from calor.engine.symbolic.traversal import substitute, symbols_of

AVOGADRO = 6.02214179e23
"""The value that SBML Level 3 fixes for its csymbol."""


_FUNCTION = "function "
"""How the place of a function definition begins in messages."""


class Function:
    """A function definition: its arguments' placeholders and its body."""

    def __init__(self, placeholders: tuple[str, ...], body: Expression) -> None:
        self.placeholders, self.body = placeholders, body

    def __call__(self, arguments: Arguments) -> Expression:
        """Return the body with the arguments put in."""
        replacements: dict[Expression, Expression] = {}
        for name, argument in zip(self.placeholders, arguments, strict=True):
            replacements[symbol(name)] = as_real(argument)
            if argument.operator is Operator.SYMBOL:
                replacements[symbol(rate_of(name))] = symbol(rate_of(argument.name))
        return substitute(self.body, replacements)


class MathReader:
    """Turns syntax trees into expressions, knowing the model's function definitions.

    Arguments: the model, and the file's name for messages.
    """

    def __init__(self, model: libsbml.Model, file: str | None) -> None:
        self._file = file
        self._functions: dict[str, Function] = {}
        self.delays: dict[tuple[Expression, Expression], str] = {}
        """The names that stand for a formula's value some time ago, by the formula and the time."""
        for definition in model.getListOfFunctionDefinitions():
            if definition.isSetMath() and definition.getBody() is not None:
                self._functions[definition.getId()] = self._function(definition)

    def _function(self, definition: libsbml.FunctionDefinition) -> Function:
        name = definition.getId()
        arguments = [definition.getArgument(i).getName() for i in range(definition.getNumArguments())]
        local = {argument: f"{name}({argument})" for argument in arguments}
        body = self(definition.getBody(), f"{_FUNCTION}{name}", local)
        unknown = symbols_of([body]) - set(local.values()) - {rate_of(inner) for inner in local.values()}
        if unknown:
            raise InputError.of(
                f"{', '.join(sorted(unknown))} has no value",
                file=self._file,
                key=f"function {name}",
                hint="a function knows its arguments only: make it one",
            )
        return Function(tuple(local.values()), body)

    def __call__(self, tree: libsbml.ASTNode, where: str, local: dict[str, str] | None = None) -> Expression:
        """Return the expression of a tree; `local` renames identifiers that are local to it."""
        values: list[Expression] = []
        stack: list[tuple[libsbml.ASTNode, bool]] = [(tree, False)]
        while stack:
            node, ready = stack.pop()
            count = node.getNumChildren()
            if not ready and count and node.getType() != libsbml.AST_FUNCTION_RATE_OF:
                stack.append((node, True))
                stack.extend((node.getChild(position), False) for position in reversed(range(count)))
                continue
            arguments = values[len(values) - count :] if ready else []
            if ready:
                del values[len(values) - count :]
            values.append(self._node(node, arguments, where, local or {}))
        return values[0]

    def real(self, tree: libsbml.ASTNode, where: str, local: dict[str, str] | None = None) -> Expression:
        """Return the expression of a tree as a real number."""
        return as_real(self(tree, where, local))

    def _node(
        self, node: libsbml.ASTNode, arguments: Arguments, where: str, local: dict[str, str]
    ) -> Expression:
        kind = node.getType()
        if node.isNumber():
            return constant(node.getValue())
        if kind == libsbml.AST_NAME:
            return symbol(local.get(node.getName(), node.getName()))
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind == libsbml.AST_FUNCTION_RATE_OF:
            name = node.getChild(0).getName()
            return symbol(rate_of(local.get(name, name)))
        if kind == libsbml.AST_FUNCTION_DELAY:
            return self._delay(arguments, where)
        if kind == libsbml.AST_FUNCTION:
            return self._call(node.getName(), arguments, where)
        rule = _RULES.get(kind)
        if rule is None:
            name = node.getName() or node.getOperatorName() or f"number {kind}"
            raise UnsupportedError.of(
                f"the MathML element {name!r} is not supported", file=self._file, key=where
            )
        try:
            return rule(arguments)
        except (IndexError, TypeError, ValueError):
            raise InputError.of(
                f"a MathML element has {len(arguments)} arguments, which it cannot take",
                file=self._file,
                key=where,
            ) from None

    def _delay(self, arguments: Arguments, where: str) -> Expression:
        """Return the symbol that stands for a formula's value some time ago."""
        if where.startswith(_FUNCTION):
            raise UnsupportedError.of(
                "delay() inside a function definition is not supported",
                file=self._file,
                key=where,
                hint="write it where the function is called",
            )
        if len(arguments) != 2:
            raise InputError.of(
                f"delay() has {len(arguments)} arguments", file=self._file, key=where, allowed="two"
            )
        formula, ago = reals(arguments)
        if ago.is_constant() and not ago.value >= 0.0:
            raise InputError.of(
                f"the delay is {ago.value:g}", file=self._file, key=where, allowed="zero or more"
            )
        if formula.is_constant() or ago.is_constant(0.0):
            return formula
        return symbol(self.delays.setdefault((formula, ago), f"delay {len(self.delays) + 1}"))

    def _call(self, name: str, arguments: Arguments, where: str) -> Expression:
        function = self._functions.get(name)
        if function is None:
            raise InputError.of(
                f"calls {name}, which is not defined",
                file=self._file,
                key=where,
                hint="define it before its use",
            )
        if len(arguments) != len(function.placeholders):
            wanted = len(function.placeholders)
            raise InputError.of(
                f"calls {name} with {len(arguments)} arguments, it takes {wanted}", file=self._file, key=where
            )
        return function(arguments)


def _chained(operator: Operator, swapped: bool = False) -> Rule:
    def rule(arguments: Arguments) -> Expression:
        values = reals(arguments)
        pairs = pairwise(values)
        made = [apply(operator, *(reversed(pair) if swapped else pair)) for pair in pairs]
        return reduce(lambda first, second: first & second, made, TRUE)

    return rule


def _minus(arguments: Arguments) -> Expression:
    values = reals(arguments)
    return -values[0] if len(values) == 1 else values[0] - values[1]


def _root(arguments: Arguments) -> Expression:
    values = reals(arguments)
    if len(values) == 1 or values[0].is_constant(2.0):
        return square_root(values[-1])
    return values[1] ** (ONE / values[0])


def _truncated(value: Expression) -> Expression:
    return select(value < 0.0, apply(Operator.CEILING, value), apply(Operator.FLOOR, value))


def _quotient(arguments: Arguments) -> Expression:
    above, below = reals(arguments)
    return _truncated(above / below)


def _remainder(arguments: Arguments) -> Expression:
    above, below = reals(arguments)
    return above - below * _truncated(above / below)


def _not(arguments: Arguments) -> Expression:
    (argument,) = arguments
    return ~as_boolean(argument)


def _implies(arguments: Arguments) -> Expression:
    condition, consequence = arguments
    return ~as_boolean(condition) | as_boolean(consequence)


_CONSTANTS: dict[int, Expression] = {
    libsbml.AST_NAME_TIME: TIME,
    libsbml.AST_NAME_AVOGADRO: constant(AVOGADRO),
    libsbml.AST_CONSTANT_PI: constant(math.pi),
    libsbml.AST_CONSTANT_E: constant(math.e),
    libsbml.AST_CONSTANT_TRUE: TRUE,
    libsbml.AST_CONSTANT_FALSE: FALSE,
}

_POWER = unary(Operator.POWER)

_RULES: dict[int, Rule] = {
    libsbml.AST_PLUS: folded(Operator.ADD, ZERO),
    libsbml.AST_TIMES: folded(Operator.MULTIPLY, ONE),
    libsbml.AST_MINUS: _minus,
    libsbml.AST_DIVIDE: unary(Operator.DIVIDE),
    libsbml.AST_POWER: _POWER,
    libsbml.AST_FUNCTION_POWER: _POWER,
    libsbml.AST_FUNCTION_ROOT: _root,
    libsbml.AST_FUNCTION_LOG: logarithm_to_base,
    libsbml.AST_FUNCTION_LN: unary(Operator.LOGARITHM),
    libsbml.AST_FUNCTION_EXP: lambda arguments: exponential(as_real(arguments[0])),
    libsbml.AST_FUNCTION_ABS: unary(Operator.ABSOLUTE),
    libsbml.AST_FUNCTION_FLOOR: unary(Operator.FLOOR),
    libsbml.AST_FUNCTION_CEILING: unary(Operator.CEILING),
    libsbml.AST_FUNCTION_FACTORIAL: unary(Operator.FACTORIAL),
    libsbml.AST_FUNCTION_MIN: folded(Operator.MINIMUM),
    libsbml.AST_FUNCTION_MAX: folded(Operator.MAXIMUM),
    libsbml.AST_FUNCTION_QUOTIENT: _quotient,
    libsbml.AST_FUNCTION_REM: _remainder,
    libsbml.AST_FUNCTION_PIECEWISE: piecewise,
    libsbml.AST_FUNCTION_SIN: unary(Operator.SINE),
    libsbml.AST_FUNCTION_COS: unary(Operator.COSINE),
    libsbml.AST_FUNCTION_TAN: unary(Operator.TANGENT),
    libsbml.AST_FUNCTION_SEC: reciprocal(Operator.COSINE),
    libsbml.AST_FUNCTION_CSC: reciprocal(Operator.SINE),
    libsbml.AST_FUNCTION_COT: reciprocal(Operator.TANGENT),
    libsbml.AST_FUNCTION_ARCSIN: unary(Operator.ARCSINE),
    libsbml.AST_FUNCTION_ARCCOS: unary(Operator.ARCCOSINE),
    libsbml.AST_FUNCTION_ARCTAN: unary(Operator.ARCTANGENT),
    libsbml.AST_FUNCTION_ARCSEC: of_reciprocal(Operator.ARCCOSINE),
    libsbml.AST_FUNCTION_ARCCSC: of_reciprocal(Operator.ARCSINE),
    libsbml.AST_FUNCTION_ARCCOT: of_reciprocal(Operator.ARCTANGENT),
    libsbml.AST_FUNCTION_SINH: unary(Operator.HYPERBOLIC_SINE),
    libsbml.AST_FUNCTION_COSH: unary(Operator.HYPERBOLIC_COSINE),
    libsbml.AST_FUNCTION_TANH: unary(Operator.HYPERBOLIC_TANGENT),
    libsbml.AST_FUNCTION_SECH: reciprocal(Operator.HYPERBOLIC_COSINE),
    libsbml.AST_FUNCTION_CSCH: reciprocal(Operator.HYPERBOLIC_SINE),
    libsbml.AST_FUNCTION_COTH: reciprocal(Operator.HYPERBOLIC_TANGENT),
    libsbml.AST_FUNCTION_ARCSINH: unary(Operator.HYPERBOLIC_ARCSINE),
    libsbml.AST_FUNCTION_ARCCOSH: unary(Operator.HYPERBOLIC_ARCCOSINE),
    libsbml.AST_FUNCTION_ARCTANH: unary(Operator.HYPERBOLIC_ARCTANGENT),
    libsbml.AST_FUNCTION_ARCSECH: of_reciprocal(Operator.HYPERBOLIC_ARCCOSINE),
    libsbml.AST_FUNCTION_ARCCSCH: of_reciprocal(Operator.HYPERBOLIC_ARCSINE),
    libsbml.AST_FUNCTION_ARCCOTH: of_reciprocal(Operator.HYPERBOLIC_ARCTANGENT),
    libsbml.AST_LOGICAL_AND: folded(Operator.AND, TRUE),
    libsbml.AST_LOGICAL_OR: folded(Operator.OR, FALSE),
    libsbml.AST_LOGICAL_XOR: folded(Operator.EXCLUSIVE_OR, FALSE),
    libsbml.AST_LOGICAL_NOT: _not,
    libsbml.AST_LOGICAL_IMPLIES: _implies,
    libsbml.AST_RELATIONAL_LT: _chained(Operator.LESS),
    libsbml.AST_RELATIONAL_LEQ: _chained(Operator.LESS_EQUAL),
    libsbml.AST_RELATIONAL_GT: _chained(Operator.LESS, swapped=True),
    libsbml.AST_RELATIONAL_GEQ: _chained(Operator.LESS_EQUAL, swapped=True),
    libsbml.AST_RELATIONAL_EQ: _chained(Operator.EQUAL),
    libsbml.AST_RELATIONAL_NEQ: _chained(Operator.NOT_EQUAL),
}
