"""Who influences whom, and in which direction, derived from the equations themselves.

The influence of a quantity u on a quantity v is the derivative of v's rate (a state) or formula (computed) by
u, with the computed quantities between them written out. Its sign is taken at plausible states: along the
untreated courses of many people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from calor.core.arrays import Numbers
from calor.engine import compile_kernel, load_sbml
from calor.engine.batch import Batch, Options
from calor.engine.symbolic.calculus import total_derivative
from calor.engine.symbolic.expression import ONE, ZERO, Expression, symbol
from calor.engine.symbolic.system import Assigned, System
from calor.engine.symbolic.traversal import symbols_of
from calor.model.disease import Disease, Variable
from calor.model.sbml import sbml_of

SHOWN: tuple[str, ...] = (
    "regulatory",
    "neuropeptide",
    "tnf_tissue",
    "il6_tissue",
    "il1b_tissue",
    "cytokine_effect",
    "antibody_effect",
    "wind_up",
    "nociception",
    "pain_share",
    "temperature_difference",
    "oedema",
    "disuse",
    "guarding",
    "grip_share",
)
"""Computed quantities that stand in the diagram beside the states; the others are written out."""

TIMES = np.array([3.0, 10.0, 30.0, 90.0, 180.0, 365.0, 1100.0])
"""Days after injury at which signs are taken."""
SAME_SIGN = 0.95
"""Share of plausible states that must agree for an influence to have one sign."""


class Sign(StrEnum):
    """The direction of an influence."""

    RAISES = "raises"
    LOWERS = "lowers"
    EITHER = "either"


@dataclass(frozen=True)
class Influence:
    """One arrow: from a variable or slot to a variable, its sign, and the share of states that agree."""

    source: str
    target: str
    sign: Sign
    agreement: float
    is_slot: bool


@dataclass(frozen=True)
class CausalGraph:
    """The variables that stand in the diagram, and the influences among them and of slots on them."""

    nodes: tuple[Variable, ...]
    influences: tuple[Influence, ...]


def causal_graph(disease: Disease, parameter_names: tuple[str, ...], parameters: Numbers) -> CausalGraph:
    """Return the causal graph of the disease.

    Arguments: the disease, and people at whose states signs are taken: names of parameters and their values
    (n, n_names).
    """
    system = load_sbml(sbml_of(disease.antimony()))
    nodes = [
        variable for variable in disease.variables if variable.kind == "state" or variable.identifier in SHOWN
    ]
    slopes = _slopes(system, [node.identifier for node in nodes], [slot.symbol for slot in disease.slots])
    names = [f"slope_{position}" for position in range(len(slopes))]
    added = tuple(Assigned(name, slope) for name, slope in zip(names, slopes.values(), strict=True))
    kernel = compile_kernel(replace(system, assigned=(*system.assigned, *added)))
    batch = Batch(save_at=TIMES, outputs=tuple(names), parameter_names=parameter_names, parameters=parameters)
    found = kernel.simulate(batch, Options(rtol=1e-5, atol=1e-8)).outputs.reshape(-1, len(names))
    slots = {slot.symbol for slot in disease.slots}
    influences = [
        _influence(source, target, found[:, position], is_slot=source in slots)
        for position, (source, target) in enumerate(slopes)
    ]
    return CausalGraph(tuple(nodes), tuple(influence for influence in influences if influence is not None))


def _slopes(system: System, nodes: Iterable[str], slots: Iterable[str]) -> dict[tuple[str, str], Expression]:
    """Return the derivative of each node's rate or formula by each other node and slot, where not zero."""
    kept = set(nodes)
    formulas = {state.name: state.derivative for state in system.states}
    formulas |= {item.name: item.formula for item in system.assigned if item.name in kept}
    between = [item for item in system.assigned if item.name not in kept]
    found: dict[tuple[str, str], Expression] = {}
    for source in (*_in_order(system, kept), *slots):
        rates = _rates_of_leaves(system, source)
        for item in between:
            rates[symbol(item.name)] = total_derivative(item.formula, rates)
        for target, formula in formulas.items():
            slope = total_derivative(formula, rates)
            if target != source and slope is not ZERO:
                found[source, target] = slope
    return found


def _in_order(system: System, kept: set[str]) -> list[str]:
    """Return the names that are kept, in the order of the system."""
    return [name for name in system.output_names if name in kept]


def _rates_of_leaves(system: System, source: str) -> dict[Expression, Expression]:
    """Return the rate of every symbol when only `source` changes, at rate 1; computed ones start at 0."""
    formulas = [state.derivative for state in system.states] + [item.formula for item in system.assigned]
    return {symbol(name): ONE if name == source else ZERO for name in symbols_of(formulas)}


def _influence(source: str, target: str, values: Numbers, *, is_slot: bool) -> Influence | None:
    """Return the influence, or None where it is zero at every plausible state."""
    signs = np.sign(values[np.isfinite(values)])
    signs = signs[signs != 0]
    if len(signs) == 0:
        return None
    up = float((signs > 0).mean())
    agreement = max(up, 1 - up)
    sign = Sign.EITHER if agreement < SAME_SIGN else Sign.RAISES if up > 0.5 else Sign.LOWERS
    return Influence(source, target, sign, agreement, is_slot)
