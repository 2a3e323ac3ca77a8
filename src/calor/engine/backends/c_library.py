"""What the C library calls the functions of angles, in code that is compiled and in code that is printed."""

from __future__ import annotations

from calor.engine.symbolic.operators import Operator

ANGLES: dict[Operator, str] = {
    Operator.SINE: "sin",
    Operator.COSINE: "cos",
    Operator.TANGENT: "tan",
    Operator.ARCSINE: "asin",
    Operator.ARCCOSINE: "acos",
    Operator.ARCTANGENT: "atan",
    Operator.HYPERBOLIC_SINE: "sinh",
    Operator.HYPERBOLIC_COSINE: "cosh",
    Operator.HYPERBOLIC_TANGENT: "tanh",
    Operator.HYPERBOLIC_ARCSINE: "asinh",
    Operator.HYPERBOLIC_ARCCOSINE: "acosh",
    Operator.HYPERBOLIC_ARCTANGENT: "atanh",
}
