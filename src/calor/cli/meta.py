"""`calor meta`: meta-analysis of any table of effects."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from calor.cli.console import console, error_console, print_json, watched
from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import Progress
from calor.evidence.effects import critical_value
from calor.evidence.synthesis import (
    BayesianMetaAnalysis,
    MetaAnalysis,
    Method,
    RankTest,
    RegressionTest,
    Step,
    TrimAndFill,
    cumulative,
    egger_test,
    leave_one_out,
    pool,
    pool_bayesian,
    rank_test,
    trim_and_fill,
)
from calor.evidence.synthesis.table import EffectTable, read_effect_table

NARROWEST = 80
"""The table fits a terminal of this many columns."""


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
    leave_one_out: tuple[Step, ...]
    cumulative: tuple[Step, ...]
    egger: RegressionTest | None
    rank: RankTest | None
    trim_and_fill: TrimAndFill | None
    bayesian: BayesianMetaAnalysis | None


@click.command(
    "meta",
    epilog="Example: calor meta trials.csv --method REML --knapp-hartung --moderator duration_months",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--method",
    type=click.Choice([method.value for method in Method], case_sensitive=False),
    metavar="[REML|DL|PM|FE]",
    default=Method.REML.value,
    show_default=True,
    help="Random effects by REML, DerSimonian-Laird or Paule-Mandel, or one common effect (FE).",
)
@click.option("--knapp-hartung", is_flag=True, help="t intervals with Knapp and Hartung's variance.")
@click.option(
    "--moderator", "moderators", multiple=True, metavar="COL",
    help="Meta-regression on a column; may be repeated. Text columns become 0/1 columns against the first "
    "value in alphabetical order.",
)  # fmt: skip
@click.option("--leave-one-out", "leaving_out", is_flag=True, help="Pool again without each study in turn.")
@click.option("--cumulative", "accumulating", is_flag=True, help="Pool the first two, three ... studies.")
@click.option("--small-study", is_flag=True, help="Egger's and Begg's tests, trim and fill.")
@click.option(
    "--tau-scale", type=float, metavar="X",
    help="Add a Bayesian analysis: scale of the half-normal prior of tau, in the effects' unit (0.5 is "
    "weakly informative for standardised mean differences and log odds ratios).",
)  # fmt: skip
@click.option(
    "--prior-sd", type=float, metavar="X", help="SD of the normal prior of the mean effect (mean 0)."
)
@click.option(
    "--seed", type=int, expose_value=False, help="Accepted as by every command; nothing here is random."
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document to stdout.")
def command(
    file: Path,
    method: str,
    knapp_hartung: bool,
    moderators: tuple[str, ...],
    leaving_out: bool,
    accumulating: bool,
    small_study: bool,
    tau_scale: float | None,
    prior_sd: float | None,
    as_json: bool,
) -> None:
    """Pool the effects of FILE, a CSV table with the columns study, yi, vi and any moderators.

    yi is the effect (log scale for ratios), vi its sampling variance (the squared standard error). The result
    has estimate, se, ci95, tau2, i2 (in percent), h2, q, q_p and prediction_interval95; with moderators the
    estimate is the intercept, the effect where every moderator is zero.
    """
    table = read_effect_table(file, moderators)
    wanted = {
        "--cumulative": accumulating,
        "--small-study": small_study,
        "--tau-scale": tau_scale is not None,
    }
    _refuse_together(moderators, wanted, tau_scale, prior_sd)
    priors = None if tau_scale is None or prior_sd is None else (tau_scale, prior_sd)
    plan = Plan(Method(method.upper()), knapp_hartung, leaving_out, accumulating, small_study, priors)
    try:
        with watched() as progress:
            findings = _analyse(table, plan, progress)
    except InputError as error:
        raise _placed_in(file, error) from None
    if as_json:
        print_json(_document(file, findings))
    else:
        _show(console(), file, findings)


def _analyse(table: EffectTable, plan: Plan, progress: Progress) -> Findings:
    """Return everything that the plan asks for."""
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


def _refuse_together(
    moderators: tuple[str, ...], wanted: dict[str, bool], tau_scale: float | None, prior_sd: float | None
) -> None:
    """Raise where options do not go together."""
    if (tau_scale is None) != (prior_sd is None):
        missing = "--tau-scale" if tau_scale is None else "--prior-sd"
        raise InputError.of(
            f"{missing} is missing", hint="a Bayesian analysis needs both priors: --tau-scale and --prior-sd"
        )
    named = [option for option, given in wanted.items() if given]
    if moderators and named:
        raise UnsupportedError.of(f"{', '.join(named)} with moderators", hint="leave --moderator out")


def _placed_in(file: Path, error: InputError) -> InputError:
    """Return the error with the file's name in every place that has none."""
    return InputError(
        [
            replace(problem, place=replace(problem.place, file=problem.place.file or str(file)))
            for problem in error.problems
        ]
    )


