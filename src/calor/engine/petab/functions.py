"""The functions that a PEtab formula may call."""

from __future__ import annotations

from dataclasses import dataclass

from calor.engine.importers.function_rules import (
    Arguments,
    Rule,
    folded,
    logarithm_to_base,
    of_reciprocal,
    piecewise,
    reciprocal,
    unary,
)
from calor.engine.symbolic.expression import Expression, as_real, constant, select
from calor.engine.symbolic.operators import Operator


@dataclass(frozen=True)
class Function:
    """A function: how many arguments it takes at least and at most (None: any odd number), and its rule."""

    rule: Rule
    least: int = 1
    most: int | None = 1

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        return count >= self.least and (count % 2 == 1 if self.most is None else count <= self.most)

    @property
    def arguments(self) -> str:
        """How many arguments it takes, in words."""
        if self.most is None:
            return f"{self.least} or more, an odd number of"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


def _logarithm(arguments: Arguments) -> Expression:
    return logarithm_to_base([arguments[1], arguments[0]]) if len(arguments) == 2 else _NATURAL(arguments)


def _sign(arguments: Arguments) -> Expression:
    value = as_real(arguments[0])
    return select(value > 0.0, 1.0, select(value < 0.0, -1.0, 0.0))


_NATURAL = unary(Operator.LOGARITHM)
_TRIGONOMETRIC = {
    "sin": Operator.SINE,
    "cos": Operator.COSINE,
    "tan": Operator.TANGENT,
    "sinh": Operator.HYPERBOLIC_SINE,
    "cosh": Operator.HYPERBOLIC_COSINE,
    "tanh": Operator.HYPERBOLIC_TANGENT,
    "arcsin": Operator.ARCSINE,
    "arccos": Operator.ARCCOSINE,
    "arctan": Operator.ARCTANGENT,
    "arcsinh": Operator.HYPERBOLIC_ARCSINE,
    "arccosh": Operator.HYPERBOLIC_ARCCOSINE,
    "arctanh": Operator.HYPERBOLIC_ARCTANGENT,
}
_RECIPROCALS = {"sec": "cos", "csc": "sin", "cot": "tan", "sech": "cosh", "csch": "sinh", "coth": "tanh"}

FUNCTIONS: dict[str, Function] = {
    "pow": Function(unary(Operator.POWER), 2, 2),
    "exp": Function(unary(Operator.EXPONENTIAL)),
    "sqrt": Function(unary(Operator.SQUARE_ROOT)),
    "log": Function(_logarithm, 1, 2),
    "ln": Function(_NATURAL),
    "log2": Function(lambda arguments: logarithm_to_base([constant(2.0), arguments[0]])),
    "log10": Function(unary(Operator.LOGARITHM_10)),
    **{name: Function(unary(operator)) for name, operator in _TRIGONOMETRIC.items()},
    **{name: Function(reciprocal(_TRIGONOMETRIC[of])) for name, of in _RECIPROCALS.items()},
    **{
        f"arc{name}": Function(of_reciprocal(_TRIGONOMETRIC[f"arc{of}"])) for name, of in _RECIPROCALS.items()
    },
    "piecewise": Function(piecewise, 3, None),
    "abs": Function(unary(Operator.ABSOLUTE)),
    "sign": Function(_sign),
    "min": Function(folded(Operator.MINIMUM), 2, 2),
    "max": Function(folded(Operator.MAXIMUM), 2, 2),
}
