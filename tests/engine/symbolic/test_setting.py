"""Values that somebody gives replace what the model computes, and what it computes from them follows."""

from __future__ import annotations

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch
from calor.engine.symbolic.setting import set_values

CHAIN = """model chain
  k = 2; x0 = 3*k; x = x0; y = 2*x; c = x*5; r := y + c
  x' = 0*k; y' = 0*x
end
"""
CELL = """model cell
  width = 2; body = width^3; compartment body
  species S in body; species T in body
  S = 1.5; T = 10*S
  J: S -> ; 0*S
  K: T -> ; 0*T
end
"""


def at_start(model: str, outputs: tuple[str, ...], **given: float) -> list[float]:
    system = set_values(load_antimony(model), tuple(given.items()))
    result = compile_kernel(system, "reference").simulate(Batch(np.array([0.0]), outputs))
    return [float(value) for value in result.outputs[0, 0]]


@pytest.mark.parametrize(
    ("given", "values"),
    [
        # k = 2, x0 = 3 k, x = x0, y = 2 x, c = 5 x, r := y + c
        ({}, (2, 6, 6, 12, 30, 42)),
        ({"k": 1}, (1, 3, 3, 6, 15, 21)),
        ({"x0": 1}, (2, 1, 1, 2, 5, 7)),
        ({"x": 1}, (2, 6, 1, 2, 5, 7)),
        ({"y": 1}, (2, 6, 6, 1, 30, 31)),
        ({"c": 1}, (2, 6, 6, 12, 1, 13)),
        ({"x": 1, "c": 4}, (2, 6, 1, 2, 4, 6)),
        ({"k": 7, "x0": 1, "y": 0.5}, (7, 1, 1, 0.5, 5, 5.5)),
    ],
)
def test_what_is_computed_from_a_given_value_follows(given: dict[str, float], values: tuple[float]) -> None:
    assert at_start(CHAIN, ("k", "x0", "x", "y", "c", "r"), **given) == pytest.approx(values)


@pytest.mark.parametrize(
    ("given", "values"),
    [
        # volume 2^3 = 8; concentrations 1.5 and 15; amounts 12 and 120
        ({}, (8, 1.5, 12, 15, 120)),
        ({"S": 2}, (8, 2, 16, 20, 160)),
        ({"amount(S)": 16}, (8, 2, 16, 20, 160)),
        ({"T": 2}, (8, 1.5, 12, 2, 16)),
        ({"body": 4}, (4, 1.5, 6, 15, 60)),
        ({"width": 1, "S": 2}, (1, 2, 2, 20, 20)),
        ({"body": 4, "S": 2, "T": 1}, (4, 2, 8, 1, 4)),
    ],
)
def test_species_follow_each_other_and_their_compartment(
    given: dict[str, float], values: tuple[float]
) -> None:
    assert at_start(CELL, ("body", "S", "amount(S)", "T", "amount(T)"), **given) == pytest.approx(values)


def test_what_a_rule_gives_at_all_times_cannot_be_set() -> None:
    with pytest.raises(InputError, match="r follows from a rule of the model"):
        at_start(CHAIN, ("r",), r=1)
