"""Algebraic rules, delays and fast reactions of SBML: what they determine, and what is refused."""

from __future__ import annotations

import libsbml
import numpy as np
import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.engine import compile_kernel, load_sbml
from calor.engine.batch import Batch, Options
from calor.engine.symbolic.system import System

TIGHT = Options(rtol=1e-9, atol=1e-12)


def math(formula: str) -> str:
    return str(libsbml.writeMathMLToString(libsbml.parseL3Formula(formula))).partition("?>")[2]


def parameter(name: str, value: float | None = None, constant: bool = False) -> str:
    given = "" if value is None else f'value="{value}"'
    return f'<parameter id="{name}" {given} constant="{str(constant).lower()}"/>'


def model(
    parameters: list[str],
    rules: list[str],
    more: str = "",
    species: str = "",
    starts: str = "",
    version: int = 2,
) -> System:
    """Return the system of a Level 3 model; a rule is `x' = formula`, `x = formula` or `0 = formula`."""
    written = ""
    for rule in rules:
        left, _, formula = rule.partition(" = ")
        kind, name = ("rate", left[:-1]) if left.endswith("'") else ("assignment", left)
        kind, attribute = ("algebraic", "") if left == "0" else (kind, f' variable="{name}"')
        written += f"<{kind}Rule{attribute}>{math(formula)}</{kind}Rule>"
    return load_sbml(
        f'''<?xml version="1.0" encoding="UTF-8"?>
        <sbml xmlns="http://www.sbml.org/sbml/level3/version{version}/core" level="3" version="{version}">
        <model id="m">{species}<listOfParameters>{"".join(parameters)}</listOfParameters>
        {f"<listOfInitialAssignments>{starts}</listOfInitialAssignments>" if starts else ""}
        {f"<listOfRules>{written}</listOfRules>" if written else ""}{more}</model></sbml>'''
    )


def at(system: System, times: list[float], *outputs: str) -> np.ndarray:
    batch = Batch(save_at=np.array(times), outputs=outputs)
    return np.asarray(compile_kernel(system).simulate(batch, TIGHT).outputs[0])


def test_a_linear_rule_becomes_a_formula_and_stays_on_the_fast_backend() -> None:
    """0 = 2 y - x with x' = -x: y = x / 2, whatever value y is given."""
    system = model([parameter("x", 1), parameter("y", 9)], ["x' = -x", "0 = 2 * y - x"])
    assert not system.constraints
    compile_kernel(system, "llvm")
    np.testing.assert_allclose(at(system, [0.0, 1.0], "y")[:, 0], [0.5, 0.5 * np.exp(-1.0)], rtol=1e-7)


def test_linear_rules_that_use_each_other_are_solved_together() -> None:
    """a + b = 3 t and a - b = t: a = 2 t, b = t."""
    system = model([parameter("a"), parameter("b")], ["0 = a + b - 3 * time", "0 = a - b - time"])
    np.testing.assert_allclose(at(system, [2.0], "a", "b"), [[4.0, 2.0]], rtol=1e-12)


def test_a_rule_that_is_not_linear_is_solved_near_the_value_given() -> None:
    """y^2 = 1 + t: the sign of the value given says which root."""
    for guess in (2.0, -2.0):
        system = model([parameter("x", 0), parameter("y", guess)], ["x' = 1", "0 = y^2 - 1 - x"])
        found = at(system, [0.0, 3.0], "y")[:, 0]
        np.testing.assert_allclose(found, np.sign(guess) * np.array([1.0, 2.0]), rtol=1e-7)
    with pytest.raises(InputError, match="y has no value from which to look"):
        model([parameter("x", 0), parameter("y")], ["x' = 1", "0 = y^2 - 1 - x"])


EVENT = (
    '<listOfEvents><event id="e" useValuesFromTriggerTime="true">'
    '<trigger initialValue="true" persistent="true">' + math("time > 1") + "</trigger>"
    '<listOfEventAssignments><eventAssignment variable="{}">'
    + math("5")
    + "</eventAssignment></listOfEventAssignments></event></listOfEvents>"
)


