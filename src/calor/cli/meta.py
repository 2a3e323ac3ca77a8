"""`calor meta`: meta-analysis of any table of effects."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from calor.cli.console import console, error_console, print_json, watched
from calor.cli.number_types import SEED, Number
from calor.core.errors import InputError
from calor.evidence.synthesis import MetaAnalysis, Method
from calor.evidence.synthesis.plan import Findings, Plan, analyse
from calor.evidence.synthesis.table import read_effect_table
from calor.report.pooled_text import parts_of_meta_analysis


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
    "--tau-scale", type=Number(0, above=True), metavar="X",
    help="Add a Bayesian analysis: scale of the half-normal prior of tau, in the effects' unit (0.5 is "
    "weakly informative for standardised mean differences and log odds ratios).",
)  # fmt: skip
@click.option(
    "--prior-sd",
    type=Number(0, above=True),
    metavar="X",
    help="SD of the normal prior of the mean effect (mean 0).",
)
@click.option(
    "--seed", type=SEED, expose_value=False, help="Accepted as by every command; nothing here is random."
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
    _refuse_one_prior(tau_scale, prior_sd)
    priors = None if tau_scale is None or prior_sd is None else (tau_scale, prior_sd)
    plan = Plan(Method(method.upper()), knapp_hartung, leaving_out, accumulating, small_study, priors)
    try:
        with watched() as progress:
            findings = analyse(table, plan, progress)
    except InputError as error:
        raise _placed_in(file, error) from None
    if as_json:
        print_json(_document(file, findings))
    else:
        for warning in table.warnings:
            error_console().print(f"warning: {warning}", style="yellow", soft_wrap=True)
        for part in parts_of_meta_analysis(findings, str(file)):
            console().print(part)


def _refuse_one_prior(tau_scale: float | None, prior_sd: float | None) -> None:
    """Raise InputError where one prior is given without the other."""
    if (tau_scale is None) != (prior_sd is None):
        missing = "--tau-scale" if tau_scale is None else "--prior-sd"
        raise InputError.of(
            f"{missing} is missing", hint="a Bayesian analysis needs both priors: --tau-scale and --prior-sd"
        )


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
