"""What a frozen forecast rests on: the posterior, and what of the study was assumed."""

from __future__ import annotations

from typing import Any

from calor.study.study import Study
from calor.trial.bank.basis import Basis


def rests_on(basis: Basis) -> dict[str, Any]:
    """Return the posterior of a forecast; under the priors, which leave nothing out, no list is kept."""
    found = basis.to_document()
    return found if basis.scenario.posterior else {**found, "left_to_prior": None}


def assumed_in(study: Study) -> dict[str, str]:
    """Return what of a study was not read, with the reason of each assumption."""
    return {key: graded.assumed for key, graded in study.provenance.items() if graded.assumed is not None}
