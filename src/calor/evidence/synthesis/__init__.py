"""Synthesis of effects across studies: meta-analysis, its sensitivity, small-study tests, a Bayesian version.

Works on numbers and labels; knows no study record and no model.
"""

from calor.evidence.synthesis.heterogeneity import Method
from calor.evidence.synthesis.pooling import Coefficient, MetaAnalysis, ModeratorTest, pool

__all__ = ["Coefficient", "MetaAnalysis", "Method", "ModeratorTest", "pool"]
