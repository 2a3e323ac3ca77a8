"""A meta-analysis for people: its studies, what was found and how sure that is, in 80 columns."""

from __future__ import annotations

import math
from collections.abc import Iterator

from calor.evidence.effects import critical_value
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.plan import Findings
from calor.evidence.synthesis.pooling import MetaAnalysis
from calor.evidence.synthesis.sensitivity import Reanalysis
from calor.report.numbers import short_text
from calor.report.tables import Row, Table, number, words


def parts_of_meta_analysis(findings: Findings, source: str) -> Iterator[str | Table]:
    """Yield the sentences (plain text, a line each) and tables of a meta-analysis, in printing order.

    Arguments: the findings, and the name of the table they come from.
    """
    analysis = findings.analysis
    kind = "Common effect" if analysis.method is Method.FE else f"Random effects ({analysis.method})"
    kind += ", Knapp-Hartung" if analysis.knapp_hartung else ""
    yield f"{kind}: {len(analysis.studies)} effects of {source}"
    yield _study_table(findings)
    yield from _sentences(analysis)
    if findings.table.moderators:
        yield _coefficient_table(analysis)
    for title, steps in (("without", findings.leave_one_out), ("up to", findings.cumulative)):
        if steps:
            yield _step_table(title, steps)
    yield from _small_study_sentences(findings)
    yield from _bayesian_sentences(findings)


def _table(first: str, columns: tuple[str, ...], rows: list[Row]) -> Table:
    return Table((words(first, greedy=True), *map(number, columns)), rows, framed=False, fills=True)


def _study_table(findings: Findings) -> Table:
    effects, rows = findings.table, list[Row]()
    scale = max(abs(estimate) for estimate in effects.estimates)
    for study, yi, vi, weight in zip(
        effects.studies, effects.estimates, effects.variances, findings.analysis.weights, strict=True
    ):
        half_width = critical_value(0.95) * math.sqrt(vi)
        interval = _range((yi - half_width, yi + half_width), scale)
        rows.append((study, _short(yi, scale), interval, f"{weight:.1%}"))
    return _table("study", ("effect", "95% interval", "weight"), rows)


def _coefficient_table(analysis: MetaAnalysis) -> Table:
    scale = max(abs(one.estimate) for one in analysis.coefficients)
    rows = [
        (one.name, _short(one.estimate, scale), _range(one.ci95, scale), _p(one.p))
        for one in analysis.coefficients
    ]
    return _table("coefficient", ("estimate", "95% interval", "p"), [*rows])


def _step_table(title: str, steps: tuple[Reanalysis, ...]) -> Table:
    scale, rows = max(abs(step.analysis.estimate) for step in steps), list[Row]()
    for step in steps:
        one = step.analysis
        interval = _range(one.ci95, scale)
        rows.append(
            (step.study, _short(one.estimate, scale), interval, _short(one.tau2, scale), f"{one.i2:.1f}%")
        )
    return _table(title, ("estimate", "95% interval", "tau2", "I2"), rows)


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


def _short(value: float, scale: float = 0.0) -> str:
    """Return a number in four figures; what is negligible beside others of a size is 0."""
    return short_text(value, 4, scale=scale)


def _range(limits: tuple[float, float], scale: float = 0.0) -> str:
    return f"{_short(limits[0], scale)} to {_short(limits[1], scale)}"


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"
