"""Estimators of a contrast, one a file, on all replicates at once. Knows arrays, no disease and no design."""

from calor.study.analysis import Assumption, Multiplicity
from calor.trial.analysis.ancova import Ancova
from calor.trial.analysis.bayesian import Bayesian, NormalPrior, PriorComponent
from calor.trial.analysis.crossover import CrossoverT
from calor.trial.analysis.crossover_mixed import CrossoverMixed
from calor.trial.analysis.data import CrossoverData, LongitudinalData, ParallelData
from calor.trial.analysis.estimate import Contrast, Direction, Estimability, Estimate, Estimator
from calor.trial.analysis.logistic import Logistic
from calor.trial.analysis.mmrm import Clda, Mmrm
from calor.trial.analysis.multiple_imputation import MultipleImputation
from calor.trial.analysis.multiplicity import adjusted_p_values
from calor.trial.analysis.risk_difference import RiskDifference
from calor.trial.analysis.sequential_decision import SequentialDecision, decide
from calor.trial.analysis.two_sample import TwoSampleT

__all__ = [
    "Ancova",
    "Assumption",
    "Bayesian",
    "Clda",
    "Contrast",
    "CrossoverData",
    "CrossoverMixed",
    "CrossoverT",
    "Direction",
    "Estimability",
    "Estimate",
    "Estimator",
    "Logistic",
    "LongitudinalData",
    "Mmrm",
    "MultipleImputation",
    "Multiplicity",
    "NormalPrior",
    "ParallelData",
    "PriorComponent",
    "RiskDifference",
    "SequentialDecision",
    "TwoSampleT",
    "adjusted_p_values",
    "decide",
]
