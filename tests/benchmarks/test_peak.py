"""The operations that the share of the peak counts are those that the kernel's text holds."""

import importlib
import re

import pytest

from calor.engine.backends.llvm.source import write_source
from calor.engine.importers.sbml import load_sbml
from calor.engine.ir.lowering import lower
from calor.engine.methods.rodas5p import RODAS5P

ARITHMETIC = re.compile(r"= f(?:add|sub|mul|div) [^<\n]*<(\d+) x double>")
LANES = 4


def operations(text: str) -> float:
    """Return the operations that a text has for each patient: a wider vector holds several of them."""
    return sum(int(width) for width in ARITHMETIC.findall(text)) / LANES


def test_counted_operations_are_nearly_all_that_the_kernel_holds_and_no_more() -> None:
    peak, problems = importlib.import_module("peak"), importlib.import_module("problems")
    program = lower(load_sbml(problems.stiff_immune().sbml()))
    bodies = write_source(program, RODAS5P, LANES).text.split("\ndefine ")
    written = {body.split("@", 1)[1].split("(", 1)[0]: operations(body) for body in bodies[1:]}
    groups = {"rates": ("derivatives",), "linearize": ("derivatives", "jacobian", "time_derivative")}
    for function, names in groups.items():
        assert 0.9 * written[function] < peak.model_operations(program, *names) <= written[function]
    model = 7 * written["rates"] + written["linearize"]
    algebra = written["factor"] + 8 * written["solve"]
    sums = 2 * 57 * len(program.state_names)  # weights of the method that are not zero
    assert peak.operations_a_step(program, RODAS5P) == pytest.approx(model + algebra + sums, rel=0.05)


@pytest.mark.parametrize(("function", "least", "most"), [("POWER", 40, 80), ("EXPONENTIAL", 20, 40)])
def test_a_function_costs_what_its_polynomial_does(function: str, least: int, most: int) -> None:
    peak = importlib.import_module("peak")
    assert least < peak.FUNCTIONS[peak.Operator[function]] < most
