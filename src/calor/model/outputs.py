"""The true outputs of the model: what a perfect instrument would read. Population measures them."""

from __future__ import annotations

OUTPUTS: tuple[str, ...] = (
    "pain_nrs",
    "temperature_difference",
    "oedema",
    "grip_share",
    "trophic",
    "tnf_tissue",
    "il1b_tissue",
    "il6_tissue",
    "il10_tissue",
    "igg_concentration",
    "autoantibody_igg_titre",
    "autoantibody_igm",
    "innate",
    "neuropeptide",
    "peripheral",
    "wind_up",
    "glial",
    "consolidated",
    "vasoconstriction",
    "disuse",
    "cortisol",
)
"""What is reported about a virtual patient over time; each is a variable of the model."""