def test_a_rule_determines_what_events_leave_alone_and_holds_after_them() -> None:
    system = model([parameter("x", 1), parameter("y", 0)], ["0 = x + y - 7"], EVENT.format("x"))
    np.testing.assert_allclose(at(system, [0.0, 2.0], "x", "y"), [[1, 6], [5, 2]], rtol=1e-12)


def test_what_only_a_rule_can_determine_does_so_against_an_event() -> None:
    """Only y varies otherwise, so it must be 7 - x again at once after the event sets it to 5."""
    system = model(
        [parameter("x", 1, constant=True), parameter("y", 0)], ["0 = x + y - 7"], EVENT.format("y")
    )
    np.testing.assert_allclose(at(system, [0.0, 2.0], "y"), [[6], [6]], rtol=1e-12)


def test_rules_that_determine_nothing_or_either_of_two_are_refused() -> None:
    with pytest.raises(InputError, match=r"overdetermined|nothing to determine"):
        model([parameter("x", 1)], ["0 = x - 1", "0 = x - 2"])
    with pytest.raises(InputError, match=r"may determine (x or y|y or x)") as refused:
        model([parameter("x", 1), parameter("y", 2)], ["0 = x - y"])
    assert 'constant="true"' in str(refused.value.problems[0].hint)


def test_a_start_that_is_computed_from_what_is_not_solved_for_is_refused_by_name() -> None:
    start = f'<initialAssignment symbol="x">{math("y + 1")}</initialAssignment>'
    pair = [parameter("x", 0), parameter("y", 1)]
    with pytest.raises(UnsupportedError, match="start of x is computed from y"):
        model(pair, ["x' = 1", "0 = y^2 - 1 - time"], starts=start)


def test_delays_in_rules_and_their_refusals() -> None:
    """x = t: delay(x, 1) is max(0, t - 1), as x is 0 before the start; rates before the start are 0."""
    pair = [parameter("x", 0), parameter("y"), parameter("r")]
    system = model(pair, ["x' = 1", "y = delay(x, 1) + delay(x, 0)", "r = delay(rateOf(x), 1)"])
    np.testing.assert_allclose(at(system, [0.5, 3.0], "y", "r"), [[0.5, 0.0], [5.0, 1.0]], rtol=1e-9)
    with pytest.raises(InputError, match="the delay is -1"):
        model(pair, ["x' = 1", "y = delay(x, -1)"])
    with pytest.raises(UnsupportedError, match="a delay\\(\\) of what is assigned from that"):
        model(pair, ["x' = 1", "0 = delay(y, 1) + 1 - y"])


SPECIES = (
    '<listOfCompartments><compartment id="c" spatialDimensions="3" size="2" constant="true"/>'
    "</listOfCompartments><listOfSpecies>"
    + "".join(
        f'<species id="{name}" compartment="c" initialConcentration="{value}" hasOnlySubstanceUnits="false" '
        'boundaryCondition="false" constant="false"/>'
        for name, value in (("A", 3.0), ("B", 0.0))
    )
    + "</listOfSpecies>"
)
FAST = (
    '<listOfReactions><reaction id="J" reversible="true" fast="true">'
    '<listOfReactants><speciesReference species="A" stoichiometry="1" constant="true"/></listOfReactants>'
    '<listOfProducts><speciesReference species="B" stoichiometry="1" constant="true"/></listOfProducts>'
    "<kineticLaw>" + math("A - 2 * B") + "</kineticLaw></reaction></listOfReactions>"
)


def test_a_fast_reaction_begins_in_equilibrium_and_has_no_rate() -> None:
    """A + B = 3 and A = 2 B: 2 and 1."""
    system = model([parameter("p", 1, constant=True)], [], FAST, SPECIES, version=1)
    np.testing.assert_allclose(at(system, [0.0, 1.0], "A", "B"), [[2, 1], [2, 1]], rtol=1e-10)
    with pytest.raises(UnsupportedError, match="rate of the fast reaction J"):
        model([parameter("p")], ["p = J"], FAST, SPECIES, version=1)
