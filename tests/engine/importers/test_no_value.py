"""A quantity without a value is named, in the same words wherever it is used."""

from __future__ import annotations

import re

import pytest

from calor.core.errors import InputError
from calor.engine import load_antimony, load_sbml

HINT = "hint: give it a value, a rule or an initial assignment"


@pytest.mark.parametrize(
    ("model", "name", "where"),
    [
        ("y = 1; y' = -y; at (time > 1): x = 3", "x", ""),  # set by an event only
        ("x' = 1; y = 1; y' = -y", "x", ""),  # its own rate rule
        ("y = 1; y' = -x * y", "x", "y: "),  # a rate
        ("y := 2 * x; q = 1; q' = y", "x", "y: "),  # an assignment rule
        ("y = 2 * x; y' = -y", "x", "y: "),  # an initial assignment
        ("y = 1; y' = rateOf(x)", "x", "y: "),
        ("y = 1; y' = -y; e: at (x > 1): y = 3", "x", "event e: "),  # a trigger
        ("y = 1; y' = -y; e: at x after (y < 0.5): y = 3", "x", "event e: "),  # a delay
        ("y = 1; y' = -y; e: at (y < 0.5), priority = x: y = 3", "x", "event e: "),
        ("y = 1; y' = -y; e: at (y < 0.5): y = 2 * x", "x", "event e: "),  # a value given
        (
            "compartment c = 2; species x in c; J: x -> ; k; k = 1",
            "x",
            "",
        ),  # a species that a reaction changes
        ("compartment c = 2; species x in c; s = 1; s' = -x", "x", ""),  # one that nothing changes, used
        ("compartment x; species s in x; J: s -> ; k * s; k = 1; s = 3", "x", "s: "),  # a size
        ("y = 1; J: -> y; x * y", "x", "J: "),  # a kinetic law
    ],
)
def test_it_is_named_in_the_same_words(model: str, name: str, where: str) -> None:
    with pytest.raises(InputError) as error:
        load_antimony(model)
    assert str(error.value) == f"{where}{name} has no value\n  {HINT}"


def test_all_of_them_are_named() -> None:
    with pytest.raises(InputError) as error:
        load_antimony("y = 1; y' = -a * y + b; at (time > 1): c = 2")
    assert sorted(re.findall(r"(\w) has no value", str(error.value))) == ["a", "b", "c"]


def test_what_nothing_uses_needs_none() -> None:
    assert load_antimony("var x; y = 1; y' = -y").state_names == ("y",)


def test_a_function_knows_its_arguments_only() -> None:
    math = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'
    body = "<lambda><bvar><ci>a</ci></bvar><apply><times/><ci>a</ci><ci>p</ci></apply></lambda>"
    text = f"""<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model>
    <listOfFunctionDefinitions><functionDefinition id="f">{math.format(body)}</functionDefinition>
    </listOfFunctionDefinitions>
    <listOfParameters><parameter id="p" value="1" constant="true"/></listOfParameters></model></sbml>"""
    with pytest.raises(InputError, match=r"variable .p. is not listed"):
        load_sbml(text)
