"""The options that commands on trials share, and how a protocol is found by name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from calor.cli.assignments import assigned, set_option
from calor.cli.number_types import SEED, WORKERS, Number, Whole
from calor.trial.bank.run_bounds import ASSUMED_EFFECT, MC_ERROR, REPLICATES, WORLDS

if TYPE_CHECKING:
    from calor.core.executors.opening import Workers
    from calor.trial.bank.scenario import Scenario
    from calor.trial.bank.settings import RunSettings

posterior_option = click.option(
    "--posterior",
    metavar="product|validation|prior|FILE",
    default=None,
    help="Where worlds are drawn from: a shipped posterior, the priors, or a file of calor calibrate.  "
    "[default: validation for held-back trials, else product; the priors where none ships]",
)

cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    default=None,
    help="Work on a Dask cluster (tcp://HOST:PORT), or on N processes here (local:N); changes no number.",
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
    cluster_option,
    click.option(
        "--worlds",
        type=Whole(*WORLDS),
        default=40,
        show_default=True,
        help="Draws of what is uncertain about everybody, under each rival.",
    ),
    click.option(
        "--replicates",
        type=Whole(*REPLICATES),
        default=2000,
        show_default=True,
        help="Simulated trials.",
    ),
    click.option(
        "--mc-error",
        type=Number(*MC_ERROR),
        default=None,
        help="More trials and worlds until power, assurance and type I error are known this well (1 SE).",
    ),
    posterior_option,
    click.option(
        "--assume-effect",
        type=Number(*ASSUMED_EFFECT),
        default=None,
        help="Effect on the endpoint, active minus control, to assume instead of the drugs' own.",
    ),
    set_option("the typical value of a number of disease, measurement or drug"),
)


@dataclass(frozen=True)
class Asked:
    """What the options of a simulation ask for."""

    seed: int
    workers: int | None
    cluster: str | None
    worlds: int
    replicates: int
    mc_error: float | None
    posterior: str | None
    assume_effect: float | None
    assignments: tuple[tuple[str, float], ...]

    def settings(self) -> RunSettings:
        """Return the size of the run."""
        return settings_of(self.seed, self.worlds, self.replicates, self.mc_error)

    @property
    def who(self) -> Workers:
        """Who works."""
        from calor.core.executors.opening import Workers  # help is answered without it

        return Workers(self.workers, self.cluster)

    def scenario(self, roles: Collection[str]) -> Scenario:
        """Return where the effect of trials of some roles comes from; raises as `scenario_of` does."""
        return scenario_of(self.posterior, self.assume_effect, roles, self.assignments)


def simulation_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a simulation, as one argument `asked`."""
    names = tuple(field.name for field in fields(Asked))

    @wraps(command)
    def with_asked(**given: Any) -> None:
        command(asked=Asked(**{name: given.pop(name) for name in names}), **given)

    decorated: Callable[..., None] = with_asked
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


def settings_of(seed: int, worlds: int, replicates: int, mc_error: float | None) -> RunSettings:
    """Return the size of a run from the options."""
    from calor.trial.bank.settings import RunSettings  # help is answered without numpy

    return RunSettings(
        seed=seed,
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
    from calor.trial.bank.scenario import Scenario
    from calor.trial.runs.named import posterior_of

    return Scenario(posterior_of(posterior, roles), assume_effect, assigned(assignments))
