"""The options that commands on trials share, and how a protocol is found by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import click

from calor.cli.assignments import assigned, set_option
from calor.cli.number_types import SEED, WORKERS, Number, Whole
from calor.core.errors import InputError
from calor.population.posterior import Posterior, read_posterior
from calor.population.posteriors import Shipped, shipped_posterior
from calor.study import Protocol
from calor.study.library import trial_ids
from calor.trial.bank.basis import PRIOR
from calor.trial.bank.default_posterior import default_posterior
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.published import published_protocol
from calor.trial.protocols.reading import read_protocol

YAML_ENDINGS = {".yaml", ".yml"}

Command = TypeVar("Command", bound=Callable[..., Any])

posterior_option = click.option(
    "--posterior",
    metavar="product|validation|prior|FILE",
    default=None,
    help="Where worlds are drawn from: a shipped posterior, the priors, or a file of calor calibrate.  "
    "[default: validation for held-back trials, else product; the priors where none ships]",
)

_OPTIONS = (
    click.option(
        "--seed",
        type=SEED,
        default=1,
        show_default=True,
        help="Seed of every random number.",
    ),
    click.option(
        "--workers",
        type=WORKERS,
        default=None,
        help="Threads; changes no number.  [default: all cores]",
    ),
    click.option(
        "--worlds",
        type=Whole(2, 10_000),
        default=40,
        show_default=True,
        help="Draws of what is uncertain about everybody, under each rival.",
    ),
    click.option(
        "--replicates",
        type=Whole(100, 1_000_000),
        default=2000,
        show_default=True,
        help="Simulated trials.",
    ),
    click.option(
        "--mc-error",
        type=Number(0.0005, 0.5),
        default=None,
        help="More trials and worlds until power, assurance and type I error are known this well (1 SE).",
    ),
    posterior_option,
    click.option(
        "--assume-effect",
        type=Number(-100, 100),
        default=None,
        help="Effect on the endpoint, active minus control, to assume instead of the drugs' own.",
    ),
    set_option("the typical value of a number of disease, measurement or drug"),
)


def simulation_options(command: Command) -> Command:
    """Give a command the options of a simulation."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_of(
    seed: int, workers: int | None, worlds: int, replicates: int, mc_error: float | None
) -> RunSettings:
    """Return the size of a run from the options."""
    return RunSettings(
        seed=seed,
        workers=workers or os.cpu_count() or 1,
        worlds=worlds,
        replicates=replicates,
        decision_error=mc_error,
    )


def scenario_of(
    posterior: str | None,
    assume_effect: float | None = None,
    roles: Collection[str] = (),
    assignments: tuple[tuple[str, float], ...] = (),
) -> Scenario:
    """Return where the effect comes from.

    Arguments: the name of a shipped posterior, `prior`, the path of a posterior, or None for the one that
    trials of some roles take; an assumed effect; those roles; and numbers to hold at another value. Raises
    InputError for what is no posterior.
    """
    return Scenario(posterior_of(posterior, roles), assume_effect, assigned(assignments))


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
