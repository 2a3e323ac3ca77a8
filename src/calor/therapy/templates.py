"""Templates of kinetics: named structures of states and equations, into which a drug file puts its numbers.

A disposition says how drug leaves the body, an absorption how a dose by one route arrives. Names in the
equations are local; `calor.therapy.equations` gives them the drug's prefix. Amounts are in mg (immunoglobulin
in g), volumes in L, time in days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Scaling = Literal["none", "clearance", "volume"]


@dataclass(frozen=True)
class Need:
    """A number that is needed: its unit, meaning, how it scales with weight, what it is.

    `share`: a share of something; `count`: a small whole number; `most`: the largest that makes sense, where
    that is less than its unit allows.
    """

    unit: str
    meaning: str
    scaling: Scaling = "none"
    share: bool = False
    count: bool = False
    most: float | None = None


@dataclass(frozen=True)
class Disposition:
    """How drug leaves the body.

    Arguments: what it describes, the numbers it needs, its states with units and rates, and its quantities
    (name: unit and formula). Doses arrive in `entry`, a state of its own or of the disease.
    """

    describes: str
    entry: str
    needs: Mapping[str, Need] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, str] = field(default_factory=dict)
    quantities: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Absorption:
    """How a dose by one route arrives.

    Arguments: what it describes, the numbers it needs, its states with their rates, what flows from them into
    the disposition's entry, and quantities. A dose goes into the first state, or straight into the entry.
    """

    describes: str
    needs: Mapping[str, Need] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    rates: Mapping[str, str] = field(default_factory=dict)
    inflow: str = ""
    quantities: Mapping[str, tuple[str, str]] = field(default_factory=dict)


_CLEARANCE = Need("L/day", "clearance", "clearance")
_VOLUME = Need("L", "volume of the central compartment", "volume")

DISPOSITIONS: Mapping[str, Disposition] = {
    "one-compartment": Disposition(
        "one well-mixed volume, linear clearance",
        entry="central",
        needs={"clearance": _CLEARANCE, "volume": _VOLUME},
        states={"central": "mg"},
        rates={"central": "-clearance*concentration"},
        quantities={"concentration": ("mg/L", "central/volume")},
    ),
    "two-compartment": Disposition(
        "a central and a peripheral volume, linear clearance from the central one",
        entry="central",
        needs={
            "clearance": _CLEARANCE,
            "volume": _VOLUME,
            "exchange": Need("L/day", "clearance between the compartments", "clearance"),
            "peripheral_volume": Need("L", "volume of the peripheral compartment", "volume"),
        },
        states={"central": "mg", "peripheral": "mg"},
        rates={
            "central": "-clearance*concentration - exchange*(concentration - peripheral_concentration)",
            "peripheral": "exchange*(concentration - peripheral_concentration)",
        },
        quantities={
            "concentration": ("mg/L", "central/volume"),
            "peripheral_concentration": ("mg/L", "peripheral/peripheral_volume"),
        },
    ),
    "one-compartment-bound": Disposition(
        "one volume and clearance of unbound drug; total drug by saturable and linear protein binding",
        entry="central",
        needs={
            "clearance": Need("L/day", "clearance of unbound drug", "clearance"),
            "volume": Need("L", "volume of unbound drug", "volume"),
            "saturable_binding": Need(
                "1", "bound over unbound on the saturable protein at low concentration"
            ),
            "affinity": Need("L/mg", "affinity of the saturable protein"),
            "linear_binding": Need("1", "bound over unbound on the protein that does not saturate"),
        },
        states={"central": "mg"},
        rates={"central": "-clearance*unbound_concentration"},
        quantities={
            "unbound_concentration": ("mg/L", "central/volume"),
            "concentration": (
                "mg/L",
                "unbound_concentration*(1 + saturable_binding/(1 + affinity*unbound_concentration)"
                " + linear_binding)",
            ),
        },
    ),
    "endogenous-igg": Disposition(
        "immunoglobulin joins the person's own IgG, with its saturable rescue by the neonatal Fc receptor",
        entry="igg_plasma",
        quantities={"concentration": ("g/L", "igg_excess")},
    ),
    "procedure": Disposition("no drug: a procedure that removes plasma", entry=""),
}

ABSORPTIONS: Mapping[str, Absorption] = {
    "direct": Absorption("straight into the central compartment: injected or infused"),
    "first-order": Absorption(
        "from a depot at a rate in proportion to what is left",
        needs={"absorption_rate": Need("1/day", "absorption rate")},
        states=("depot",),
        rates={"depot": "-absorption_rate*depot"},
        inflow="absorption_rate*depot",
    ),
    "zero-order": Absorption(
        "at a constant rate over a fixed time",
        needs={"absorption_time": Need("day", "time over which a dose is absorbed")},
    ),
    "transit": Absorption(
        "through a chain of equal stages, then from a depot",
        needs={
            "stages": Need("1", "number of transit stages", count=True),
            "mean_transit_time": Need("day", "mean time through the stages"),
            "absorption_rate": Need("1/day", "absorption rate from the last stage"),
        },
        states=("depot",),
        rates={"depot": "-absorption_rate*depot"},
        inflow="absorption_rate*depot",
    ),
    "two-rate-depot": Absorption(
        "a share of the dose is released fast, the rest slowly",
        needs={
            "fast_share": Need("1", "share of the dose released fast", share=True),
            "fast_rate": Need("1/day", "fast release rate"),
            "slow_rate": Need("1/day", "slow release rate"),
        },
        states=("fast", "slow"),
        rates={"fast": "-fast_rate*fast", "slow": "-slow_rate*slow"},
        inflow="fast_rate*fast + slow_rate*slow",
    ),
    "limb-block": Absorption(
        "into the tissue of a limb under a tourniquet, washing out into the body",
        needs={
            "release_rate": Need("1/day", "wash-out rate from the limb"),
            "site_volume": Need("L", "volume in which the drug spreads in the limb"),
        },
        states=("site",),
        rates={"site": "-release_rate*site"},
        inflow="release_rate*site",
        quantities={"limb_concentration": ("mg/L", "concentration + site/site_volume")},
    ),
    "intrathecal-depot": Absorption(
        "into cerebrospinal fluid, leaving it for the body at a rate in proportion to what is left",
        needs={
            "release_rate": Need("1/day", "loss rate from the cerebrospinal fluid"),
            "site_volume": Need("L", "volume of cerebrospinal fluid that the drug reaches"),
        },
        states=("site",),
        rates={"site": "-release_rate*site"},
        inflow="release_rate*site",
        quantities={"csf_concentration": ("mg/L", "site/site_volume")},
    ),
}

DISEASE_DRIVERS = {"igg_excess": "g/L"}
"""Quantities of the disease that a drug's engagement may read."""
