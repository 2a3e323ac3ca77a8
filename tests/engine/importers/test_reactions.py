"""What reactions make of species."""

from __future__ import annotations

from calor.engine import load_antimony
from calor.engine.symbolic.expression import ZERO, symbol


def test_what_a_reaction_uses_up_and_makes_again_is_left_out() -> None:
    """2 E + S -> 2 E + P keeps E; E + S -> 3 E makes two of it."""
    system = load_antimony(
        "compartment C = 1; species S in C, E in C, F in C, P in C; S = 1; E = 1; F = 1; P = 0; k = 1;"
        "J1: 2 E + S -> 2 E + P; k * S * E; J2: F + S -> 3 F; k * S * F"
    )
    rates = {state.name: state.derivative for state in system.states}
    assert rates["E"] is ZERO
    assert rates["F"] is 2.0 * symbol("J2")
