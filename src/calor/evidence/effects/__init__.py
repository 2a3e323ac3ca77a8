"""Effect sizes from what papers print: one small pure function each, with its equation and source.

Contrasts are active minus control. Knows no study record and no model.
"""

from calor.evidence.effects.counts import (
    Continuity,
    GroupCount,
    log_odds_ratio,
    log_risk_ratio,
    risk_difference,
)
from calor.evidence.effects.effect import Effect, Measure, same_measure
from calor.evidence.effects.means import (
    GroupMean,
    mean_difference,
    small_sample_correction,
    standardised_mean_difference,
)
from calor.evidence.effects.paired import (
    PairedMeans,
    change_from_baseline_difference,
    change_from_baseline_standardised,
    change_standard_deviation,
    crossover_mean_difference,
    crossover_standardised_difference,
    within_patient_correlation,
)
from calor.evidence.effects.quartiles import from_five_numbers, from_quartiles, from_range
from calor.evidence.effects.spread import (
    critical_value,
    pooled_standard_deviation_from_difference,
    standard_deviation_from_interval,
    standard_deviation_from_standard_error,
    standard_error_from_interval,
    standard_error_from_p,
)

__all__ = [
    "Continuity",
    "Effect",
    "GroupCount",
    "GroupMean",
    "Measure",
    "PairedMeans",
    "change_from_baseline_difference",
    "change_from_baseline_standardised",
    "change_standard_deviation",
    "critical_value",
    "crossover_mean_difference",
    "crossover_standardised_difference",
    "from_five_numbers",
    "from_quartiles",
    "from_range",
    "log_odds_ratio",
    "log_risk_ratio",
    "mean_difference",
    "pooled_standard_deviation_from_difference",
    "risk_difference",
    "same_measure",
    "small_sample_correction",
    "standard_deviation_from_interval",
    "standard_deviation_from_standard_error",
    "standard_error_from_interval",
    "standard_error_from_p",
    "standardised_mean_difference",
    "within_patient_correlation",
]
