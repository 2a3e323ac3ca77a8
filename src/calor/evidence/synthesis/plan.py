"""A whole meta-analysis of a table: the pooled effect, and what else was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from calor.core.errors import UnsupportedError
from calor.core.progress import Progress
from calor.evidence.synthesis.bayes import BayesianMetaAnalysis, pool_bayesian
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.pooling import MetaAnalysis, pool
from calor.evidence.synthesis.sensitivity import Reanalysis, cumulative, leave_one_out
from calor.evidence.synthesis.small_study import (
    RankTest,
    RegressionTest,
    TrimAndFill,
    egger_test,
    rank_test,
    trim_and_fill,
)
from calor.evidence.synthesis.table import EffectTable


@dataclass(frozen=True)
class Plan:
    """What was asked for; `priors` are the scale of tau's and the SD of the mean effect's, if wanted."""

    method: Method
    knapp_hartung: bool
    leave_one_out: bool
    cumulative: bool
    small_study: bool
    priors: tuple[float, float] | None


@dataclass(frozen=True)
class Findings:
    """Everything that was asked for: the analysis, and what else where it was wanted."""

    table: EffectTable
    analysis: MetaAnalysis
    leave_one_out: tuple[Reanalysis, ...]
    cumulative: tuple[Reanalysis, ...]
    egger: RegressionTest | None
    rank: RankTest | None
    trim_and_fill: TrimAndFill | None
    bayesian: BayesianMetaAnalysis | None


def analyse(table: EffectTable, plan: Plan, progress: Progress | None = None) -> Findings:
    """Return everything that the plan asks for.

    Raises InputError where the effects cannot be pooled as asked, UnsupportedError for a cumulative,
    small-study or Bayesian analysis with moderators, Stopped when the watcher asks for it.
    """
    _refuse_with_moderators(table, plan)
    y, v, labels, method = table.estimates, table.variances, table.studies, plan.method
    t_intervals, moderators = plan.knapp_hartung, table.moderators
    return Findings(
        table=table,
        analysis=pool(
            y, v, method=method, knapp_hartung=t_intervals, moderators=moderators, studies=labels
        ),
        leave_one_out=leave_one_out(
            y, v, method=method, knapp_hartung=t_intervals, moderators=moderators, studies=labels,
            progress=progress,
        ) if plan.leave_one_out else (),
        cumulative=cumulative(
            y, v, method=method, knapp_hartung=t_intervals, studies=labels, progress=progress
        ) if plan.cumulative else (),
        egger=egger_test(y, v) if plan.small_study else None,
        rank=rank_test(y, v) if plan.small_study else None,
        trim_and_fill=trim_and_fill(y, v, method=method) if plan.small_study else None,
        bayesian=pool_bayesian(y, v, tau_scale=plan.priors[0], prior_sd=plan.priors[1])
        if plan.priors else None,
    )  # fmt: skip


def _refuse_with_moderators(table: EffectTable, plan: Plan) -> None:
    wanted = {
        "a cumulative analysis": plan.cumulative,
        "small-study tests": plan.small_study,
        "a Bayesian analysis": plan.priors is not None,
    }
    named = [name for name, asked in wanted.items() if asked]
    if table.moderators and named:
        raise UnsupportedError.of(f"{', '.join(named)} with moderators", hint="leave the moderators out")
