"""`calor meta`: meta-analysis of any table of effects."""

from __future__ import annotations

from pathlib import Path

import click

from calor.cli.console import console, error_console, print_json, watched
from calor.cli.number_types import SEED, Number
from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.table import read_effect_table


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
    # What pools takes long to load; what is wrong with a table is said without it.
    from calor.evidence.synthesis.plan import Plan
    from calor.report.pooled_document import analyse_named, pooled_document, priors_of
    from calor.report.pooled_text import parts_of_meta_analysis

    priors = priors_of(tau_scale, prior_sd)
    plan = Plan(Method(method.upper()), knapp_hartung, leaving_out, accumulating, small_study, priors)
    with watched() as progress:
        findings = analyse_named(table, plan, str(file), progress)
    if as_json:
        print_json(pooled_document(str(file), findings))
    else:
        for warning in table.warnings:
            error_console().print(f"warning: {warning}", style="yellow", soft_wrap=True)
        for part in parts_of_meta_analysis(findings, str(file)):
            console().print(part)
