"""The causal diagram is what the equations say: derivatives, checked by hand and finite differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calor.engine import compile_kernel, load_sbml
from calor.engine.batch import Batch
from calor.model.causal import CausalGraph, Sign, causal_graph
from calor.model.disease import Disease, load_disease
from calor.model.sbml import sbml_of

KNOWN = {
    ("injury", "innate"): Sign.RAISES,
    ("regulatory", "innate"): Sign.LOWERS,
    ("vasoconstriction", "temperature_difference"): Sign.LOWERS,
    ("trophic", "grip_share"): Sign.LOWERS,
    ("consolidated", "glial"): Sign.RAISES,
    ("slot_central_loss", "glial"): Sign.LOWERS,
    ("slot_tissue_tnf", "il6_tissue"): Sign.RAISES,
}


def graph_of(disease: Disease) -> CausalGraph:
    row = disease.parameters["antibody_positive"]
    return causal_graph(disease, (row.identifier,), np.array([[0.0], [1.0]]))


@pytest.fixture(scope="module")
def graph() -> CausalGraph:
    return graph_of(load_disease())


def signs(graph: CausalGraph) -> dict[tuple[str, str], Sign]:
    return {(arrow.source, arrow.target): arrow.sign for arrow in graph.influences}


def test_arrows_known_from_the_equations_are_there(graph: CausalGraph) -> None:
    found = signs(graph)
    assert {pair: found.get(pair) for pair in KNOWN} == KNOWN


def test_what_nothing_depends_on_has_no_arrow_out(graph: CausalGraph) -> None:
    sources = {arrow.source for arrow in graph.influences}
    assert not sources & {"grip_share", "temperature_difference", "tnf_tissue"}


def test_every_slot_acts_somewhere(graph: CausalGraph) -> None:
    acting = {arrow.source for arrow in graph.influences if arrow.is_slot}
    assert acting == {slot.symbol for slot in load_disease().slots}


def test_a_changed_equation_turns_its_arrow() -> None:
    disease = load_disease()
    changed = replace(
        disease,
        equations=disease.equations.replace(
            "- cooling_gain*vasoconstriction", "+ cooling_gain*vasoconstriction"
        ),
    )
    assert signs(graph_of(changed))["vasoconstriction", "temperature_difference"] is Sign.RAISES


def test_a_derivative_through_computed_quantities_agrees_with_finite_differences() -> None:
    # glial -> oedema runs through the neuropeptides only: no direct arrow, as neuropeptide stands in between.
    disease = load_disease()
    found = signs(graph_of(disease))
    assert ("glial", "neuropeptide") in found
    assert ("glial", "oedema") not in found
    # glial -> pain_share runs through pain_signal, which is written out.
    kernel = compile_kernel(load_sbml(sbml_of(disease.antimony())))
    states = np.array([[0.5, 0.3 - 1e-6], [0.5, 0.3 + 1e-6]])
    batch = Batch(
        np.array([0.0]), ("pain_share",), parameters=np.zeros((2, 0)),
        state_names=("peripheral", "glial"), states=states,
    )  # fmt: skip
    low, high = kernel.simulate(batch).outputs[:, 0, 0]
    assert high > low
    assert found["glial", "pain_share"] is Sign.RAISES