def _document(file: Path, findings: Findings) -> dict[str, Any]:
    """Return the findings as one JSON document."""
    table, analysis = findings.table, findings.analysis
    document: dict[str, Any] = {
        "file": str(file),
        **_figures(analysis),
        "estimate_is": "intercept: the effect where every moderator is zero"
        if table.moderators
        else "pooled effect",
        "coefficients": [asdict(one) for one in analysis.coefficients],
        "moderator_test": asdict(analysis.moderator_test) if analysis.moderator_test else None,
        "studies": [
            {"study": study, "yi": yi, "vi": vi, "weight": weight}
            for study, yi, vi, weight in zip(
                table.studies, table.estimates, table.variances, analysis.weights, strict=True
            )
        ],
        "warnings": list(table.warnings),
    }
    for key, steps in (("leave_one_out", findings.leave_one_out), ("cumulative", findings.cumulative)):
        if steps:
            document[key] = [{"study": step.study, **_figures(step.analysis)} for step in steps]
    if findings.egger and findings.rank and findings.trim_and_fill:
        filled = findings.trim_and_fill
        document["small_study"] = {
            "egger": asdict(findings.egger),
            "rank": asdict(findings.rank),
            "trim_and_fill": {"side": filled.side, "missing": filled.missing, **_figures(filled.analysis)},
        }
    if findings.bayesian:
        document["bayesian"] = asdict(findings.bayesian)
    return document


def _figures(analysis: MetaAnalysis) -> dict[str, Any]:
    """Return the figures of one analysis by their names."""
    return {
        "method": analysis.method,
        "knapp_hartung": analysis.knapp_hartung,
        "k": len(analysis.studies),
        "estimate": analysis.estimate,
        "se": analysis.se,
        "p": analysis.p,
        "ci95": analysis.ci95,
        "prediction_interval95": analysis.prediction_interval95,
        "tau2": analysis.tau2,
        "tau2_se": analysis.tau2_se,
        "tau2_ci95": analysis.tau2_ci95,
        "i2": analysis.i2,
        "i2_ci95": analysis.i2_ci95,
        "h2": analysis.h2,
        "q": analysis.q,
        "q_df": analysis.q_df,
        "q_p": analysis.q_p,
    }


def _show(out: Console, file: Path, findings: Findings) -> None:
    """Print the findings for people."""
    for warning in findings.table.warnings:
        error_console().print(f"warning: {warning}", markup=False, style="yellow", soft_wrap=True)
    analysis = findings.analysis
    kind = "Common effect" if analysis.method is Method.FE else f"Random effects ({analysis.method})"
    kind += ", Knapp-Hartung" if analysis.knapp_hartung else ""
    out.print(f"{kind}: {len(analysis.studies)} effects of {file}", markup=False, style="bold")
    out.print(_study_table(findings))
    out.print("\n".join(_sentences(analysis)), markup=False)
    if findings.table.moderators:
        out.print(_coefficient_table(analysis))
    for title, steps in (("without", findings.leave_one_out), ("up to", findings.cumulative)):
        if steps:
            out.print(_step_table(title, steps))
    for sentence in (*_small_study_sentences(findings), *_bayesian_sentences(findings)):
        out.print(sentence, markup=False)


