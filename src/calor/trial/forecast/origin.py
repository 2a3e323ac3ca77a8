"""What a frozen forecast rests on: the posterior."""

from __future__ import annotations

from typing import Any

from calor.trial.bank.basis import Basis


def rests_on(basis: Basis) -> dict[str, Any]:
    """Return the posterior of a forecast; under the priors, which leave nothing out, no list is kept."""
    found = basis.to_document()
    return found if basis.scenario.posterior else {**found, "left_to_prior": None}
