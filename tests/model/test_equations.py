"""The equations of the disease, written a second time by module and compared at random points.

Antimony and Python are two books kept by hand: a sign that slips or a factor that goes missing in one of them
is found by the other. A change of the model that is meant is made in both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from calor.engine.importers.sbml import system_of
from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.lowering import lower
from calor.model.disease import load_disease
from calor.model.sbml import sbml_of

Values = Mapping[str, np.ndarray]
POINTS = 16
IN_MG = ("igg_plasma", "igg_tissue")


def hill(x: np.ndarray, half: np.ndarray, steepness: np.ndarray | float) -> np.ndarray:
    return np.asarray(x**steepness / (half**steepness + x**steepness))


@pytest.fixture(scope="module")
def points() -> tuple[Values, Values, Values]:
    """Return every symbol, every derivative and every initial value at random points.

    States are shares; parameters lie within a factor of 2 of their values, slots and switches between 0.3
    and 1.7.
    """
    system = system_of(sbml_of(load_disease().antimony()))
    generator = np.random.default_rng(11)
    table = load_disease().parameters

    def parameter(name: str, value: float) -> np.ndarray:
        factor = np.exp(generator.uniform(-0.7, 0.7, POINTS))
        return generator.uniform(0.3, 1.7, POINTS) if name not in table or value == 0 else value * factor

    parameters = {one.name: parameter(one.name, one.value) for one in system.parameters}
    states = {name: generator.uniform(0.1, 0.9, POINTS) for name in system.state_names}
    volume = parameters["igg_volume_per_weight"] * parameters["body_weight"]
    for name in IN_MG:
        states[name] *= 2 * parameters["igg_baseline"] * volume
    evaluate = Interpreter(lower(system), "derivatives", "outputs", "initial")
    found = evaluate(0.0, np.array(list(states.values())), np.array(list(parameters.values())))
    symbols = parameters | dict(zip(system.output_names, found["outputs"], strict=True))
    derivatives = dict(zip(system.state_names, found["derivatives"], strict=True))
    initial = dict(zip(system.state_names, found["initial"], strict=True))
    return symbols, derivatives, initial


def between(loss: str, gain: np.ndarray, state: str, v: Values) -> np.ndarray:
    """Return the rate of a share that fills up to 1 and is lost."""
    return np.asarray(gain * (1 - v[state]) - v[loss] * v[state])


INNATE: dict[str, Callable[[Values], np.ndarray]] = {
    "injury'": lambda v: -v["injury_resolution_rate"] * v["injury"],
    "regulation": lambda v: (
        (1 + v["regulatory_strength"] * v["regulatory"] * v["slot_regulatory_tone"])
        * (1 + v["cortisol_strength"] * v["cortisol"]) / (1 + v["cortisol_strength"])
    ),
    "innate_drive": lambda v: (
        v["innate_from_injury"] * v["injury"]
        + v["innate_from_neuropeptide"] * v["neuropeptide"] * v["peripheral"]
        + v["innate_from_disuse"] * v["disuse"]
        + v["innate_self_amplification"] * hill(v["innate"], v["innate_half_saturation"], 2)
    ),
    "innate'": lambda v: between(
        "innate_loss_rate",
        v["innate_rate"] * v["innate_gain"] * v["innate_drive"] * v["slot_innate_activation"]
        / v["regulation"],
        "innate",
        v,
    ),
    "regulatory": lambda v: v["regulatory_baseline"] + v["regulatory_from_innate"] * v["innate"],
}  # fmt: skip
CYTOKINES: dict[str, Callable[[Values], np.ndarray]] = {
    "tnf_available": lambda v: v["slot_tissue_tnf"],
    "downstream_of_tnf": lambda v: 1 - v["tnf_upstream_share"] * (1 - v["slot_tissue_tnf"]),
    "il1b_available": lambda v: v["slot_tissue_il1b"] * v["downstream_of_tnf"],
    "il6_available": lambda v: v["slot_tissue_il6"] * v["downstream_of_tnf"],
    "tnf_tissue": lambda v: v["tnf_baseline"] * v["cytokine_trait"] * (1 + v["tnf_rise"] * v["innate"])
    * v["tnf_available"],
    "il1b_tissue": lambda v: v["il1b_baseline"] * v["cytokine_trait"] * (1 + v["il1b_rise"] * v["innate"])
    * v["il1b_available"],
    "il6_tissue": lambda v: v["il6_baseline"] * v["cytokine_trait"] * (1 + v["il6_rise"] * v["innate"])
    * v["il6_available"],
    "il10_tissue": lambda v: v["il10_baseline"] * v["cytokine_trait"] * v["slot_tissue_il10"]
    * v["regulatory"] / v["regulatory_baseline"],
    # TNF has its share of the effect; IL-1 beta and IL-6 divide what it leaves.
    "cytokine_activity": lambda v: np.average(
        [v["tnf_available"], v["il1b_available"], v["il6_available"]], axis=0,
        weights=[v["tnf_weight"], (1 - v["tnf_weight"]) * v["il1b_weight"],
                 (1 - v["tnf_weight"]) * (1 - v["il1b_weight"])],
    ),
    "cytokine_effect": lambda v: (1 - v["cytokine_causal_share"] * (1 - v["cytokine_activity"]))
    / (1 + v["il10_strength"] * (v["slot_tissue_il10"] - 1)),
    "neuropeptide": lambda v: v["neuropeptide_gain"] * v["slot_neuropeptide_release"]
    * (v["peripheral"] + v["glial"]) / 2,
}  # fmt: skip
ADAPTIVE: dict[str, Callable[[Values], np.ndarray]] = {
    "autoimmunity": lambda v: v["antibody_positive"] * v["antibody_titre"],
    "neoantigen'": lambda v: v["neoantigen_rate"] * (v["innate"] - v["neoantigen"]),
    "b_cells'": lambda v: between(
        "b_cell_loss_rate",
        v["b_cell_rate"] * v["autoimmunity"] * v["neoantigen"] * v["slot_b_cell_proliferation"]
        / v["regulation"],
        "b_cells",
        v,
    ),
    "plasma_cells'": lambda v: v["plasma_cell_rate"] * v["b_cells"] * (1 - v["plasma_cells"])
    - v["plasma_cell_loss_rate"] * v["slot_plasma_cell_loss"] * v["plasma_cells"],
    "autoantibody_igm'": lambda v: v["igm_loss_rate"] * (v["b_cells"] - v["autoantibody_igm"]),
    "antigen_exposure": lambda v: 1 - v["antigen_dependence"] * (1 - v["neoantigen"]),
    "antibody_effect": lambda v: v["slot_antibody_effect"] * v["antigen_exposure"] * (
        v["igg_autoantibody_weight"] * v["autoantibody_igg_titre"]
        + v["igm_autoantibody_weight"] * v["autoantibody_igm"]
    ),
}  # fmt: skip


def catabolism(v: Values, concentration: np.ndarray, slot: np.ndarray | float) -> np.ndarray:
    """Return the rate at which plasma IgG is lost: all that is taken up but for what FcRn gives back."""
    given_back = v["fcrn_largest_rescue"] * slot * v["fcrn_half_saturation"] / (
        v["fcrn_half_saturation"] + concentration
    )  # fmt: skip
    return np.asarray(v["igg_uptake_rate"] * (1 - given_back))


def exchange(v: Values, plasma: str, tissue: str) -> np.ndarray:
    """Return what leaves plasma for tissue a day."""
    volume = v["igg_volume_per_weight"] * v["body_weight"]
    return np.asarray(v["igg_exchange_per_weight"] * v["body_weight"] * (v[plasma] - v[tissue]) / volume)


IGG: dict[str, Callable[[Values], np.ndarray]] = {
    "igg_plasma_volume": lambda v: v["igg_volume_per_weight"] * v["body_weight"],
    "igg_exchange": lambda v: v["igg_exchange_per_weight"] * v["body_weight"],
    "igg_concentration": lambda v: v["igg_plasma"] / v["igg_plasma_volume"],
    "igg_tissue_concentration": lambda v: v["igg_tissue"] / v["igg_plasma_volume"],
    "igg_catabolism": lambda v: catabolism(v, v["igg_concentration"], v["slot_fcrn_recycling"]),
    "igg_baseline_catabolism": lambda v: catabolism(v, v["igg_baseline"], 1.0),
    "igg_excess": lambda v: (
        v["igg_concentration"] - v["igg_baseline"] - v["igg_smoothing"]
        + np.hypot(v["igg_concentration"] - v["igg_baseline"], v["igg_smoothing"])
    ) / 2,
    "igg_plasma'": lambda v: catabolism(v, v["igg_baseline"],
    1.0) * v["igg_baseline"] * v["igg_plasma_volume"]
    - v["igg_catabolism"] * v["igg_plasma"] - exchange(v, "igg_plasma", "igg_tissue"),
    "igg_tissue'": lambda v: exchange(v, "igg_plasma", "igg_tissue"),
    "autoantibody_igg_plasma'": lambda v: catabolism(v, v["igg_baseline"], 1.0) * v["plasma_cells"]
    * v["igg_plasma_volume"] - v["igg_catabolism"] * v["autoantibody_igg_plasma"]
    - exchange(v, "autoantibody_igg_plasma", "autoantibody_igg_tissue"),
    "autoantibody_igg_tissue'": lambda v: exchange(v, "autoantibody_igg_plasma", "autoantibody_igg_tissue"),
    "autoantibody_igg_titre": lambda v: v["autoantibody_igg_plasma"] / v["igg_plasma_volume"],
}  # fmt: skip
NERVES: dict[str, Callable[[Values], np.ndarray]] = {
    "peripheral_drive": lambda v: v["slot_peripheral_drive"] * (
        v["peripheral_from_injury"] * v["injury"]
        + v["peripheral_from_innate"] * v["innate"] * v["cytokine_effect"]
    ) + v["peripheral_from_antibody"] * v["antibody_effect"],
    "peripheral'": lambda v: v["peripheral_rate"] * (
        v["peripheral_drive"] / (1 + v["peripheral_drive"]) - v["peripheral"]
    ),
    "peripheral_barrage": lambda v: hill(v["peripheral"], v["central_threshold"], v["central_steepness"]),
    "wind_up": lambda v: v["peripheral_barrage"],
    "glial'": lambda v: v["glial_rate"] * v["slot_central_drive"] * (1 - v["glial"])
    * (v["peripheral_barrage"] + v["central_refill"] * v["consolidated"])
    - v["glial_loss_rate"] * v["slot_central_loss"] * v["glial"],
    "consolidated'": lambda v: between(
        "consolidation_loss_rate",
        v["consolidation_rate"] * hill(v["glial"], v["consolidation_threshold"], v["central_steepness"]),
        "consolidated",
        v,
    ),
    "nociception": lambda v: v["pain_baseline"]
    + v["pain_from_memory"] * v["consolidated"]
    + v["peripheral"] * v["slot_peripheral_transduction"]
    * (1 + v["pain_from_antibody"] * v["antibody_effect"]),
    "pain_signal": lambda v: v["pain_sensitivity"] * v["pain_scale"] * v["nociception"]
    * (1 + v["wind_up_gain"] * v["wind_up"] + v["glial_gain"] * v["glial"]),
    "pain_share": lambda v: hill(v["pain_signal"], np.ones(POINTS), v["pain_steepness"]),
    "pain_nrs": lambda v: v["pain_nrs_range"] * v["pain_share"],
}  # fmt: skip
LIMB: dict[str, Callable[[Values], np.ndarray]] = {
    "vasoconstriction'": lambda v: between(
        "vasoconstriction_loss_rate",
        v["vasoconstriction_rate"] * (v["glial"] + v["disuse"]) / 2,
        "vasoconstriction",
        v,
    ),
    "temperature_difference": lambda v: v["temperature_offset"]
    + v["warming_gain"] * (v["innate"] + v["neuropeptide"]) / 2 - v["cooling_gain"] * v["vasoconstriction"],
    "oedema": lambda v: (v["innate"] + v["neuropeptide"]) / 2 + v["oedema_from_disuse"] * v["disuse"],
    "disuse": lambda v: v["pain_share"],
    "guarding": lambda v: (v["pain_share"] + v["oedema"]) / 2,
    "trophic'": lambda v: between(
        "trophic_loss_rate",
        v["trophic_rate"] * ((v["oedema"] + v["disuse"] + v["glial"]) / 3
                             + v["trophic_from_injury"] * v["injury"]),
        "trophic",
        v,
    ),
    "grip_share": lambda v: (1 - v["guarding_weight"] * v["guarding"]) * (1 - v["trophic"]),
    "adrenal_reserve'": lambda v: v["adrenal_adaptation_rate"]
    * (v["slot_cortisol_production"] - v["adrenal_reserve"]),
    "cortisol'": lambda v: v["cortisol_rate"]
    * (v["adrenal_reserve"] * v["slot_cortisol_production"] - v["cortisol"]),
}  # fmt: skip
LAWS = INNATE | CYTOKINES | ADAPTIVE | IGG | NERVES | LIMB


@pytest.mark.parametrize("name", LAWS)
def test_an_equation_says_what_its_module_says(name: str, points: tuple[Values, Values, Values]) -> None:
    symbols, derivatives, _ = points
    found = derivatives[name[:-1]] if name.endswith("'") else symbols[name]
    np.testing.assert_allclose(found, LAWS[name](symbols), rtol=1e-9, atol=1e-12)


def test_no_equation_is_left_out(points: tuple[Values, Values, Values]) -> None:
    symbols, derivatives, _ = points
    parameters = {row.identifier for row in load_disease().parameters}
    assigned = {name for name in symbols if name not in derivatives and name not in parameters}
    computed = {name for name in assigned if not name.startswith("slot_")}
    assert set(LAWS) == computed | {f"{name}'" for name in derivatives}


def test_a_life_begins_with_the_injury_and_nothing_else(points: tuple[Values, Values, Values]) -> None:
    symbols, _, initial = points
    normal_igg = symbols["igg_baseline"] * symbols["igg_volume_per_weight"] * symbols["body_weight"]
    expected = {
        "injury": symbols["injury_size"],
        "regulatory": symbols["regulatory_baseline"],
        "igg_plasma": normal_igg,
        "igg_tissue": normal_igg,
        "adrenal_reserve": np.ones(POINTS),
        "cortisol": np.ones(POINTS),
    }
    for name, found in initial.items():
        np.testing.assert_allclose(found, expected.get(name, np.zeros(POINTS)), rtol=1e-12, err_msg=name)
