"""A weighed PEtab problem, for people and for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType

from calor.engine.petab.assessment import Assessment
from calor.engine.petab.problem import PetabProblem
from calor.report.numbers import general_text
from calor.report.tables import Table, label, number

MOST_NAMED = 10
"""Parameters beyond their prior that are named."""


def petab_document(problem: PetabProblem, assessment: Assessment) -> dict[str, Any]:
    """Return the document: sums, every observable, every measurement."""
    log_posterior = None
    if assessment.log_prior is not None and not assessment.beyond_priors:
        log_posterior = assessment.log_likelihood + assessment.log_prior
    rows = zip(
        problem.measurements,
        assessment.simulated.tolist(),
        assessment.noise.tolist(),
        assessment.residuals.tolist(),
        assessment.log_densities.tolist(),
        strict=True,
    )
    return {
        "problem": problem.file,
        "format_version": problem.version,
        "n_measurements": len(problem.measurements),
        "n_experiments": len(problem.experiments),
        "n_estimated": sum(parameter.estimated for parameter in problem.parameters.values()),
        "log_likelihood": assessment.log_likelihood,
        "chi2": assessment.chi2,
        "log_prior": None if assessment.beyond_priors else assessment.log_prior,
        "log_posterior": log_posterior,
        "beyond_priors": assessment.beyond_priors,
        "observables": [
            {
                "observable": each.name,
                "n": each.count,
                "log_likelihood": each.log_likelihood,
                "chi2": each.chi2,
            }
            for each in assessment.observables
        ],
        "measurements": [
            {
                "observable": row.observable,
                "experiment": row.experiment,
                "time": row.cells["time"],
                "measurement": row.value,
                "simulation": simulated,
                "noise": noise,
                "residual": residual,
                "log_likelihood": density,
            }
            for row, simulated, noise, residual, density in rows
        ],
        "parameters": dict(assessment.theta),
    }


def petab_parts(document: dict[str, Any]) -> Sequence[RenderableType]:
    """Return the texts and tables of a document."""
    of_observables = Table(
        [label("observable"), number("measurements"), number("log-likelihood"), number("chi squared")],
        [
            (each["observable"], f"{each['n']:,}", _text(each["log_likelihood"]), _text(each["chi2"]))
            for each in document["observables"]
        ],
    )
    counts = (
        f"PEtab version {document['format_version']}: measurements {document['n_measurements']:,}, "
        f"experiments {document['n_experiments']:,}, estimated parameters {document['n_estimated']:,}"
    )
    sums = f"log-likelihood {_text(document['log_likelihood'])}, chi squared {_text(document['chi2'])}"
    return [counts, of_observables, sums, _about_priors(document)]


def _about_priors(document: dict[str, Any]) -> str:
    beyond = document["beyond_priors"]
    if beyond:
        named = ", ".join(beyond[:MOST_NAMED]) + (", ..." if len(beyond) > MOST_NAMED else "")
        return f"no log posterior: the prior is 0 at the value of {named}"
    if document["log_prior"] is None:
        return "no priors"
    return f"log prior {_text(document['log_prior'])}, log posterior {_text(document['log_posterior'])}"


def _text(value: float) -> str:
    return general_text(value, 0.0, figures=8)
