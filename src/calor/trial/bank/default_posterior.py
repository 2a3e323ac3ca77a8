"""The posterior that a trial is simulated under where none is named."""

from __future__ import annotations

from collections.abc import Collection

from calor.population.posterior import Posterior
from calor.population.posteriors import Shipped, shipped_posterior
from calor.study.study import HELD_BACK


def default_posterior(roles: Collection[str] = ()) -> Posterior | None:
    """Return the posterior under which trials of some roles are simulated; None: the priors, none ships.

    `validation`, which the results of held-back trials did not enter, where one of the trials is held back;
    else `product`.
    """
    return shipped_posterior(Shipped.VALIDATION if HELD_BACK in roles else Shipped.PRODUCT)
