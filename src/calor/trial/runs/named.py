"""Protocols and posteriors by the names that people give: an id or a word that ships, or a file."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from calor.core.errors import InputError, UnsupportedError
from calor.population.posterior import Posterior, known_before_year, read_posterior
from calor.population.posteriors import Shipped, shipped_posterior
from calor.study import Protocol
from calor.study.library import trial_ids
from calor.trial.bank.basis import PRIOR
from calor.trial.bank.default_posterior import default_posterior
from calor.trial.bank.scenario import Scenario
from calor.trial.protocols.published import published_protocol
from calor.trial.protocols.reading import read_protocol

YAML_ENDINGS = {".yaml", ".yml"}


def posterior_of(name: str | None, roles: Collection[str] = ()) -> Posterior | None:
    """Return a posterior by name or path, or None for the priors. Raises InputError for anything else.

    Without a name it is the one that trials of some roles take.
    """
    if name is None:
        return default_posterior(roles)
    if name == PRIOR:
        return None
    if name not in list(Shipped):
        return read_posterior(Path(name))
    posterior = shipped_posterior(Shipped(name))
    if posterior is None:
        raise InputError.of(
            f"no posterior {name!r} ships with this copy of calor",
            key="--posterior",
            allowed="prior, or a file",
            hint="calor calibrate makes one",
        )
    return posterior


def find_protocol(name: str) -> Protocol:
    """Return the protocol of a file or of a published trial. Raises InputError for anything else."""
    if name in trial_ids():
        return published_protocol(name)
    if Path(name).suffix.lower() in YAML_ENDINGS or Path(name).exists():
        return read_protocol(Path(name))
    near = [one for one in trial_ids() if name.lower() in one] or get_close_matches(name, trial_ids())
    raise InputError.of(
        f"{name!r} is neither a published trial nor a file",
        key="PROTOCOL",
        allowed=f"a .yaml file, or {', '.join(trial_ids())}",
        hint=f"did you mean {', '.join(near)}?" if near else "calor trials lists the published trials",
    )


def scenario_of(name: str | None, known_before: int | None) -> Scenario:
    """Return where worlds are drawn from: a posterior by name, or the one of what was known before a year.

    Raises UnsupportedError for a posterior that may rest on what was found later.
    """
    ships = Shipped.KNOWN_BEFORE_2013
    if name is None and known_before is not None and known_before == known_before_year(str(ships)):
        name = str(ships)
    return known_scenario(posterior_of(name), known_before)


def known_scenario(posterior: Posterior | None, known_before: int | None) -> Scenario:
    """Return worlds of a posterior (None: of the priors) that may rest only on what was known before a year.

    Raises UnsupportedError for one that may rest on what was found later.
    """
    if posterior is not None and known_before is not None:
        known = known_before_year(str(posterior.made_of.get("kind", "")))
        if known is None or known > known_before:
            raise UnsupportedError.of(
                f"the posterior {posterior.name} was not fitted to what was known before {known_before}",
                key="--known-before",
                allowed="a posterior that was (--posterior FILE; that of 2013 ships), or --posterior prior",
                hint=f"make one: calor calibrate --known-before {known_before} --out fit",
            )
    return Scenario(posterior)
