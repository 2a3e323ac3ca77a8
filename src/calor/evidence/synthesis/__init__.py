"""Synthesis of effects across studies: meta-analysis, its sensitivity, small-study tests, a Bayesian version.

Works on numbers and labels; knows no study record and no model.
"""

from calor.evidence.synthesis.bayes import BayesianMetaAnalysis, Posterior, SignedPosterior, pool_bayesian
from calor.evidence.synthesis.heterogeneity import Method
from calor.evidence.synthesis.pooling import Coefficient, MetaAnalysis, ModeratorTest, pool
from calor.evidence.synthesis.sensitivity import Reanalysis, cumulative, leave_one_out
from calor.evidence.synthesis.small_study import (
    RankTest,
    RegressionTest,
    Side,
    TrimAndFill,
    egger_test,
    random_effects_egger_test,
    rank_test,
    trim_and_fill,
)

__all__ = [
    "BayesianMetaAnalysis",
    "Coefficient",
    "MetaAnalysis",
    "Method",
    "ModeratorTest",
    "Posterior",
    "RankTest",
    "Reanalysis",
    "RegressionTest",
    "Side",
    "SignedPosterior",
    "TrimAndFill",
    "cumulative",
    "egger_test",
    "leave_one_out",
    "pool",
    "pool_bayesian",
    "random_effects_egger_test",
    "rank_test",
    "trim_and_fill",
]
