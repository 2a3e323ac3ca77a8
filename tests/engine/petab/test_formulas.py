"""PEtab's formulas, against numbers by hand and against the parser of the petab library."""

from __future__ import annotations

import math

import numpy as np
import pytest

from calor.core.errors import InputError, Place
from calor.engine.petab.formulas import read_formula
from calor.engine.petab.functions import FUNCTIONS
from calor.engine.symbolic.evaluation import evaluate

VALUES = {"a": 2.0, "b": 3.0, "x": 0.4}
NOWHERE = Place("observables.tsv", 2, "observableFormula")


def value_of(text: str, time: float = 5.0) -> float:
    return float(evaluate(read_formula(text, NOWHERE), VALUES, time))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2*3", 7.0),
        ("-a^2", -4.0),  # a power binds more tightly than a sign
        ("2^-1", 0.5),
        ("2^3^2", 512.0),  # from the right
        ("8/4/2", 1.0),  # from the left
        ("7 - 4 - 1", 2.0),
        ("-a*b", -6.0),
        ("+a - -b", 5.0),
        (".5e1 + 1.e-1", 5.1),
        ("log(8, 2) + log2(8)", 6.0),
        ("log(exp(2)) + ln(1)", 2.0),
        ("log10(1000)", 3.0),
        ("log(0)", -math.inf),
        ("sqrt(a + 2) * abs(-3)", 6.0),
        ("sign(-a) + sign(0)", -1.0),
        ("min(a, b) + 10*max(a, b)", 32.0),
        ("piecewise(1, a > b, 2, a == 2, 3)", 2.0),
        ("piecewise(1, time < 5, 4)", 4.0),
        ("piecewise(1, a < b && !(a == b) || false, 0)", 1.0),
        ("1 + true", 2.0),
        ("(a < b) + (b <= 3) + (a >= 3) + (a != b)", 3.0),
        ("sec(x)", 1 / math.cos(0.4)),
        ("arccot(a)", math.atan(0.5)),
    ],
)
def test_a_formula_means_what_the_specification_says(text: str, value: float) -> None:
    assert value_of(text) == pytest.approx(value, rel=1e-14)


def test_a_formula_reads_as_the_petab_library_reads_it() -> None:
    sympify = pytest.importorskip("petab.v1.math").sympify_petab
    for text in (
        "a*b^-x/2 - -x^2*3", "!true + a*(b-x)", "a == b || a < b && b < a", "-a^-b^x",
        "piecewise(a, x > 1, b, time > 4, 7) + pow(a, b)", "sinh(x)/coth(x) + arcsinh(a)*arccosh(b)",
    ):  # fmt: skip
        read = sympify(text)
        symbols = {symbol: {**VALUES, "time": 5.0}[str(symbol)] for symbol in read.free_symbols}
        theirs = read.subs(symbols)
        wanted = float(bool(theirs)) if theirs.is_Boolean else float(theirs)
        assert value_of(text) == pytest.approx(wanted, rel=1e-12), text


def test_every_function_of_the_specification_is_there() -> None:
    trigonometric = ("sin", "cos", "tan", "cot", "sec", "csc")
    wanted = {"pow", "exp", "sqrt", "log", "ln", "log2", "log10", "piecewise", "abs", "sign", "min", "max"}
    wanted |= {f"{arc}{name}{h}" for name in trigonometric for arc in ("", "arc") for h in ("", "h")}
    assert set(FUNCTIONS) == wanted


def test_a_sum_of_thousands_of_terms_is_read() -> None:
    formula = read_formula("+".join(f"a{number}" for number in range(5000)), NOWHERE)
    assert evaluate(formula, {f"a{number}": 1.0 for number in range(5000)}, 0.0) == 5000.0


def test_rows_are_computed_together() -> None:
    formula = read_formula("piecewise(x, x > 1, 0)", NOWHERE)
    assert evaluate(formula, {"x": np.array([0.5, 2.0])}, 0.0).tolist() == [0.0, 2.0]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("__import__('os').system('id')", "'\\('|__import__ is not one of|no number"),
        ("a.b", r"'\.b' is no number"),
        ("open(a)", "open is not one of PEtab's functions"),
        ("a + ", "ends where a value is missing"),
        ("", "is empty"),
        ("a b", "'b' follows where the formula ended"),
        ("(a", r"'\)' is missing"),
        ("a ** b", "powers are written"),
        ("sin(a, b)", "sin takes 1 arguments, got 2"),
        ("piecewise(1, a)", "piecewise takes 3 or more"),
        ("NaN", "NaN is no value"),
        ("(" * 200 + "a" + ")" * 200, "stand inside each other"),
        ("a; b", "';' is no number"),
        ("1" * 300_000, "has 300,000 characters"),
    ],
)
def test_what_is_no_mathematics_is_refused_with_its_place(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        read_formula(text, NOWHERE)
    assert caught.value.problems[0].place == NOWHERE
