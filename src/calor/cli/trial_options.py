"""The options that commands on trials share, and how a protocol is found by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from calor.core.errors import InputError
from calor.population.posterior import read_posterior
from calor.trial.protocol import Protocol
from calor.trial.published import published_ids, published_protocol
from calor.trial.reading import read_protocol
from calor.trial.scenario import Scenario
from calor.trial.settings import RunSettings

YAML_ENDINGS = {".yaml", ".yml"}

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=1,
        show_default=True,
        help="Seed of every random number.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(1, 256),
        default=None,
        help="Threads; changes no number.  [default: all cores]",
    ),
    click.option(
        "--worlds",
        type=click.IntRange(2, 10_000),
        default=40,
        show_default=True,
        help="Draws of what is uncertain about everybody, under each rival.",
    ),
    click.option(
        "--replicates",
        type=click.IntRange(100, 1_000_000),
        default=2000,
        show_default=True,
        help="Simulated trials.",
    ),
    click.option(
        "--mc-error",
        type=click.FloatRange(0.0005, 0.5),
        default=None,
        help="Simulate more trials until power and type I error are known this well (one standard error).",
    ),
    click.option(
        "--posterior",
        type=click.Path(path_type=Path),
        default=None,
        help="Posterior file (calor calibrate) to draw worlds from, instead of the priors.",
    ),
    click.option(
        "--assume-effect",
        type=click.FloatRange(-100, 100),
        default=None,
        help="Effect on the endpoint, active minus control, to assume instead of the drugs' own.",
    ),
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


def scenario_of(posterior: Path | None, assume_effect: float | None) -> Scenario:
    """Return where the effect comes from. Raises InputError for a file that is no posterior."""
    return Scenario(read_posterior(posterior) if posterior else None, assume_effect)


def find_protocol(name: str) -> Protocol:
    """Return the protocol of a file or of a published trial. Raises InputError for anything else."""
    if name in published_ids():
        return published_protocol(name)
    if Path(name).suffix.lower() in YAML_ENDINGS or Path(name).exists():
        return read_protocol(Path(name))
    raise InputError.of(
        f"{name!r} is neither a published trial nor a file",
        key="PROTOCOL",
        allowed=f"a .yaml file, or {', '.join(published_ids())}",
        hint="calor trials lists the published trials",
    )
