"""A study as people write it: a YAML file, checked key by key; one idea a file.

A `Study` is who x given what x measured how; a `Protocol` is a study that is designed as a trial.

What a protocol says about a published trial is graded in `provenance`; what the record lacks is marked
`assumed`, with the reason.
"""

from calor.study.analysis import Analysis, Claim, Margin, Prior, TippingPoint, Wins
from calor.study.arms import Allocation, Arm, Shares, StratumFactor, Treatment
from calor.study.borrowing import Borrowing, HistoricalControl
from calor.study.conduct import REFERENCE_PAIN, Accrual, Conduct, Rescue, Stopping, Unblinding
from calor.study.cost import Cost
from calor.study.crossing import Crossover, NOf1
from calor.study.design import (
    Design,
    Enrichment,
    GroupSequential,
    Parallel,
    SampleSizeReestimation,
)
from calor.study.design_part import DesignPart, RunIn, Subgroup
from calor.study.dose_finding import CandidateCurve, DoseFinding, Shape
from calor.study.endpoint import Endpoint, LossOfResponse, Responder
from calor.study.estimand import Estimand, Strategy
from calor.study.factorial import Factorial
from calor.study.misfit import Misfit
from calor.study.multi_arm import DropTheLosers, MultiArmMultiStage
from calor.study.platform import Controls, Drift, Platform, Stay
from calor.study.population import Covariate, DurationWindow, Limits, PainCriterion, PopulationPart
from calor.study.protocol import Protocol
from calor.study.response_adaptive import ResponseAdaptive
from calor.study.sites import SiteAllocation, Sites, SiteSizes
from calor.study.study import Graded, Study
from calor.study.variables import VARIABLES, Variable, VariableRow
from calor.study.withdrawal import RandomisedWithdrawal

__all__ = [
    "REFERENCE_PAIN",
    "VARIABLES",
    "Accrual",
    "Allocation",
    "Analysis",
    "Arm",
    "Borrowing",
    "CandidateCurve",
    "Claim",
    "Conduct",
    "Controls",
    "Cost",
    "Covariate",
    "Crossover",
    "Design",
    "DesignPart",
    "DoseFinding",
    "Drift",
    "DropTheLosers",
    "DurationWindow",
    "Endpoint",
    "Enrichment",
    "Estimand",
    "Factorial",
    "Graded",
    "GroupSequential",
    "HistoricalControl",
    "Limits",
    "LossOfResponse",
    "Margin",
    "Misfit",
    "MultiArmMultiStage",
    "NOf1",
    "PainCriterion",
    "Parallel",
    "Platform",
    "PopulationPart",
    "Prior",
    "Protocol",
    "RandomisedWithdrawal",
    "Rescue",
    "Responder",
    "ResponseAdaptive",
    "RunIn",
    "SampleSizeReestimation",
    "Shape",
    "Shares",
    "SiteAllocation",
    "SiteSizes",
    "Sites",
    "Stay",
    "Stopping",
    "Strategy",
    "StratumFactor",
    "Study",
    "Subgroup",
    "TippingPoint",
    "Treatment",
    "Unblinding",
    "Variable",
    "VariableRow",
    "Wins",
]
