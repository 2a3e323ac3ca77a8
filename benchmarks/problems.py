"""What is measured: models, regimens and virtual patients, the same for calor and for every peer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calor.engine.calendar import Action, Calendar

MODELS = Path(__file__).parent / "models"
SAVE_AT = np.linspace(0.0, 364.0, 100)
SPREAD = 0.2
"""The standard deviation of the logarithm of what varies between patients."""


@dataclass(frozen=True)
class Infusion:
    """An amount given at a constant rate: time, amount, duration."""

    time: float
    amount: float
    duration: float


@dataclass(frozen=True)
class Regimen:
    """What is given when: infusions into one state, and oral doses."""

    name: str
    infusions: tuple[Infusion, ...] = ()
    oral_times: tuple[float, ...] = ()
    oral_amount: float = 0.0


@dataclass(frozen=True)
class Problem:
    """A model as Antimony text, with its dosing, outputs and varying parameters."""

    name: str
    antimony: str
    regimens: tuple[Regimen, ...]
    outputs: tuple[str, ...]
    varying: tuple[str, ...]
    oral_state: str
    infused_state: str
    infusion_rate: str
    save_at: NDArray[np.float64] = field(default_factory=lambda: SAVE_AT)

    def sbml(self) -> str:
        """Return the model as SBML."""
        import antimony

        antimony.clearPreviousLoads()
        if antimony.loadAntimonyString(self.antimony) < 0:
            raise ValueError(antimony.getLastError())
        return str(antimony.getSBMLString(antimony.getMainModuleName()))

    def calendar(self, regimen: Regimen) -> Calendar:
        """Return the regimen as calor's calendar."""
        entries: list[tuple[float, Action, str, float]] = []
        for infusion in regimen.infusions:
            rate = infusion.amount / infusion.duration
            end = infusion.time + infusion.duration
            entries += [
                (infusion.time, Action.RATE, self.infused_state, rate),
                (end, Action.RATE, self.infused_state, -rate),
            ]
        entries += [(time, Action.ADD, self.oral_state, regimen.oral_amount) for time in regimen.oral_times]
        return Calendar.of(*entries)

    def parameters(self, values: dict[str, float], n: int) -> NDArray[np.float64]:
        """Return the varying parameters of n patients, (n, n_varying)."""
        typical = np.array([values[name] for name in self.varying])
        noise = np.random.default_rng(20261122).normal(size=(n, len(self.varying)))
        return np.asarray(typical * np.exp(SPREAD * noise))

    def values(
        self, typical: dict[str, float], varying: NDArray[np.float64], names: Sequence[str]
    ) -> NDArray[np.float64]:
        """Return patients' values of any parameters, (n, n_names), those that vary as given."""
        columns = {name: varying[:, i] for i, name in enumerate(self.varying)}
        return np.array([columns.get(name, np.full(len(varying), typical[name])) for name in names]).T


def regimens(infused: float, oral: float) -> tuple[Regimen, ...]:
    """Return the two regimens: 8 infusions, and these with 84 daily oral doses."""
    infusions = tuple(Infusion(45.0 * i, infused, 2.0 / 24.0) for i in range(8))
    return (
        Regimen("infusion", infusions),
        Regimen("daily-oral", infusions, tuple(28.0 + day for day in range(84)), oral),
    )


def stiff_immune() -> Problem:
    """Return the stiff benchmark of 28 states."""
    varying = "cl vc ka kon kint mcl s_tnf d_tnf s_il1 d_il1 s_il6 d_il6 s_il10 s_ccl s_ngf s_mono d_mac s_tc"
    return Problem(
        "stiff_immune",
        (MODELS / "stiff_immune.ant").read_text(encoding="utf-8"),
        regimens(200.0, 30.0),
        ("pain", "tnf", "auto", "edema", "motor", "il6"),
        (*varying.split(), "d_igg", "s_auto", "s_noci", "s_cord", "k_tm", "n_tm", "k_auto", "n_noci"),
        "depot",
        "mab",
        "rate_mab",
    )


def disease() -> Problem:
    """Return calor's own disease with infliximab and prednisolone."""
    from calor.model.disease import load_disease
    from calor.therapy.compose import compose
    from calor.therapy.library import load_drug

    composed = compose(load_disease(), [load_drug("infliximab"), load_drug("prednisolone")])
    rate = "infliximab_central' = "
    text = composed.antimony.replace(rate, f"{rate}infusion_rate + ").replace(
        "\nmodel disease\n", "\nmodel disease\n  infusion_rate = 0\n"
    )
    varying = (
        "innate_gain central_threshold pain_sensitivity antibody_titre innate_from_injury "
        "infliximab_clearance infliximab_volume prednisolone_clearance prednisolone_occupancy_potency"
    )
    return Problem(
        "disease",
        text,
        regimens(350.0, 20.0),
        ("pain_nrs", "temperature_difference", "innate", "oedema", "grip_share", "autoantibody_igg_titre"),
        tuple(varying.split()),
        "prednisolone_oral_depot",
        "infliximab_central",
        "infusion_rate",
    )
