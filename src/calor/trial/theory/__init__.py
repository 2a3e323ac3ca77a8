"""Closed-form companions of trial simulation: boundaries, spending, sample size, power. Simulates nothing."""

from calor.study.spending import Spending
from calor.trial.theory.boundaries import Boundaries, boundaries
from calor.trial.theory.conditional_power import conditional_power, futility_bound
from calor.trial.theory.crossover import contrast_weights, variance_factors
from calor.trial.theory.endpoints import CrossoverEndpoint, Endpoint, MeanEndpoint, RateEndpoint
from calor.trial.theory.many_arms import ManyArmPlan, many_arm_boundaries, selection_critical_value
from calor.trial.theory.margins import EquivalenceEndpoint, non_inferiority
from calor.trial.theory.plan import SequentialPlan, equal_information
from calor.trial.theory.sample_size import (
    SampleSize,
    SequentialPower,
    fixed_power,
    fixed_sample_size,
    sequential_power,
    sequential_sample_size,
)
from calor.trial.theory.sequential import stopping_probabilities
from calor.trial.theory.stagewise import StagewiseOrdering
from calor.trial.theory.times import LogRankEndpoint

__all__ = [
    "Boundaries",
    "CrossoverEndpoint",
    "Endpoint",
    "EquivalenceEndpoint",
    "LogRankEndpoint",
    "ManyArmPlan",
    "MeanEndpoint",
    "RateEndpoint",
    "SampleSize",
    "SequentialPlan",
    "SequentialPower",
    "Spending",
    "StagewiseOrdering",
    "boundaries",
    "conditional_power",
    "contrast_weights",
    "equal_information",
    "fixed_power",
    "fixed_sample_size",
    "futility_bound",
    "many_arm_boundaries",
    "non_inferiority",
    "selection_critical_value",
    "sequential_power",
    "sequential_sample_size",
    "stopping_probabilities",
    "variance_factors",
]
