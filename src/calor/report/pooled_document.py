"""A meta-analysis as a JSON document."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from calor.core.errors import InputError
from calor.core.progress import Progress
from calor.evidence.synthesis.plan import Findings, Plan, analyse
from calor.evidence.synthesis.pooling import MetaAnalysis
from calor.evidence.synthesis.table import EffectTable


def priors_of(tau_scale: float | None, prior_sd: float | None) -> tuple[float, float] | None:
    """Return the two priors of a Bayesian analysis, None where none is given.

    Raises InputError where one prior is given without the other.
    """
    if tau_scale is None and prior_sd is None:
        return None
    if tau_scale is None or prior_sd is None:
        missing = "--tau-scale" if tau_scale is None else "--prior-sd"
        raise InputError.of(
            f"{missing} is missing", hint="a Bayesian analysis needs both priors: --tau-scale and --prior-sd"
        )
    return tau_scale, prior_sd


def analyse_named(table: EffectTable, plan: Plan, source: str, progress: Progress | None = None) -> Findings:
    """Return everything that the plan asks for; errors name the table, as a file or in words."""
    try:
        return analyse(table, plan, progress)
    except InputError as error:
        raise _placed_in(source, error) from None


def _placed_in(source: str, error: InputError) -> InputError:
    """Return the error with the file's name in every place that has none."""
    return InputError(
        [
            replace(problem, place=replace(problem.place, file=problem.place.file or source))
            for problem in error.problems
        ]
    )


def pooled_document(source: str, findings: Findings) -> dict[str, Any]:
    """Return the findings as one JSON document."""
    table, analysis = findings.table, findings.analysis
    document: dict[str, Any] = {
        "file": source,
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