def _new_table(first: str, *columns: str) -> Table:
    table = Table(box=None, width=NARROWEST, pad_edge=False)
    table.add_column(first, overflow="ellipsis", no_wrap=True, ratio=1)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _study_table(findings: Findings) -> Table:
    table = _new_table("study", "effect", "95% interval", "weight")
    effects = findings.table
    for study, yi, vi, weight in zip(
        effects.studies, effects.estimates, effects.variances, findings.analysis.weights, strict=True
    ):
        half_width = critical_value(0.95) * math.sqrt(vi)
        table.add_row(escape(study), _short(yi), _range((yi - half_width, yi + half_width)), f"{weight:.1%}")
    return table


def _coefficient_table(analysis: MetaAnalysis) -> Table:
    table = _new_table("coefficient", "estimate", "95% interval", "p")
    for one in analysis.coefficients:
        table.add_row(escape(one.name), _short(one.estimate), _range(one.ci95), _p(one.p))
    return table


def _step_table(title: str, steps: tuple[Step, ...]) -> Table:
    table = _new_table(title, "estimate", "95% interval", "tau2", "I2")
    for step in steps:
        one = step.analysis
        table.add_row(
            escape(step.study), _short(one.estimate), _range(one.ci95), _short(one.tau2), f"{one.i2:.1f}%"
        )
    return table


def _sentences(analysis: MetaAnalysis) -> list[str]:
    """Return the summary under the table, a line each."""
    name = "intercept" if len(analysis.coefficients) > 1 else "pooled effect"
    lines = [
        f"{name} {_short(analysis.estimate)} (95% interval {_range(analysis.ci95)}), p {_p(analysis.p)}",
    ]
    if analysis.prediction_interval95 is not None:
        lines.append(
            f"true effect of a new study: 95% prediction interval {_range(analysis.prediction_interval95)}"
        )
    if analysis.tau2_ci95 is not None and analysis.i2_ci95 is not None:
        lines.append(f"tau2 {_short(analysis.tau2)} (95% interval {_range(analysis.tau2_ci95)})")
        lines.append(
            f"I2 {analysis.i2:.1f}% (95% interval {_range(analysis.i2_ci95)}), H2 {_short(analysis.h2)}"
        )
    else:
        lines.append(f"I2 {analysis.i2:.1f}%, H2 {_short(analysis.h2)}")
    lines.append(
        f"heterogeneity: Q {_short(analysis.q)} on {analysis.q_df} degrees of freedom, p {_p(analysis.q_p)}"
    )
    test = analysis.moderator_test
    if test is not None:
        letter = "chi2" if test.df2 is None else "F"
        freedom = str(test.df) if test.df2 is None else f"{test.df} and {test.df2}"
        lines.append(
            f"moderators: {letter} {_short(test.statistic)} on {freedom} degrees of freedom, p {_p(test.p)}"
        )
    return lines


def _small_study_sentences(findings: Findings) -> list[str]:
    if not (findings.egger and findings.rank and findings.trim_and_fill):
        return []
    filled = findings.trim_and_fill
    return [
        f"Egger's test: t {_short(findings.egger.statistic)}, p {_p(findings.egger.p)}; "
        f"rank test: tau {_short(findings.rank.tau)}, p {_p(findings.rank.p)}",
        f"trim and fill: {filled.missing} on the {filled.side}, then {_short(filled.analysis.estimate)} "
        f"(95% interval {_range(filled.analysis.ci95)})",
        *(["with fewer than ten studies these tests say little"] if len(findings.table.studies) < 10 else []),
    ]


def _bayesian_sentences(findings: Findings) -> list[str]:
    found = findings.bayesian
    if found is None:
        return []
    return [
        f"Bayesian, tau ~ half-normal({_short(found.tau_scale)}), "
        f"mean ~ normal(0, {_short(found.prior_sd)}):",
        f"  mean effect {_short(found.effect.median)} (95% interval {_range(found.effect.ci95)})",
        f"  probability that the mean effect is below zero: {found.effect.probability_below_zero:.4f}",
        f"  tau {_short(found.heterogeneity.median)} (95% interval {_range(found.heterogeneity.ci95)})",
        f"  true effect of a new study: 95% prediction interval {_range(found.prediction.ci95)}",
    ]


def _short(value: float) -> str:
    return f"{value:.4g}"


def _range(limits: tuple[float, float]) -> str:
    return f"{_short(limits[0])} to {_short(limits[1])}"


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"
