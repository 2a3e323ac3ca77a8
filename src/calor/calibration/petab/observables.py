"""What instruments read of the model, as PEtab observables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportedObservable:
    """A reading: its name, the formula behind it, the formula of its noise, the noise's distribution."""

    name: str
    formula: str
    noise: str
    distribution: str


_BLISTER = "sqrt(blister_sampling_sd^2 + cytokine_assay_sd^2)"

OBSERVABLES = (
    ExportedObservable("pain_diary_day", "pain_nrs", "diary_day_noise", "normal"),
    ExportedObservable("temperature_reading", "temperature_difference", "temperature_visit_sd", "normal"),
    ExportedObservable("volume_reading", "oedema_full_volume*oedema", "volume_visit_sd", "normal"),
    ExportedObservable("grip_reading", "grip_share", "grip_visit_sd", "log-normal"),
    ExportedObservable("blister_tnf", "tnf_tissue", _BLISTER, "log-normal"),
    ExportedObservable("blister_il1b", "il1b_tissue", _BLISTER, "log-normal"),
    ExportedObservable("blister_il6", "il6_tissue", _BLISTER, "log-normal"),
    ExportedObservable("plasma_igg", "igg_concentration", "igg_assay_sd", "log-normal"),
)
"""The readings whose noise is independent from visit to visit, by `population.instruments` and `.assays`."""

MEASUREMENT_NUMBERS = (
    "diary_day_noise",
    "temperature_visit_sd",
    "oedema_full_volume",
    "volume_visit_sd",
    "grip_visit_sd",
    "blister_sampling_sd",
    "cytokine_assay_sd",
    "igg_assay_sd",
)
"""The numbers of measurement that their formulas mention."""
