"""Over seeds, the headline numbers of a trial spread as much as their reported errors say."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.model.parameters import ParameterTable
from calor.population.measurement import load_measurement
from calor.population.posterior import Posterior
from calor.study import Protocol
from calor.trial.bank.bank import Bank
from calor.trial.designs.replicates import ReplicateSimulator
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.plan import plan_of
from calor.trial.results.characteristics import power_of, type_one_error
from calor.trial.results.monte_carlo import WithError
from calor.trial.results.over_cells import over_cells
from calor.trial.results.truth import truth_of
from tests.trial.made_up import bank_of, protocol, with_level

SCRIPT = Path(__file__).parents[2] / "scripts" / "statistics" / "seed_spread.py"
ENDPOINT = "endpoint: {variable: pain-diary, from_day: 8, to_day: 10}\n"
ONE_SIDED = "analysis: {method: ancova, alpha: 0.025, sided: 1}\n"
DESIGNS = {
    "parallel": "design: {type: parallel}\npatients: 40\n" + ENDPOINT + "analysis: {method: ancova}\n",
    "crossover": "design: {type: crossover, period_days: 10, washout_days: 4}\npatients: 16\n"
    + ENDPOINT
    + "analysis: {method: crossover}\n",
    "group-sequential": "design: {type: group-sequential, looks: [0.5, 1.0]}\npatients: 40\n"
    + ENDPOINT
    + ONE_SIDED,
    "enrichment": "design: {type: adaptive-enrichment, subgroup: {by: duration, below: 12},"
    " interim_patients: 20}\npatients: 40\n" + ENDPOINT + ONE_SIDED,
}
SEEDS, WORLDS, PER_WORLD, REPLICATES = 40, 20, 20, 300


def bank_of_seed(trial: Protocol, posterior: Posterior, table: ParameterTable, seed: int) -> Bank:
    """Return a bank with the worlds that a seed draws, whose effect is the first parameter's score."""
    name = posterior.names[0]
    worlds = np.log(posterior.worlds(table, "a", Stream(seed), WORLDS)[name] / table[name].value)
    effect = np.repeat(0.5 * worlds / table[name].prior_sd - 0.4, PER_WORLD)
    bank = bank_of(trial, n=WORLDS * PER_WORLD, n_cells=WORLDS, seed=seed)
    marked = bank_of(trial, {"active": 1.0}, n=WORLDS * PER_WORLD, n_cells=WORLDS, seed=seed)
    pain = bank.pain + (marked.pain - bank.pain) * effect[:, None]
    return with_level(bank, pain)


def of_seed(trial: Protocol, posterior: Posterior, table: ParameterTable, seed: int) -> dict[str, WithError]:
    bank = bank_of_seed(trial, posterior, table, seed)
    off = bank.mechanism_off(layout_of(trial).control_throughout)
    found, null = (
        ReplicateSimulator(plan_of(trial), each, seed, np.ones(1)).run(REPLICATES, Silent())
        for each in (bank, off)
    )
    true = truth_of(plan_of(trial), bank, seed, copies=2).by_cell(bank)[:, 0]
    return {
        "effect": over_cells(bank.cells, true, np.ones(1)).mean,
        "power": power_of(bank, found),
        "type I error": type_one_error(off, null),
    }


def ratios(runs: list[dict[str, WithError]]) -> dict[str, float]:
    """Return the variance over seeds over the mean of the reported ones, by statistic."""
    return {
        name: float(
            np.var([run[name].value for run in runs], ddof=1)
            / np.mean([run[name].mc_error ** 2 for run in runs])
        )
        for name in runs[0]
    }


@pytest.mark.parametrize("design", DESIGNS)
def test_errors_hold_over_seeds_with_worlds_from_a_posterior(design: str) -> None:
    trial, table = protocol(DESIGNS[design]), load_measurement()
    draws = np.random.default_rng(2).normal(size=(2000, 1))
    posterior = Posterior(("diary_day_noise",), {"a": draws}, {"a": 1.0}, {})
    runs = [of_seed(trial, posterior, table, seed) for seed in range(1, SEEDS + 1)]
    for name, ratio in ratios(runs).items():
        # Worlds that did not depend on the seed left a ratio near 0 for the effect.
        assert ratio == pytest.approx(1.0, abs=3.5 * np.sqrt(2 / (SEEDS - 1))), name
        assert ratio > 0.3, name


def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script as a module; its dataclasses look themselves up among the loaded ones."""
    spec = importlib.util.spec_from_file_location("seed_spread", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "seed_spread", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("design", ["parallel", "crossover", "group-sequential", "adaptive-enrichment"])
def test_errors_hold_over_seeds_under_the_product_posterior(
    design: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = script(monkeypatch)
    spread: Callable[..., dict[str, object]] = module.spread_over_seeds
    for name, ratio in spread(module.protocol_of(design), 10, 12, 400).items():
        if name != "bias":
            assert abs(ratio.value - 1) < 3.5 * ratio.error, name  # type: ignore[attr-defined]
