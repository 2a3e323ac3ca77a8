"""Estimators of a contrast, one a file, on all replicates at once. Knows arrays, no disease and no design."""

from calor.trial.analysis.ancova import Ancova
from calor.trial.analysis.crossover import CrossoverT
from calor.trial.analysis.data import CrossoverData, LongitudinalData, ParallelData
from calor.trial.analysis.estimate import Contrast, Direction, Estimability, Estimate, Estimator
from calor.trial.analysis.mmrm import Clda, Mmrm
from calor.trial.analysis.two_sample import TwoSampleT

__all__ = [
    "Ancova",
    "Clda",
    "Contrast",
    "CrossoverData",
    "CrossoverT",
    "Direction",
    "Estimability",
    "Estimate",
    "Estimator",
    "LongitudinalData",
    "Mmrm",
    "ParallelData",
    "TwoSampleT",
]
